"""What staff do in the shop: pay back for a reason, publish terms, ask a partner again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer, User
from accounts.roles import Role
from bizsecure.core.errors import Refused
from bizsecure.local.acquirer import Acquirer
from bizsecure.store.models import HeldService, Order, TermsVersion
from bizsecure.store.services.buying import buy
from bizsecure.store.services.handing_over import try_again
from bizsecure.store.services.terms import publish_terms
from bizsecure.store.states import OrderState
from consent.models import PolicyVersion
from tests.builders import RUN_ACCOUNT, first_policy, member
from tests.pages.browsing import signed_in, signed_in_as, text
from tests.paying import VERIFY_PAYMENT, VISA, a_card
from tests.store.buying import a_draft_of, accepting, at_home, held
from tests.store.shopping import CERTIFICATE

NEW = "# Terms of sale\n\nEverything is different now.\n"


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the card company is told."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)


@pytest.fixture
def order(alice: Customer, acquirer: Acquirer) -> Order:
    """Give an order that is paid."""
    draft, card = a_draft_of(at_home(alice)), a_card(alice, VISA)
    return buy(
        customer=alice, uid=draft.uid, accepted=accepting(draft), card=card.uid, actor=SYSTEM
    )


@pytest.fixture
def officer(db: None) -> User:
    """Give the member of staff who writes terms."""
    return member(Role.PRIVACY)


def billing() -> Client:
    return signed_in_as(member(Role.BILLING))


def test_an_order_is_paid_back_for_a_reason_and_the_log_has_it(
    alice: Customer, order: Order, acquirer: Acquirer
) -> None:
    browser, page = billing(), reverse("admin:store_order_pay_back", args=[order.pk])
    row = text(browser.get(reverse("admin:store_order_change", args=[order.pk])))
    assert page in row
    assert "we could not deliver it" in text(browser.get(page))
    assert browser.post(page, {"why": ""}).status_code == 422
    assert browser.post(page, {"why": "because"}).status_code == 422
    assert acquirer.book.count("refund") == 0
    assert browser.post(page, {"why": "not-delivered"}).status_code == 302
    again = browser.post(page, {"why": "not-delivered"})
    assert "Nothing was paid back" in text(again)
    order.refresh_from_db()
    assert order.state == OrderState.REFUNDED
    assert acquirer.book.count("refund") == 1
    shown = text(signed_in(alice).get(order.get_absolute_url()))
    assert "by our staff: we could not deliver it" in shown


def test_terms_are_published_by_a_form_and_old_orders_keep_theirs(
    officer: User, order: Order
) -> None:
    browser, page = signed_in_as(officer), reverse("admin:store_termsversion_publish")
    assert page in text(browser.get(reverse("admin:store_termsversion_changelist")))
    assert browser.get(page).context["form"]["text"].value() == TermsVersion.objects.get().text
    answer = browser.post(page, {"text": NEW, "valid_from_0": "", "valid_from_1": ""})
    assert answer.status_code == 302
    terms = TermsVersion.objects.first()
    assert terms
    assert (terms.number, terms.text, terms.published_by) == (2, NEW, officer)
    assert "Everything is different now." in text(Client().get(reverse("terms")))
    assert order.terms.terms.number == 1
    assert Client().get(reverse("terms_version", args=[1])).status_code == 200
    shown = browser.get(reverse("admin:store_termsversion_change", args=[terms.pk]))
    assert "Everything is different now." in text(shown)


def test_published_terms_never_change(officer: User, order: Order) -> None:
    for change in ({"text": NEW}, {"valid_from": timezone.now()}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            TermsVersion.objects.update(**change)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"text": " \n "}, "TERMS_EMPTY"),
        ({"valid_from": timedelta(days=-1)}, "TERMS_TOO_EARLY"),
        ({"text": NEW.replace("\n", "\r\n")}, "TERMS_AS_THEY_ARE"),
        ({"text": "Sooner.", "valid_from": timedelta(days=1)}, "TERMS_TOO_EARLY"),
    ],
)
def test_terms_that_say_nothing_new_or_begin_too_early_are_refused(
    officer: User, policy: PolicyVersion, wrong: dict[str, Any], reason: str
) -> None:
    actor, now = Actor.staff(officer), timezone.now()
    publish_terms(text=NEW, valid_from=now + timedelta(days=7), actor=actor)
    words = str(wrong.get("text", "Other."))
    valid_from = now + wrong.get("valid_from", timedelta(days=8))
    with pytest.raises(Refused, match=reason):
        publish_terms(text=words, valid_from=valid_from, actor=actor)
    assert TermsVersion.objects.count() == 2


def test_asking_a_partner_again_leaves_a_row_in_the_log_once(
    alice: Customer, policy: PolicyVersion, officer: User
) -> None:
    (service,) = held(at_home(alice), CERTIFICATE)
    HeldService.objects.filter(pk=service.pk).update(attempts=3, due_at=None)
    actor = Actor.staff(officer)
    done = [try_again(service=service, actor=actor) for _each in range(2)]
    assert done == [True, False]
    event = service.events.get(kind="asked-again")
    assert event.actor_user == officer
