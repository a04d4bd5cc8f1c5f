"""Letters about decisions to customers whom no mail reaches (DISC-3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Address, Customer, User
from accounts.roles import Role
from accounts.services.opening import open_account
from bizsecure.conduct.models import Decision, DecisionLetter
from bizsecure.conduct.reasons import Reason
from bizsecure.conduct.services.reviewing import lift
from bizsecure.conduct.services.writing_letters import record_letter
from tests.builders import DAY, look_at, member
from tests.conduct.deciding import EVIDENCE, MATTER, decided, refusal
from tests.pages.browsing import signed_in_as, text

LETTERS = reverse("admin:conduct_decision_letters_page")


@pytest.fixture
def pen(desk: User) -> Customer:
    """Give a customer who writes letters and has no sign-in."""
    pen = open_account(user=None, name="Pen Paper", email="", now=timezone.now() - 400 * DAY)
    Address.objects.create(customer=pen, street="12 Fletcher Lane", city="Dover", country="US")
    return pen


@pytest.fixture
def decision(pen: Customer, desk: User) -> Decision:
    """Give a decision about them."""
    return decided(pen, desk)


def letter_of(decision: Decision) -> str:
    return reverse("admin:conduct_letter", args=[decision.pk])


def post(browser: Client, decision: Decision) -> Any:
    """Say that the letter is in the post as it was printed."""
    form = browser.get(letter_of(decision)).context["form"]
    return browser.post(letter_of(decision), {"upto": form["upto"].value()})


def due() -> list[Decision]:
    return list(Decision.objects.to_be_told_by_letter())


def test_whom_no_mail_reaches_is_told_by_a_letter(decision: Decision, desk: User) -> None:
    browser = signed_in_as(desk)
    assert "Letters about decisions about conduct" in browser.get(reverse("admin:index")).text
    assert letter_of(decision) in browser.get(LETTERS).text
    shown = text(browser.get(letter_of(decision)))
    for piece in ("Pen Paper", "12 Fletcher Lane", decision.number, MATTER, EVIDENCE, "section 3"):
        assert piece in shown
    for _twice in range(2):
        assert post(browser, decision)["Location"] == LETTERS
    sent = DecisionLetter.objects.get()
    assert (sent.decision, sent.review, sent.sent_by) == (decision, None, desk)
    assert letter_of(decision) not in browser.get(LETTERS).text
    assert "It is in the post" not in text(browser.get(letter_of(decision)))


def test_what_became_of_it_is_told_by_a_further_letter(
    decision: Decision, desk: User, officer: User
) -> None:
    browser = signed_in_as(desk)
    post(browser, decision)
    assert due() == []

    look_at(decision.customer, officer)
    lift(decision=decision, words="It was somebody else.", actor=Actor.staff(officer))

    assert due() == [decision]
    assert "It was somebody else." in text(browser.get(letter_of(decision)))
    post(browser, decision)
    assert due() == []
    assert list(DecisionLetter.objects.values_list("review__kind", flat=True)) == [None, "lifted"]


def test_what_happened_after_it_was_printed_is_due_again(
    decision: Decision, desk: User, officer: User
) -> None:
    look_at(decision.customer, officer)
    lift(decision=decision, words="It was somebody else.", actor=Actor.staff(officer))

    assert record_letter(decision=decision, upto=0, actor=Actor.staff(desk)) == 1
    assert due() == [decision]


def test_no_letter_is_recorded_for_who_is_told_by_mail(alice: Customer, desk: User) -> None:
    decision = decided(alice, desk)
    assert due() == []
    facts = {"decision": decision, "upto": 0, "actor": Actor.staff(desk)}
    assert refusal(record_letter, **facts) == Reason.TOLD_BY_MAIL


def test_a_letter_opens_for_nobody_without_both_rights(decision: Decision) -> None:
    for role in (Role.BILLING, Role.AUDITOR):
        browser = signed_in_as(member(role))
        for page in (LETTERS, letter_of(decision)):
            assert browser.get(page).status_code == 403


def test_a_letter_opens_behind_the_doors_of_the_record(decision: Decision, officer: User) -> None:
    answer = signed_in_as(officer).get(letter_of(decision))
    assert answer.status_code == 302
    assert "Location" in answer


def test_a_letter_tells_of_its_own_decision_alone(
    decision: Decision, pen: Customer, desk: User, officer: User
) -> None:
    other = decided(pen, desk)
    look_at(pen, officer)
    review = lift(decision=other, words="It was somebody else.", actor=Actor.staff(officer))
    with pytest.raises(IntegrityError, match="of its own decision"), transaction.atomic():
        DecisionLetter.objects.create(
            decision=decision, review=review, sent_by=desk, sent_at=timezone.now()
        )
