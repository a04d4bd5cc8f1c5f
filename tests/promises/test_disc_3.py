"""DISC-3: no censorship; what harms is acted on, on the grounds of the policy, and told."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.actors import Actor
from accounts.models import Customer, User
from bizsecure.conduct.grounds import HEADINGS, Ground, Step, section_of
from bizsecure.conduct.models import Decision, Objection, Review
from bizsecure.conduct.reasons import Reason
from bizsecure.conduct.services.deciding import decide
from bizsecure.conduct.services.reviewing import lift, uphold
from consent.models import PolicyVersion
from notifications.models import MailContent
from tests.builders import look_at, promise
from tests.conduct.conftest import desk, officer, rules
from tests.conduct.deciding import (
    EVIDENCE,
    MATTER,
    WHY,
    a_service,
    an_act,
    decided,
    objected,
    refusal,
    suspended,
)
from tests.pages.browsing import signed_in, text

__all__ = ["desk", "officer", "rules"]


@pytest.mark.parametrize("ground", list(Ground))
def test_each_ground_stands_in_the_published_policy_that_anybody_can_read(
    rules: PolicyVersion, ground: Ground
) -> None:
    section = section_of(ground, rules)
    assert section is not None
    page = Client().get("/acceptable-use/").text
    assert f'id="{section.anchor}"' in page
    assert f"{HEADINGS[ground]}." in page


def test_without_the_policy_there_is_no_ground(alice: Customer, carol: User) -> None:
    carol.is_superuser = True
    carol.save()
    promise(carol)
    look_at(alice, carol)
    actor = Actor.staff(carol)
    assert refusal(decide, customer=alice, act=an_act(), actor=actor) == Reason.NOT_IN_POLICY
    assert not Decision.objects.exists()


@pytest.mark.parametrize("step", list(Step))
def test_the_customer_is_told_by_mail_and_on_the_site_of_each_step(
    alice: Customer, desk: User, step: Step
) -> None:
    service = a_service(alice) if step == Step.SUSPENDED else None
    decision = decided(alice, desk, step=step, service=service)
    assert decision.number in MailContent.objects.get(kind="conduct_decision").subject
    shown = text(signed_in(alice).get(decision.get_absolute_url()))
    for said in (MATTER, EVIDENCE, "Section 3, version 1"):
        assert said in shown


def test_the_record_says_who_decided_and_nobody_changes_it(alice: Customer, desk: User) -> None:
    decision = decided(alice, desk)
    objected(decision)
    lift(decision=decision, words="It was not you.", actor=Actor.staff(desk))
    assert decision.actor_user == desk
    for model in (Decision, Review, Objection):
        rows: Any = model._base_manager.all()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(id=9)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows._raw_delete(rows.db)


def test_the_customer_objects_and_somebody_else_looks_again(
    alice: Customer, desk: User, officer: User
) -> None:
    decision, browser = decided(alice, desk), signed_in(alice)
    form = browser.get(decision.get_absolute_url()).context["form"]
    sent = {"form_id": form["form_id"].value(), "message": WHY}
    browser.post(decision.get_absolute_url(), sent)
    case = Objection.objects.get(decision=decision).case
    assert case.messages.get().text == WHY
    look_at(alice, officer)
    with pytest.raises(Exception, match="OWN_DECISION"):
        uphold(decision=decision, words="No.", actor=Actor.staff(desk))
    uphold(decision=decision, words="The logs are clear.", actor=Actor.staff(officer))
    assert "The logs are clear." in text(browser.get(decision.get_absolute_url()))


def test_a_lifted_decision_is_undone_and_told(alice: Customer, desk: User) -> None:
    service = a_service(alice)
    decision = suspended(service, desk)
    lift(decision=decision, words="Your site was broken into.", actor=Actor.staff(desk))
    service.refresh_from_db()
    assert service.state == "active"
    assert "We lifted our decision" in MailContent.objects.get(kind="conduct_review").subject


def test_the_transparency_report_counts_what_was_done(alice: Customer, desk: User) -> None:
    decided(alice, desk, ground=Ground.ATTACKS, step=Step.DELETED)
    cache.delete("transparency")
    table = b"".join(Client().get("/transparency/counts.csv")).decode()
    assert "attacks on the systems of others,deleted,<10,conduct" in table
    assert (
        "What we did on the grounds of the acceptable use policy"
        in Client().get("/transparency/").text
    )
