"""Becoming a customer: the page, the mail, the link, and the first sign-in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import Customer, User
from consent.gate import may_use
from consent.models import Acceptance, Notice, PolicyVersion
from notifications.models import OutgoingMail
from notifications.services.delivering import deliver_due
from tests.builders import DAY, RUN_ACCOUNT, UPTIME_WATCH, a_draft, date_of, published
from tests.pages.browsing import PASSWORD, stored, text
from tests.pages.hashing import CountingHasher
from tests.postbox import Postbox, Posted

ADDRESS = "/accounts/signup/"
WAIT = "/accounts/confirm-email/"
NEWCOMER = {"name": "Nora Newcomb", "email": "nora@example.com", "password1": PASSWORD}


def form(client: Client, **typed: str) -> dict[str, Any]:
    """Return what the newcomer sends: the page's own facts, and what is typed over them."""
    shown = client.get(ADDRESS).context["form"]
    return {**NEWCOMER, "seen": shown["seen"].value(), **typed}


def join(client: Client, **typed: str) -> Any:
    return client.post(ADDRESS, form(client, **typed))


def link_in(mail: Posted) -> str:
    """Return the path of the first link in a mail."""
    found = re.search(r"http://[^/\s]+(/\S+)", str(mail.body))
    assert found
    return found[1]


def test_somebody_joins_proves_the_address_and_signs_in(
    policy: PolicyVersion, postbox: Postbox
) -> None:
    client = Client()
    assert join(client).headers["Location"] == WAIT
    assert "Look into your mail" in text(client.get(WAIT))
    (mail,) = postbox
    assert mail.to == ["nora@example.com"]

    link = link_in(mail)
    assert "nora@example.com" in text(client.get(link))
    assert not EmailAddress.objects.get().verified
    response = client.post(link)
    assert EmailAddress.objects.get().verified
    if response.headers["Location"] == reverse("account_login"):
        client.post(reverse("account_login"), {"login": NEWCOMER["email"], "password": PASSWORD})
    page = text(client.get("/account/"))
    assert "Hello, Nora" in page
    assert Customer.objects.get().email_verified_at is not None


LIKE_HERS = {
    "in capitals": "ALICE@EXAMPLE.COM",
    "with a tag": "alice+hosting@example.com",
    "a Cyrillic letter": "\u0430lice@example.com",
    "without its dot": "al\u0131ce@example.com",
    "a capital with a dot": "AL\u0130CE@example.com",
    "full-width": "\uff41lice@example.com",
    "a domain that looks alike": "alice@ex\u0430mple.com",
}


@pytest.mark.parametrize("address", LIKE_HERS.values(), ids=LIKE_HERS)
def test_an_address_that_looks_like_hers_gets_nothing_of_hers(
    alice: Customer, postbox: Postbox, address: str
) -> None:
    before = User.objects.get(customer=alice)
    joined = join(Client(), email=address)
    assert (joined.status_code, joined.headers.get("Location")) in {(302, WAIT), (200, None)}
    Client().post(reverse("account_reset_password"), {"email": address})
    assert User.objects.get(customer=alice).email == before.email
    assert Customer.objects.filter(user=alice.user).count() == 1
    hers = [mail for mail in postbox if "/password/reset/key/" in mail.body]
    assert {to for mail in hers for to in mail.to} <= {alice.email, address.lower()}
    for mail in hers:
        if mail.to != [alice.email]:
            assert "Alice" not in mail.body
    assert not User.objects.filter(email__iexact=address).exclude(email=address.lower()).exists()


def test_without_the_link_there_is_no_way_in(policy: PolicyVersion, postbox: Postbox) -> None:
    client = Client()
    join(client)
    response = client.post(
        reverse("account_login"), {"login": NEWCOMER["email"], "password": PASSWORD}
    )
    assert response.headers["Location"] == WAIT
    assert client.get("/account/").status_code == 302
    assert Customer.objects.get().email_verified_at is None


def test_joining_records_under_which_policy(policy: PolicyVersion) -> None:
    join(Client())
    accepted = Acceptance.objects.get()
    assert (accepted.version, accepted.text_hash) == (policy, policy.text_hash)
    assert accepted.actor_kind == "customer"


def test_a_change_that_is_coming_is_shown_and_counts_as_told(
    change: PolicyVersion, clock: Traveller
) -> None:
    client = Client()
    page = text(client.get(ADDRESS))
    assert "Coming on 5 February 2027" in page
    assert "What version 2 says." in page
    join(client)
    told = Notice.objects.get()
    assert (told.version, told.channel) == (change, "sign_up")
    customer = Customer.objects.get()
    clock.move_to(date_of(change) + DAY)
    assert not may_use(customer, "uptime-watch").allowed


def test_the_policy_one_joins_under_is_named_and_linked(policy: PolicyVersion) -> None:
    page = text(Client().get(ADDRESS))
    assert 'href="/privacy/versions/1/"' in page
    assert "version 1" in page
    assert "Nothing on the Internet is entirely secure" in page


def test_a_policy_that_changes_while_one_types_is_shown_before_one_joins(
    policy: PolicyVersion, clock: Traveller
) -> None:
    client = Client()
    typed = form(client)
    published(a_draft(2, RUN_ACCOUNT, UPTIME_WATCH))
    before = stored(without="cache")

    response = client.post(ADDRESS, typed)
    page = text(response)
    assert "Our policy changed while you were here." in page
    assert page.index('id="error-summary"') < page.index("<h1>")
    assert "What version 2 says." in page
    assert 'value="Nora Newcomb"' in page
    assert 'value="nora@example.com"' in page
    assert PASSWORD not in page
    assert stored(without="cache") == before

    shown = re.search(r'name="seen" value="([^"]+)"', page)
    assert shown
    assert client.post(ADDRESS, {**typed, "seen": shown[1]}).status_code == 302
    assert Notice.objects.get().channel == "sign_up"


@pytest.mark.parametrize("seen", ["", "0.0", "1.1,2.1", "x", "\x00", "9" * 999])
def test_nobody_joins_under_a_policy_that_was_not_shown(policy: PolicyVersion, seen: str) -> None:
    assert join(Client(), seen=seen).status_code == 200
    assert not User.objects.exists()


def answer_to(client: Client, **typed: str) -> tuple[Any, ...]:
    """Return everything a stranger can learn from the answer to a sign-up."""
    response = join(client, **typed)
    page = client.get(response.headers["Location"])
    names = {name: cookie["max-age"] for name, cookie in client.cookies.items()}
    return response.status_code, response.headers["Location"], names, text(page)


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ("alice@example.com", "clara@example.com"),
        ("ALICE@example.com", "CLARA@example.com"),
        (" Alice@Example.com ", " Clara@Example.com "),
    ],
)
def test_a_known_address_is_answered_like_an_unknown_one(
    alice: Customer,
    known: str,
    unknown: str,
    postbox: Postbox,
    settings: Settings,
) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]
    CountingHasher.worked.clear()
    *facts, page = answer_to(Client(), email=unknown)
    assert len(CountingHasher.worked) == 1
    for name in ("clara", "CLARA", "Clara"):
        page = page.replace(name, "alice")
    *facts_of_known, page_of_known = answer_to(Client(), email=known)
    assert len(CountingHasher.worked) == 2
    assert facts_of_known == facts
    assert page_of_known == page
    assert User.objects.count() == 2
    assert [mail.to for mail in postbox] == [["clara@example.com"], ["alice@example.com"]]
    assert "You already have one" in str(postbox[1].body)


def test_a_form_sent_twice_makes_one_customer(policy: PolicyVersion, postbox: Postbox) -> None:
    client = Client()
    typed = form(client)
    answers = [client.post(ADDRESS, typed).headers["Location"] for _ in range(2)]
    assert answers == [WAIT, WAIT]
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("length", "status"), [(254, 302), (255, 200), (312, 200)], ids=["longest", "255", "312"]
)
def test_an_address_too_long_to_keep_is_refused_and_not_cut(
    policy: PolicyVersion, length: int, status: int
) -> None:
    name = f"{'n' * 60}@"
    domain = ".".join(["d" * 60] * 5)
    email = name + domain[-(length - len(name) - 4) :].lstrip(".") + ".com"
    email = email.replace("@", "@" + "e" * (length - len(email)), 1)
    assert len(email) == length
    assert join(Client(), email=email).status_code == status
    assert [user.email for user in User.objects.all()] == ([email] if status == 302 else [])


@pytest.mark.parametrize(
    "password",
    ["fourteen chars", "nora@example.com", "", "NORA@example.com"],
)
def test_a_password_that_is_easily_found_is_refused(policy: PolicyVersion, password: str) -> None:
    response = join(Client(), password1=password)
    assert response.status_code == 200
    assert 'href="#id_password1"' in text(response)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password",
    [
        "fifteen chars!!",
        "The river by our house runs uphill on Mondays and tells the turtles why. " + "?" * 40,
        "Fünfzehn 字 und 🙂 mehr",
    ],
)
def test_a_long_password_of_any_characters_is_taken(policy: PolicyVersion, password: str) -> None:
    assert join(Client(), password1=password).status_code == 302
    assert User.objects.get().check_password(password)


def test_what_is_wrong_stands_at_its_field_and_in_the_list_on_top(policy: PolicyVersion) -> None:
    response = join(Client(), name="", email="nora at example", password1="short")
    page = text(response)
    assert "<title>Error: " in page
    assert page.index('id="error-summary"') < page.index("<h1>")
    for field in ("name", "email", "password1"):
        assert f'href="#id_{field}"' in page
        assert f'id="id_{field}_error"' in page
    assert page.count('aria-invalid="true"') == 3
    assert 'value="nora at example"' in page
    assert "short" not in re.findall(r'value="([^"]*)"', page)


def test_a_mail_server_that_is_away_does_not_stop_a_sign_up(
    policy: PolicyVersion, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_URL = "smtp://localhost:1?timeout=1"
    client = Client()
    response = join(client)
    assert response.headers["Location"] == WAIT
    assert Customer.objects.count() == 1
    deliver_due(seconds=60)
    assert OutgoingMail.objects.live().count() == 1
    assert "nora" not in caplog.text


def test_a_link_is_good_once_and_only_as_it_was_sent(
    policy: PolicyVersion, postbox: Postbox, clock: Traveller
) -> None:
    join(Client())
    link = link_in(postbox[0])
    assert "no longer good" in text(Client().get(link[:-2] + "/"))
    assert Client().post(link[:-2] + "/").status_code == 404
    assert not EmailAddress.objects.get().verified
    Client().post(link)
    assert "no longer good" in text(Client().get(link))
    assert "nora" not in text(Client().get(link))


def test_a_link_grows_too_old(policy: PolicyVersion, postbox: Postbox, clock: Traveller) -> None:
    join(Client())
    clock.shift(4 * DAY)
    link = link_in(postbox[0])
    assert "no longer good" in text(Client().get(link))
    assert Client().post(link).status_code == 404
    assert not EmailAddress.objects.get().verified


def test_whoever_is_signed_in_has_no_need_to_join(alice: Customer) -> None:
    client = Client()
    client.force_login(alice.user)  # type: ignore[arg-type]
    assert client.get(ADDRESS).status_code == 302
    assert client.post(ADDRESS, NEWCOMER).status_code == 302
    assert User.objects.count() == 1


def test_more_is_not_taken_than_the_page_asks_for(policy: PolicyVersion) -> None:
    join(
        Client(),
        is_staff="1",
        is_superuser="1",
        is_active="",
        number="BZ-1",
        status="closed",
        joined_at="2001-01-01",
        email_verified_at="2001-01-01",
    )
    user, customer = User.objects.get(), Customer.objects.get()
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)
    assert customer.number != "BZ-1"
    assert customer.status == Customer.Status.ACTIVE
    assert customer.email_verified_at is None
    assert customer.joined_at.year == 2027


def test_after_many_sign_ups_from_one_place_there_is_a_pause(policy: PolicyVersion) -> None:
    client = Client()
    typed = form(client, password1="short")
    answers = [client.post(ADDRESS, typed).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
