"""The page that closes an account: it says first, asks twice, and can be undone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import Client

from accounts import holdings as register
from accounts.actors import Actor
from accounts.holdings import Holding, Obstacle, holdings
from accounts.models import Closing, Customer
from accounts.services.closing import request_closing
from accounts.services.erasing import keep
from tests.pages.browsing import give_password, just_proven, sign_in, signed_in, text

PAGE = "/account/close/"
UNDO = "/account/close/undo/"
Status = Customer.Status


def close(client: Client, number: str) -> int:
    return client.post(PAGE, {"number": number}).status_code


def test_it_says_what_goes_and_what_stays_and_why(alice: Customer) -> None:
    page = text(just_proven(signed_in(alice)).get(PAGE))
    assert [each.key for each in holdings() if str(each.keeps or each.title) not in page] == []
    assert "14 days to change your mind" in page


@pytest.mark.parametrize("typed", ["", "BZ-00000000", "yes", "x" * 300, "\u202e"])
def test_nobody_closes_an_account_by_a_slip(alice: Customer, typed: str) -> None:
    client = just_proven(signed_in(alice))
    assert close(client, typed) == 422
    assert not Closing.objects.exists()


def test_the_number_may_be_typed_as_one_likes(alice: Customer) -> None:
    client = just_proven(signed_in(alice))
    assert close(client, f" {alice.number.lower()} ") == 302
    assert close(client, alice.number) in {200, 302}
    assert Closing.objects.count() == 1


def test_who_was_not_asked_lately_closes_nothing(alice: Customer) -> None:
    assert close(signed_in(alice), alice.number) == 403
    assert not Closing.objects.exists()


def test_signing_in_offers_to_undo_it(alice: Customer) -> None:
    request_closing(customer=alice, actor=Actor.customer(alice.user))
    give_password(alice)
    client = Client()
    assert sign_in(client, alice)["Location"] == PAGE
    assert "You can still change your mind" in text(client.get(PAGE))
    assert "Your account is being closed" in text(client.get("/account/"))
    assert "stays open" in text(client.post(UNDO, follow=True))
    assert client.post(UNDO).status_code == 302
    alice.refresh_from_db()
    assert alice.status == Status.ACTIVE
    assert "being closed" not in text(client.get("/account/"))


def test_what_stands_in_the_way_is_listed_with_a_link(
    alice: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def debts(_customer: Customer) -> Iterable[Obstacle]:
        return [Obstacle("An order is not paid yet.", "/account/orders/")]

    held = Holding("debts", "Debts", (), rows=lambda _c: iter(()), erase=keep, blocks=debts)
    monkeypatch.setitem(register._holdings, "debts", held)
    client = just_proven(signed_in(alice))
    page = client.get(PAGE).content.decode()
    assert '<a href="/account/orders/">An order is not paid yet.</a>' in page
    assert 'name="number"' not in page
    assert "stands in the way" in text(client.post(PAGE, {"number": alice.number}, follow=True))
