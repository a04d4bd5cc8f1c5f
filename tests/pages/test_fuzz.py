"""Every address and every form, with what nobody would send: no failure, nothing of another's.

    make fuzz REQUESTS=100000

The run of `make test` sends a few hundred, other ones each time on a developer's machine.
"""

from __future__ import annotations

import os
import random

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Customer, User
from tests.pages.addresses import ADMIN, every_address
from tests.pages.browsing import just_proven, signed_in, signed_in_as
from tests.pages.conftest import Belongings
from tests.pages.fuzzing import Forms, Fuzzer, Request, without

SEED = 20070127
# Of the requests, how large a part each role sends. Pages of staff cost most.
SHARES = {"visitor": 0.35, "customer": 0.3, "another customer": 0.2, "staff": 0.15}


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def seed() -> int:
    """Give the seed: the same where a change is judged, another one on a developer's machine."""
    return SEED if os.environ.get("CI") else random.randrange(2**32)


def browser_of(who: str, things: Belongings, bob: Customer, carol: User) -> Client:
    if who == "visitor":
        return Client()
    if who == "staff":
        User.objects.filter(pk=carol.pk).update(is_superuser=True)
        carol.refresh_from_db()
        return signed_in_as(carol)
    return just_proven(signed_in(things.customer if who == "customer" else bob))


@pytest.mark.parametrize("who", SHARES)
def test_whatever_is_sent_is_answered_calmly(
    request: pytest.FixtureRequest,
    belongings: Belongings,
    bob: Customer,
    carol: User,
    seed: int,
    who: str,
) -> None:
    everywhere = every_address(belongings)
    addresses = everywhere if who == "staff" else without(everywhere, f"^{ADMIN}")
    hers, his = belongings.secrets, [bob.email, bob.number, "Bob Brown"]
    forbidden = {"staff": [], "customer": his, "another customer": hers, "visitor": [*hers, *his]}
    fuzzer = Fuzzer(
        browser_of(who, belongings, bob, carol), addresses, forbidden[who], seed + len(who)
    )
    fuzzer.run(round(request.config.getoption("requests") * SHARES[who]))
    assert fuzzer.bad == [], f"seed {seed}"


def test_the_forms_of_a_page_are_found(belongings: Belongings, bob: Customer) -> None:
    page = Forms("/account/personal/")
    page.feed(signed_in(bob).get("/account/personal/").text)
    [form] = [form for form in page.found if "revision" in form.names]
    assert (form.method, form.action) == ("post", "/account/personal/")
    assert {"name", "telephone", "country", "csrfmiddlewaretoken"} <= set(form.names)
    assert len([name for name, _value in form.fields if name == "country"]) > 200


@pytest.mark.urls("tests.pages.broken")
def test_a_failure_and_a_leak_are_noticed(db: None) -> None:
    fuzzer = Fuzzer(Client(), [], ["Sign in"], seed=1)
    for path in ("/broken/", "/accounts/login/", "/healthz"):
        asked = Request("get", path)
        fuzzer._judge(asked, *fuzzer._timed(asked))
    assert [problem.split(maxsplit=1)[0] for problem in fuzzer.bad] == ["500", "gives"]


def test_nothing_is_left_of_a_request(belongings: Belongings) -> None:
    client = signed_in(belongings.customer)
    fuzzer = Fuzzer(client, [], [], seed=1)
    fuzzer._timed(Request("post", "/accounts/logout/", {}))
    assert client.get("/account/").status_code == 200
