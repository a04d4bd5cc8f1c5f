"""Signed heads: what they cover, and that none can be left out or made twice."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import Error
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.proofs import merkle
from bizsecure.proofs.check_receipt import Wrong, check_chain
from bizsecure.proofs.models import Head
from bizsecure.proofs.services.heading import make_head
from bizsecure.proofs.tasks import sign_the_day
from consent.models import Choice, PolicyVersion
from consent.services.choosing import set_switches

DAY = timedelta(days=1)
LEDGER = Choice._meta.db_table


def say_no(customer: Customer) -> Choice:
    assert customer.user is not None
    latest = Choice.objects.filter(customer=customer).order_by("sequence").last()
    wanted = latest is not None and latest.decision == Choice.Decision.REFUSED
    set_switches(
        customer=customer,
        switches={"product-news": wanted},
        actor=Actor.customer(customer.user),
    )
    return Choice.objects.filter(customer=customer).latest("pk")


def heads(number: int) -> list[Head]:
    """Make so many heads, a day apart, the last one now."""
    now = timezone.now()
    made = [make_head(now=now - (number - each - 1) * DAY) for each in range(number)]
    return [head for head in made if head is not None]


def rows_in(head: Head) -> int:
    return int(head.contents["ledgers"][LEDGER]["rows"])


def listed() -> list[dict[str, str]]:
    answer: list[dict[str, str]] = json.loads(
        b"".join(Client().get("/transparency/heads/all.json"))
    )["heads"]
    return answer


def test_a_head_covers_what_was_there_at_the_one_before(
    alice: Customer, policy: PolicyVersion
) -> None:
    say_no(alice)
    first, second = heads(2)
    assert (rows_in(first), rows_in(second)) == (0, 1)


def test_what_came_in_between_is_covered_by_the_next(
    alice: Customer, policy: PolicyVersion
) -> None:
    now = timezone.now()
    say_no(alice)
    make_head(now=now)
    say_no(alice)
    second = make_head(now=now + DAY)
    third = make_head(now=now + 2 * DAY)
    assert second is not None
    assert third is not None
    assert (rows_in(second), rows_in(third)) == (1, 1)


def test_each_row_is_in_one_head_whatever_the_size_of_a_part(
    alice: Customer, policy: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merkle, "PART", 2)
    for _each in range(5):
        say_no(alice)
    _first, second = heads(2)
    assert rows_in(second) == 5
    assert second.parts.filter(ledger=LEDGER).count() == 3


def test_a_second_beat_on_the_same_day_makes_no_second_head(
    alice: Customer, policy: PolicyVersion
) -> None:
    sign_the_day()
    sign_the_day()
    assert Head.objects.count() == 1


def test_heads_name_the_one_before_and_are_signed(alice: Customer, policy: PolicyVersion) -> None:
    say_no(alice)
    heads(3)
    every = listed()
    assert len(every) == 3
    check_chain(every, every[1], every[0]["public_key"])


@pytest.mark.parametrize("left_out", [0, 1])
def test_a_head_that_is_left_out_shows(
    alice: Customer, policy: PolicyVersion, left_out: int
) -> None:
    heads(3)
    every = listed()
    mine = every[2]
    del every[left_out]
    with pytest.raises(Wrong, match="does not follow the one before"):
        check_chain(every, mine, mine["public_key"])


def test_a_head_is_there_for_good(alice: Customer, policy: PolicyVersion) -> None:
    [head] = heads(1)
    with pytest.raises(Error, match="append-only"):
        Head.objects.filter(pk=head.pk).update(signature="")


def test_everybody_can_see_the_heads(alice: Customer, policy: PolicyVersion) -> None:
    assert "No head is signed yet" in Client().get("/transparency/heads/").content.decode()
    [head] = heads(1)
    page = Client().get("/transparency/heads/").content.decode()
    assert head.head_hash in page
    assert json.loads(Client().get(head.get_absolute_url()).content)["body"] == head.body
