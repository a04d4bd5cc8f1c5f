"""Announcements for tests, written, agreed to and sent by the services that staff use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Customer, User
from notifications.kinds import KindKey
from notifications.models import Announcement
from notifications.services.releasing import (
    AnnouncementDraft,
    agree,
    plan,
    release_due,
    write_announcement,
)

NEWS = """Our hosting has **two new things**.

- Backups every hour
- A [status page](https://status.bizsecure.com/)
"""
TRANSFER = {
    "buyer": "Harbor Hosting Inc.",
    "part": "shared hosting",
    "happens_on": date(2027, 3, 1),
}


def staff(name: str) -> User:
    """Return a member of staff, the same for the same name."""
    user, _created = User.objects.get_or_create(
        email=f"{name}@bizsecure.com", defaults={"is_staff": True}
    )
    return user


def a_draft(
    kind: KindKey = KindKey.PRODUCT_NEWS,
    audience: str = "everyone",
    facts: Mapping[str, Any] | None = None,
    text: str = NEWS,
) -> AnnouncementDraft:
    """Return what somebody wrote; a transfer with the buyer, the part and the date."""
    more = TRANSFER if kind == KindKey.BUSINESS_TRANSFER else {}
    return AnnouncementDraft(
        kind=kind,
        subject=f"About {kind.value}",
        text=text,
        audience=audience,
        audience_facts=facts or {},
        **more,  # type: ignore[arg-type]
    )


def written(draft: AnnouncementDraft | None = None, by: str = "wendy") -> Announcement:
    """Let a member of staff write a message to many."""
    return write_announcement(draft=draft or a_draft(), actor=Actor.staff(staff(by)))


def agreed(announcement: Announcement, by: str = "victor") -> Announcement:
    """Let another one agree to it."""
    agree(
        announcement=announcement,
        fingerprint=announcement.fingerprint,
        actor=Actor.staff(staff(by)),
    )
    return announcement


def sent(announcement: Announcement) -> Announcement:
    """Send it now: put it into the outbox."""
    plan(announcement=announcement, at=timezone.now(), actor=Actor.staff(staff("wendy")))
    release_due()
    announcement.refresh_from_db()
    return announcement


def exactly(*customers: Customer) -> dict[str, list[str]]:
    """Return the facts of an audience of exactly these."""
    return {"numbers": [customer.number for customer in customers]}


def told_exactly(kind: KindKey, *customers: Customer) -> Announcement:
    """Write, agree to and send an essential message to exactly these customers."""
    return sent(agreed(written(a_draft(kind, "numbers", exactly(*customers)))))
