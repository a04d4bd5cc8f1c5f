"""The pages of decisions: the customer reads and objects, staff decide and look again (DISC-3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.actors import Actor
from accounts.models import Customer, User
from bizsecure.conduct.models import Decision, Objection
from bizsecure.conduct.services.reviewing import lift
from notifications.models import Case
from tests.builders import TODAY, look_at
from tests.conduct.deciding import EVIDENCE, MATTER, WHY, a_service, decided, objected, suspended
from tests.pages.browsing import signed_in, signed_in_as, text

LIST = "/account/decisions/"


def objection_form(client: Client, decision: Decision) -> dict[str, Any]:
    form = client.get(decision.get_absolute_url()).context["form"]
    return {"form_id": form["form_id"].value(), "message": WHY}


def act_form(client: Client, customer: Customer, **changed: Any) -> Any:
    address = reverse("admin:conduct_act", args=[customer.pk])
    key = client.get(address).context["form"]["key"].value()
    sent = {
        "key": key,
        "step": "blocked",
        "ground": "spam",
        "happened_on": TODAY.date().isoformat(),
        "matter": MATTER,
        "evidence": EVIDENCE,
    }
    return client.post(address, {**sent, **changed})


def test_a_customer_of_whom_nothing_was_decided_reads_so(alice: Customer) -> None:
    assert "Nothing was decided about you" in text(signed_in(alice).get(LIST))


def test_the_customer_reads_what_why_and_how_long(alice: Customer, desk: User) -> None:
    service = a_service(alice)
    decision = suspended(service, desk)
    browser = signed_in(alice)
    assert "We suspended your service" in text(browser.get(LIST))
    shown = browser.get(decision.get_absolute_url())
    for said in (MATTER, EVIDENCE, "Section 3, version 1", "until we lift it"):
        assert said in text(shown)
    link = "/acceptable-use/versions/1/#section-the-grounds-on-which-we-act"
    assert link in shown.text
    assert "is suspended" in text(browser.get("/account/"))
    assert "Paying does not lift it." in text(browser.get(service.get_absolute_url()))
    assert decision.number in text(browser.get("/account/log/"))


def test_nobody_else_reads_it(alice: Customer, bob: Customer, desk: User) -> None:
    decision = decided(alice, desk)
    assert signed_in(bob).get(decision.get_absolute_url()).status_code == 404
    assert "Nothing was decided" in text(signed_in(bob).get(LIST))
    assert Client().get(decision.get_absolute_url()).status_code == 302


def test_an_objection_is_one_case_however_often_it_is_sent(alice: Customer, desk: User) -> None:
    decision, browser = decided(alice, desk), signed_in(alice)
    sent = objection_form(browser, decision)
    for _press in range(2):
        assert browser.post(decision.get_absolute_url(), sent).status_code == 302
    objection = Objection.objects.get()
    assert (objection.decision, Case.objects.get().topic) == (decision, "conduct")
    shown = browser.get(decision.get_absolute_url())
    assert objection.case.get_absolute_url() in shown.text
    assert "Send my objection" not in shown.text


def test_an_empty_objection_is_asked_for_again(alice: Customer, desk: User) -> None:
    decision, browser = decided(alice, desk), signed_in(alice)
    sent = {**objection_form(browser, decision), "message": ""}
    answer = browser.post(decision.get_absolute_url(), sent)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert not Objection.objects.exists()


def test_the_contact_form_does_not_offer_what_belongs_to_a_decision(client: Client) -> None:
    assert "A decision about my conduct" not in client.get("/contact/").text


def test_pages_ask_the_same_for_one_decision_and_for_many(
    alice: Customer, desk: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(5):
        decided(alice, desk)
    browser = signed_in(alice)
    browser.get(LIST)
    with django_assert_max_num_queries(11):
        browser.get(LIST)


def test_staff_decide_on_a_page_behind_the_record(alice: Customer, desk: User) -> None:
    client = signed_in_as(desk)
    address = reverse("admin:conduct_act", args=[alice.pk])
    assert client.get(address).status_code == 302
    look_at(alice, desk)
    assert act_form(client, alice).status_code == 302
    decision = Decision.objects.get()
    assert (decision.step, decision.actor_user, decision.section) == ("blocked", desk, "3")
    record = client.get(reverse("admin:accounts_customer_change", args=[alice.pk]))
    assert decision.number in record.text


def test_what_is_refused_loses_nothing_that_was_typed(alice: Customer, desk: User) -> None:
    look_at(alice, desk)
    answer = act_form(signed_in_as(desk), alice, step="suspended")
    assert answer.status_code == 422
    assert "Say which service is suspended." in answer.text
    assert MATTER in answer.text


def test_staff_see_a_decision_behind_the_record_and_lift_it(
    alice: Customer, desk: User, officer: User
) -> None:
    decision = decided(alice, desk)
    objected(decision)
    client = signed_in_as(officer)
    page = reverse("admin:conduct_decision_change", args=[decision.pk])
    assert client.get(page).status_code == 302
    look_at(alice, officer)
    shown = client.get(page).text
    assert EVIDENCE in shown
    for button in ("lift", "uphold"):
        assert reverse(f"admin:conduct_decision_{button}", args=[decision.pk]) in shown
    upholding = reverse("admin:conduct_decision_uphold", args=[decision.pk])
    assert client.post(upholding, {"words": ""}).status_code == 422
    assert client.post(upholding, {"words": "The numbers are clear."}).status_code == 302
    lifting = reverse("admin:conduct_decision_lift", args=[decision.pk])
    assert client.post(lifting, {"words": "They were wrong after all."}).status_code == 302
    assert [review.kind for review in decision.reviews.order_by("pk")] == ["upheld", "lifted"]
    assert "They were wrong after all." in text(signed_in(alice).get(decision.get_absolute_url()))


def test_nobody_is_offered_to_uphold_what_they_decided(alice: Customer, desk: User) -> None:
    decision = decided(alice, desk)
    objected(decision)
    page = reverse("admin:conduct_decision_change", args=[decision.pk])
    shown = signed_in_as(desk).get(page).text
    assert reverse("admin:conduct_decision_lift", args=[decision.pk]) in shown
    assert reverse("admin:conduct_decision_uphold", args=[decision.pk]) not in shown


@pytest.mark.parametrize(("standing", "listed"), [("objected", 1), ("effect", 1), ("", 2)])
def test_the_list_finds_what_is_to_be_looked_at(
    alice: Customer, desk: User, standing: str, listed: int
) -> None:
    objected(decided(alice, desk))
    lift(decision=decided(alice, desk), words="Mended.", actor=Actor.staff(desk))
    answer = signed_in_as(desk).get(
        reverse("admin:conduct_decision_changelist"), {"standing": standing} if standing else {}
    )
    assert len(answer.context["cl"].result_list) == listed
    assert alice.name not in answer.text
