"""A customer of whom everything is known that can be known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import Actor
from accounts.models import Customer, User
from accounts.roles import Role
from accounts.services.changing_address import request_address_change
from accounts.services.downloading import request_download
from accounts.services.personal import PersonalDetails, update_personal_information
from bizsecure.vault.models import Card
from consent.models import PolicyVersion
from notifications.kinds import KindKey
from notifications.models import OutgoingMail
from notifications.services.announcing import announce_changes
from notifications.services.casework import open_case
from tests.builders import DAY, member, say_no, say_yes
from tests.conduct.deciding import EVIDENCE, MATTER, acceptable_use, decided
from tests.environment import PRODUCTION
from tests.notifications.announced import told_exactly
from tests.pages.browsing import signed_in, signed_in_as
from tests.passkeys import Passkey
from tests.paying import a_card
from tests.remembered import remembered
from tests.services import ROOT
from tests.store.buying import held

HOST = "www.bizsecure.com"
NAMES = ("SECURE", "SESSION_COOKIE", "CSRF_COOKIE", "COOKIE_PREFIX", "ALLOWED_HOSTS", "SITE_URL")
PRINT = f"""
import json, bizsecure.settings
print(json.dumps({{
    name: value for name, value in vars(bizsecure.settings).items() if name.startswith({NAMES})
}}))
"""

DETAILS = PersonalDetails(
    name="Alice Adams",
    telephone="+1 201-555-0142",
    time_zone="America/New_York",
    street="77 Foundry Row",
    extra="The Old Dairy",
    city="Hobokenville",
    region="New Jersey",
    postcode="07099",
    country="US",
    company="Adams & Daughters",
    postal_street="Box 1402",
    postal_extra="Desk 3",
    postal_city="Weehawkenville",
    postal_region="New York",
    postal_postcode="10001",
    postal_country="US",
)


# Its last four digits stand in no other number on a page.
CARD = "4000056655665556"
# What she wrote to us.
WROTE = "The fence at number 40 is down."
PASSKEY_NAME, DEVICE_FAMILY = "Kitchen laptop", "Firefox on FreeBSD"


@dataclass(frozen=True)
class Belongings:
    """What there is of a customer, and the words that would give her away on a page."""

    customer: Customer
    change: PolicyVersion
    mail: OutgoingMail
    card: Card

    @property
    def secrets(self) -> list[str]:
        """What nobody else may read."""
        return [
            self.customer.number,
            self.customer.email,
            "Alice",
            "Adams",
            "555-0142",
            DETAILS.street,
            DETAILS.extra,
            DETAILS.city,
            DETAILS.postcode,
            "5556",
            PASSKEY_NAME,
            DEVICE_FAMILY,
            WROTE,
            MATTER,
            EVIDENCE,
        ]


@pytest.fixture
def belongings(alice: Customer, change: PolicyVersion) -> Belongings:
    """Give alice a telephone, an address, a mail, a notice, choices, a passkey and a session."""
    mail, card = remembered("belongings", lambda: _collected(alice, change))
    alice.refresh_from_db()
    return Belongings(alice, change, mail, card)


def _collected(alice: Customer, change: PolicyVersion) -> tuple[OutgoingMail, Card]:
    update_personal_information(
        customer=alice,
        details=DETAILS,
        revision=alice.revision,
        actor=Actor.customer(alice.user),
    )
    held(alice)
    announce_changes()
    told_exactly(KindKey.SERVICE_NOTICE, alice)
    request_download(customer=alice, actor=Actor.customer(alice.user))
    open_case(
        topic="question",
        sender_address=alice.email,
        sender_name=alice.name,
        subject="",
        text=WROTE,
        actor=Actor.customer(alice.user),
        customer=alice,
    )
    acceptable_use()
    decided(alice, member(Role.SUPPORT, name="abuse"))
    say_yes(alice, change, "uptime-watch")
    say_no(alice, change, "product-news")
    assert alice.user is not None
    request_address_change(
        user=alice.user, email="alice@elsewhere.example", actor=Actor.customer(alice.user)
    )
    _sign_in_elsewhere(alice)
    mail = OutgoingMail.objects.get(customer=alice, campaign__version=change)
    return mail, a_card(alice, CARD)


def _sign_in_elsewhere(customer: Customer) -> None:
    """Give the customer a passkey, and a session on another device."""
    key = "elsewhere".ljust(32, "0")
    Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + DAY)
    UserSession.objects.create(
        user=customer.user,
        session_key=key,
        ip="198.51.100.7",
        user_agent="Mozilla/5.0 (X11; FreeBSD amd64; rv:140.0) Gecko/20100101 Firefox/140.0",
    )
    request = {"challenge": "Y2hhbGxlbmdl", "rp": {"id": "localhost"}, "user": {"id": "YQ"}}
    made = Passkey().made_for({"creation_options": {"publicKey": request}})
    data = {"name": PASSKEY_NAME, "credential": json.loads(made)}
    Authenticator.objects.create(user=customer.user, type=Authenticator.Type.WEBAUTHN, data=data)


@pytest.fixture
def browsers(belongings: Belongings, bob: Customer, carol: User) -> dict[str, Client]:
    """Give the browsers of a visitor, of her, of another customer, and of staff."""
    return {
        "visitor": Client(),
        "customer": signed_in(belongings.customer),
        "another customer": signed_in(bob),
        "staff": signed_in_as(carol),
    }


@pytest.fixture(scope="session")
def production_values() -> Mapping[str, Any]:
    """Give what differs when the site is served over HTTPS."""
    printed = subprocess.run(
        [sys.executable, "-c", PRINT],
        cwd=ROOT,
        env={**os.environ, **PRODUCTION},
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    values: Mapping[str, Any] = json.loads(printed)
    return values


@pytest.fixture
def production(production_values: Mapping[str, Any], settings: Settings) -> None:
    """Serve the site as `www.bizsecure.com`, over HTTPS."""
    for name, value in production_values.items():
        setattr(settings, name, value)
