"""A page asks the database the same number of questions for one row and for thirty.

The shop, the cart and the policy's own pages are counted beside their other tests.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer
from accounts.services.personal import PersonalDetails, update_personal_information
from consent.models import PolicyVersion
from notifications.models import OutgoingMail
from notifications.services.announcing import announce_changes
from tests.builders import DAY, RUN_ACCOUNT, a_draft, a_use, published, say_no, say_yes, tell
from tests.pages.browsing import give_password, just_proven, signed_in
from tests.pages.conftest import DETAILS

# Session, user and customer are three of each; notices in the banner are two more, messages one.
# The words of a mail in the language it was sent in are one, too.
PAGES = {
    "personal": 9,
    "history": 9,
    "choices": 9,
    "download": 8,
    "close": 9,
    "notice": 6,
    "messages": 9,
    "message": 8,
    "account_email": 9,
    "account_change_password": 5,
    "policy": 6,
    "home": 4,
}


def live_through(customer: Customer, changes: int, clock: Traveller) -> None:
    """Let so many changes be announced to the customer, who answers each of them twice."""
    give_password(customer)
    uses = [RUN_ACCOUNT]
    versions = []
    for number in range(2, changes + 2):
        uses.append(a_use(f"use-{number}"))
        versions.append(published(a_draft(number, *uses)))
        clock.shift(DAY)
    announce_changes()
    for version, use in zip(versions, uses[1:], strict=True):
        tell(customer, version)
        say_yes(customer, version, use.key)
        say_no(customer, version, use.key)
        rename(customer, f"Alice the {version.number}th")


def rename(customer: Customer, name: str) -> None:
    customer.refresh_from_db()
    details = PersonalDetails(**{**vars(DETAILS), "name": name})
    actor = Actor.customer(customer.user)
    update_personal_information(
        customer=customer, details=details, revision=customer.revision, actor=actor
    )


def queries(customer: Customer, name: str) -> int:
    """Return how many questions the page asks; it is opened for the second time."""
    arguments = {
        "notice": [PolicyVersion.objects.of("privacy").latest("number").number],
        "message": [OutgoingMail.objects.filter(customer=customer).latest("pk").pk],
    }
    address = reverse(name, args=arguments.get(name))
    client = just_proven(signed_in(customer))
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


# The overview ends with the log, of which those sources are asked whose entries are on the page.
OVERVIEW = {1: 14, 30: 9}


@pytest.mark.parametrize("changes", [1, 30])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    alice: Customer, clock: Traveller, changes: int
) -> None:
    live_through(alice, changes, clock)
    assert {name: queries(alice, name) for name in PAGES} == PAGES
    assert queries(alice, "overview") == OVERVIEW[changes]


def test_a_customer_of_whom_little_is_known_costs_no_more(
    alice: Customer, change: PolicyVersion
) -> None:
    give_password(alice)
    announce_changes()
    assert all(queries(alice, name) <= most for name, most in PAGES.items())
