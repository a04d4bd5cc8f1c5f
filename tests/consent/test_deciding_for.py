"""Staff write down what a customer decided: with the request, and never a yes without it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.actors import Actor, Channel
from accounts.models import Customer, Mandate, User
from accounts.roles import Role
from accounts.services import confiding
from accounts.services.acting import Asked
from bizsecure.core.verifying import broken_rows
from consent.models import Choice, PolicyVersion
from consent.reasons import Reason
from consent.services.acting import decide_for
from consent.services.choosing import record_choices
from tests.builders import TODAY, look_at, member, say_no
from tests.consent.asking import refusal

BY_LETTER = Asked(Channel.LETTER, TODAY.date(), "L-2027-14")


@pytest.fixture
def sam(policy: PolicyVersion) -> User:
    """Give somebody in support who has accepted the terms."""
    return member(Role.SUPPORT)


def decide(customer: Customer, staff: User, **decisions: bool) -> list[Choice]:
    keys = {name.replace("_", "-"): answer for name, answer in decisions.items()}
    return decide_for(customer=customer, decisions=keys, asked=BY_LETTER, actor=Actor.staff(staff))


def test_a_decision_is_written_down_with_the_request(
    alice: Customer, sam: User, change: PolicyVersion
) -> None:
    look_at(alice, sam)
    rows = decide(alice, sam, product_news=False, uptime_watch=True)
    assert {(row.use.key, row.decision) for row in rows} == {
        ("product-news", "refused"),
        ("uptime-watch", "granted"),
    }
    for row in rows:
        assert (row.method, row.actor_user) == (Choice.Method.STAFF, sam)
        assert row.mandate is not None
        assert row.mandate.reference == "L-2027-14"
    assert Mandate.objects.count() == 1
    for ledger in (Choice, Mandate):
        assert list(broken_rows(ledger)) == []


def test_what_stands_already_is_not_written_down_again(
    alice: Customer, sam: User, change: PolicyVersion
) -> None:
    look_at(alice, sam)
    say_no(alice, change, "product-news")
    assert decide(alice, sam, product_news=False, run_account=False) == []
    assert not Mandate.objects.exists()


def test_without_an_open_record_or_the_right_nothing_is_decided(alice: Customer, sam: User) -> None:
    for staff, why in [
        (sam, confiding.Reason.LOOK_FIRST),
        (member(Role.MARKETING), confiding.Reason.NO_RIGHT),
    ]:
        with pytest.raises(Exception, match=why.name):
            decide(alice, staff, product_news=False)


def test_the_service_refuses_staff_without_a_request(
    alice: Customer, sam: User, change: PolicyVersion
) -> None:
    facts: dict[str, Any] = {"version": change, "method": Choice.Method.STAFF}
    for answer in (True, False):
        asked = refusal(
            record_choices,
            customer=alice,
            answers={"uptime-watch": answer},
            actor=Actor.staff(sam),
            **facts,
        )
        assert asked == Reason.ASKED_BY_CUSTOMER


@pytest.mark.parametrize(
    ("actor_kind", "method"), [("staff", "staff"), ("staff", "panel"), ("customer", "staff")]
)
def test_the_database_takes_no_yes_by_staff_without_a_request_of_this_customer(
    alice: Customer, bob: Customer, sam: User, change: PolicyVersion, actor_kind: str, method: str
) -> None:
    look_at(bob, sam)
    (of_bob,) = decide(bob, sam, uptime_watch=True)
    for mandate in (None, of_bob.mandate):
        row = Choice(
            customer=alice,
            use=of_bob.use,
            version=change,
            decision=Choice.Decision.GRANTED,
            method=method,
            question_hash=of_bob.question_hash,
            language="en",
            mandate=mandate,
            actor_kind=actor_kind,
            actor_user=sam,
            recorded_at=TODAY,
        )
        with pytest.raises(DatabaseError, match="asked for"), transaction.atomic():
            Choice.append(row)
