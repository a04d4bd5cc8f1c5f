"""What happened to an account is told by mail, once, from ledgers of rooms that know no mail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor, Channel
from accounts.event_kinds import EventKind
from accounts.models import Customer, User
from accounts.roles import Role
from accounts.services.acting import Asked, change_details_for
from accounts.services.logging_events import record_event
from accounts.services.personal import personal_details, update_personal_information
from consent.models import PolicyVersion
from consent.services.acting import decide_for
from notifications.kinds import KINDS
from notifications.services.telling_events import (
    EVENT_MAILS,
    STAFF_EVENT_MAILS,
    tell_of_events,
)
from tests.builders import DAY, look_at, member
from tests.pages.conftest import DETAILS
from tests.postbox import Postbox


def happened(customer: Customer, kind: EventKind) -> None:
    record_event(customer=customer, kind=kind, actor=SYSTEM, now=timezone.now())


def test_changed_details_are_told_once_and_without_the_details(
    alice: Customer, postbox: Postbox
) -> None:
    actor = Actor.customer(alice.user)
    update_personal_information(
        customer=alice, details=DETAILS, revision=alice.revision, actor=actor
    )
    assert tell_of_events() == 1
    assert tell_of_events() == 0
    (mail,) = postbox
    assert mail.to == [alice.email]
    assert mail.subject == "Your details were changed"
    assert "- telephone number" in mail.body
    assert DETAILS.telephone not in mail.body
    assert DETAILS.street not in mail.body


@pytest.mark.parametrize("kind", EVENT_MAILS)
def test_each_event_has_a_mail_of_its_kind(
    alice: Customer, postbox: Postbox, kind: EventKind
) -> None:
    happened(alice, kind)
    assert tell_of_events() == 1
    assert postbox[0].kind == EVENT_MAILS[kind]
    assert KINDS[EVENT_MAILS[kind]].is_essential


def test_what_has_a_mail_is_what_its_customer_hears_of_at_once() -> None:
    assert {kind for kind in EventKind if kind.is_news} == {*EVENT_MAILS, *STAFF_EVENT_MAILS}


def test_a_worker_is_started_as_soon_as_there_is_news(
    alice: Customer, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        happened(alice, EventKind.SIGNED_IN)
    assert callbacks == []
    with django_capture_on_commit_callbacks() as callbacks:
        happened(alice, EventKind.RECOVERY_CODE_USED)
        update_personal_information(
            customer=alice,
            details=DETAILS,
            revision=alice.revision,
            actor=Actor.customer(alice.user),
        )
    assert len(callbacks) == 1


def test_what_nobody_needs_a_mail_about_is_not_told(alice: Customer) -> None:
    happened(alice, EventKind.SIGNED_IN)
    assert tell_of_events() == 0


def test_after_days_of_silence_nothing_is_forgotten(alice: Customer, clock: Traveller) -> None:
    happened(alice, EventKind.CLOSING_REQUESTED)
    clock.shift(9 * DAY)
    assert tell_of_events() == 1


def test_old_records_make_no_mail(alice: Customer, clock: Traveller) -> None:
    happened(alice, EventKind.CLOSING_REQUESTED)
    clock.shift(31 * DAY)
    assert tell_of_events() == 0


def test_somebody_without_an_address_is_passed_over(
    alice: Customer, bob: Customer, postbox: Postbox
) -> None:
    Customer.objects.filter(pk=alice.pk).update(email="", email_verified_at=None)
    happened(alice, EventKind.CLOSING_REQUESTED)
    happened(bob, EventKind.CLOSING_REQUESTED)
    assert tell_of_events() == 1
    assert postbox[0].to == [bob.email]


def test_what_staff_wrote_down_for_a_customer_is_told_with_what_it_was(
    alice: Customer, change: PolicyVersion, postbox: Postbox
) -> None:
    sam = member(Role.SUPPORT)
    look_at(alice, sam)
    asked = Asked(Channel.PHONE, timezone.localdate(), "C-9")
    decisions = {"uptime-watch": True, "product-news": False}
    decide_for(customer=alice, decisions=decisions, asked=asked, actor=Actor.staff(sam))
    assert tell_of_events() == 1
    assert tell_of_events() == 0
    (mail,) = postbox
    assert mail.to == [alice.email]
    assert mail.subject == "We wrote down your decision"
    assert "- You said yes: May we use your name for uptime-watch?" in mail.body
    assert "- You said no: May we use your name for product-news?" in mail.body


def test_a_second_factor_that_staff_removed_is_told(alice: Customer, postbox: Postbox) -> None:
    record_event(
        customer=alice,
        kind=EventKind.FACTOR_REMOVED,
        actor=Actor.staff(User.objects.create_user("sam@example.com", is_staff=True)),
        now=timezone.now(),
    )
    # Of her own removal the page that removes it tells her.
    happened(alice, EventKind.FACTOR_REMOVED)
    assert tell_of_events() == 1
    assert postbox[0].subject == "The second step of your sign-in was removed"


def test_what_staff_changed_by_a_file_is_told_as_their_work(
    alice: Customer, postbox: Postbox
) -> None:
    bill = member(Role.BILLING)
    look_at(alice, bill)
    asked = Asked(Channel.IMPORT, timezone.localdate(), "L-3")
    details = replace(personal_details(alice), city="Trenton")
    change_details_for(
        customer=alice, details=details, revision=0, asked=asked, actor=Actor.staff(bill)
    )
    assert tell_of_events() == 1
    assert postbox[0].subject == "We changed your details for you"
