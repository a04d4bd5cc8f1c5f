"""What happened to the demonstration's customer before today, told as the services record it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from accounts.actors import SYSTEM, Actor
from accounts.event_kinds import EventKind
from accounts.models import Customer
from accounts.services.logging_events import record_event
from accounts.services.personal import (
    PersonalDetails,
    personal_details,
    update_personal_information,
)

LAPTOP, PHONE = "Firefox on Linux", "Safari on iOS"
# Days ago, what happened, on which device, what it concerned.
EVENTS = (
    (702, EventKind.PASSWORD_CHANGED, LAPTOP, ""),
    (405, EventKind.SIGNED_IN, PHONE, ""),
    (398, EventKind.FACTOR_ADDED, PHONE, "passkey"),
    (398, EventKind.RECOVERY_CODES_MADE, PHONE, ""),
    (212, EventKind.SESSIONS_ENDED, LAPTOP, ""),
    (95, EventKind.PASSWORD_RESET, LAPTOP, ""),
    *((days, EventKind.SIGNED_IN, LAPTOP, "") for days in range(91, 6, -12)),
    (5, EventKind.SIGNED_IN, PHONE, ""),
)


def live_through(*, customer: Customer, details: PersonalDetails, now: datetime) -> None:
    """Let the customer give her details, move once, and sign in now and then until `now`."""
    first = replace(
        details,
        telephone="",
        company="",
        street="77 Foundry Row",
        extra="",
        city="Salem",
        postcode="97301",
        time_zone="America/New_York",
        **dict.fromkeys((name for name in vars(details) if name.startswith("postal_")), ""),
    )
    with_telephone = replace(first, telephone=details.telephone, time_zone=details.time_zone)
    moved = replace(details, company="", postal_street="", postal_city="", postal_region="")
    moved = replace(moved, postal_postcode="", postal_country="")
    for days, known in ((929, first), (701, with_telephone), (398, moved), (33, details)):
        _know(customer, known, now - timedelta(days=days, hours=3))
    for days, kind, device, subject in EVENTS:
        record_event(
            customer=customer,
            kind=kind,
            actor=Actor.customer(customer.user) if device else SYSTEM,
            now=now - timedelta(days=days, minutes=days * 7 % 540),
            device=device,
            subject=subject,
        )


def _know(customer: Customer, details: PersonalDetails, at: datetime) -> None:
    customer.refresh_from_db()
    if details != personal_details(customer):
        update_personal_information(
            customer=customer,
            details=details,
            revision=customer.revision,
            actor=Actor.customer(customer.user),
            now=at,
        )
