"""Acting on conduct: on a ground of the policy, once, recorded for good (DISC-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer, User
from accounts.roles import Role
from accounts.services.confiding import Reason as Confided
from accounts.services.data_keys import destroy_key
from bizsecure.conduct.grounds import Ground, Step, section_of
from bizsecure.conduct.held import _decisions
from bizsecure.conduct.models import Decision, Review
from bizsecure.conduct.reading import shown
from bizsecure.conduct.reasons import Reason
from bizsecure.conduct.services.deciding import decide
from bizsecure.conduct.services.reviewing import end_what_is_over, lift, uphold
from bizsecure.core.verifying import findings
from bizsecure.store.models import HeldService
from consent.models import PolicyVersion
from notifications.models import MailContent
from tests.builders import DAY, TODAY, a_draft, look_at, member, published
from tests.conduct.deciding import (
    EVIDENCE,
    MATTER,
    a_service,
    an_act,
    decided,
    objected,
    refusal,
    suspended,
)


def test_every_ground_is_one_of_the_policy_that_is_shipped(rules: PolicyVersion) -> None:
    found = {section_of(ground, rules) for ground in Ground}
    assert [section.number for section in found if section] == ["3"]


def test_a_decision_is_told_by_mail_and_sealed(alice: Customer, desk: User) -> None:
    decision = decided(alice, desk)
    mail = MailContent.objects.get(kind="conduct_decision")
    assert decision.number in mail.subject
    assert "because of spam" in mail.text
    stored = Decision.objects.get()
    assert MATTER.encode() not in bytes(stored.matter or b"")
    assert EVIDENCE.encode() not in bytes(stored.evidence or b"")
    [seen] = shown([decision], alice)
    assert (seen.matter, seen.evidence) == (MATTER, EVIDENCE)


def test_sent_twice_it_is_one_decision(alice: Customer, desk: User) -> None:
    act = an_act()
    look_at(alice, desk)
    first, second = (
        decide(customer=alice, act=act, actor=Actor.staff(desk)) for _press in range(2)
    )
    assert first == second
    assert MailContent.objects.filter(kind="conduct_decision").count() == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"happened_on": (TODAY + DAY).date()}, Reason.NOT_HAPPENED),
        ({"matter": " "}, Reason.UNEXPLAINED),
        ({"evidence": ""}, Reason.UNEXPLAINED),
        ({"ends_at": TODAY}, Reason.ENDS_BEFORE),
        ({"step": Step.DELETED, "ends_at": TODAY + DAY}, Reason.HAS_NO_DURATION),
        ({"step": Step.SUSPENDED}, Reason.NO_SUCH_SERVICE),
        # The company had no policy yet.
        ({"happened_on": (TODAY - 25 * 365 * DAY).date()}, Reason.NOT_IN_POLICY),
    ],
)
def test_what_may_not_be_is_refused(
    alice: Customer, desk: User, changed: dict[str, Any], reason: Reason
) -> None:
    look_at(alice, desk)
    act, actor = an_act(**changed), Actor.staff(desk)
    assert refusal(decide, customer=alice, act=act, actor=actor) == reason
    assert not Decision.objects.exists()


def test_a_ground_that_the_version_in_force_left_out_is_none(
    alice: Customer, desk: User, rules: PolicyVersion, clock: Traveller
) -> None:
    text = rules.text.replace("**Spam.**", "Spam.")
    change = published(a_draft(2, slug="acceptable-use", text=text))
    assert change.effective_at is not None
    clock.move_to(change.effective_at + DAY)
    look_at(alice, desk)
    today = replace(an_act(), happened_on=(change.effective_at + DAY).date())
    actor = Actor.staff(desk)
    assert refusal(decide, customer=alice, act=today, actor=actor) == Reason.NOT_IN_POLICY
    # What was done before is judged by what was in force then.
    assert decide(customer=alice, act=an_act(), actor=actor).policy == rules


@pytest.mark.parametrize("role", [Role.BILLING, Role.MARKETING, Role.AUDITOR])
def test_other_roles_may_not(alice: Customer, rules: PolicyVersion, role: Role) -> None:
    actor = Actor.staff(member(role))
    assert refusal(decide, customer=alice, act=an_act(), actor=actor) == Confided.NO_RIGHT


def test_nobody_decides_without_a_look_that_the_customer_sees(alice: Customer, desk: User) -> None:
    actor = Actor.staff(desk)
    assert refusal(decide, customer=alice, act=an_act(), actor=actor) == Confided.LOOK_FIRST


def test_a_suspended_service_stays_so_until_it_is_lifted(alice: Customer, desk: User) -> None:
    service = a_service(alice)
    decision = suspended(service, desk)
    service.refresh_from_db()
    assert (service.state, service.withheld_at) == ("suspended", TODAY)
    lift(decision=decision, words="It was not you.", actor=Actor.staff(desk))
    service.refresh_from_db()
    assert (service.state, service.withheld_at) == ("active", None)


def test_of_two_decisions_about_a_service_the_last_one_releases_it(
    alice: Customer, desk: User
) -> None:
    service = a_service(alice)
    first, second = suspended(service, desk), suspended(service, desk)
    lift(decision=first, words="Mended.", actor=Actor.staff(desk))
    assert HeldService.objects.get().state == "suspended"
    lift(decision=second, words="Mended.", actor=Actor.staff(desk))
    assert HeldService.objects.get().state == "active"


def test_what_is_not_paid_for_does_not_work_again(
    alice: Customer, desk: User, clock: Traveller
) -> None:
    service = a_service(alice)
    decision = suspended(service, desk)
    service.refresh_from_db()
    assert service.paid_until is not None
    clock.move_to(service.paid_until + DAY)
    look_at(alice, desk)
    lift(decision=decision, words="Mended.", actor=Actor.staff(desk))
    service.refresh_from_db()
    assert (service.state, service.withheld_at) == ("suspended", None)


def test_the_service_of_another_customer_is_none_of_this_one(
    alice: Customer, bob: Customer, desk: User
) -> None:
    look_at(alice, desk)
    act = an_act(step=Step.SUSPENDED, service=a_service(bob))
    actor = Actor.staff(desk)
    assert refusal(decide, customer=alice, act=act, actor=actor) == Reason.NO_SUCH_SERVICE


def test_time_ends_a_decision_once_and_tells(alice: Customer, desk: User, clock: Traveller) -> None:
    decision = suspended(a_service(alice), desk, ends_at=TODAY + timedelta(hours=1))
    assert end_what_is_over() == 0
    clock.shift(timedelta(hours=2))
    assert [end_what_is_over(), end_what_is_over()] == [1, 0]
    assert HeldService.objects.get().state == "active"
    assert decision.reviews.get().kind == "ended"
    assert MailContent.objects.filter(kind="conduct_review").count() == 1
    look_at(alice, desk)
    late = refusal(lift, decision=decision, words="x", actor=Actor.staff(desk))
    assert late == Reason.IS_OVER


def test_somebody_else_looks_again_at_an_objection(
    alice: Customer, desk: User, officer: User
) -> None:
    decision = decided(alice, desk)
    look_at(alice, officer)
    words, by_officer = "The complaints say otherwise.", Actor.staff(officer)
    nobody = refusal(uphold, decision=decision, words=words, actor=by_officer)
    assert nobody == Reason.NO_OBJECTION
    objected(decision)
    own = refusal(uphold, decision=decision, words=words, actor=Actor.staff(desk))
    assert own == Reason.OWN_DECISION
    first, second = (
        uphold(decision=decision, words=words, actor=by_officer) for _press in range(2)
    )
    assert first == second
    assert Decision.objects.standing().get() == decision
    assert not Decision.objects.objected_to().exists()


def test_an_upheld_decision_can_still_be_lifted(alice: Customer, desk: User, officer: User) -> None:
    decision = decided(alice, desk)
    objected(decision)
    look_at(alice, officer)
    uphold(decision=decision, words="It stands.", actor=Actor.staff(officer))
    first, second = (
        lift(decision=decision, words="On second thought.", actor=Actor.staff(officer))
        for _press in range(2)
    )
    assert first == second
    assert not Decision.objects.standing().exists()


@pytest.mark.parametrize("problem", ["own", "no objection", "another customer"])
def test_the_database_itself_keeps_who_may_look_again(
    alice: Customer, bob: Customer, desk: User, officer: User, problem: str
) -> None:
    decision = decided(alice, desk)
    if problem != "no objection":
        objected(decision)
    review = Review(
        customer=bob if problem == "another customer" else alice,
        decision=decision,
        kind="upheld",
        actor_kind="staff",
        actor_user=desk if problem == "own" else officer,
        recorded_at=TODAY,
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        Review.append(review)


def test_erasing_the_customers_key_takes_the_words_and_leaves_the_chain(
    alice: Customer, desk: User
) -> None:
    decision = decided(alice, desk)
    objected(decision)
    lift(decision=decision, words="It was not you.", actor=Actor.staff(desk))
    [row] = _decisions(alice)
    assert (row["about"], row["rests_on"]) == (MATTER, EVIDENCE)
    destroy_key(customer=alice, now=TODAY)
    [row] = _decisions(alice)
    assert (row["about"], row["rests_on"], row["what_was_done"]) == ("", "", "blocked")
    assert [*findings(Decision), *findings(Review)] == []
