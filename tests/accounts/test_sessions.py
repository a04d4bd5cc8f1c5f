"""Where one is signed in, without any address; for how long; and how it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.devices import device_family, in_words
from accounts.lifetime import CUSTOMERS, STAFF
from accounts.models import Customer
from tests.accounts.coming_in import is_signed_in
from tests.pages.browsing import PASSWORD, give_password, just_proven, sign_in, signed_in, text

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
SESSIONS = "/accounts/sessions/"
WHERE = "198.51.100.23"
HOUR = timedelta(hours=1)
NEW_PASSWORD = "another horse, the same battery"


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def desk(alice: Customer) -> Client:
    """Give her browser at the desk, where she is signed in."""
    give_password(alice)
    return come_in(alice, FIREFOX)


@pytest.fixture
def telephone(desk: Client, alice: Customer) -> Client:
    """Give her telephone, where she is signed in, too."""
    return come_in(alice, IPHONE)


def come_in(customer: Customer, agent: str) -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=WHERE)
    sign_in(client, customer)
    assert is_signed_in(client)
    return client


def numbers(client: Client) -> list[int]:
    return [row["number"] for row in client.get(SESSIONS).context["sessions"]]


def test_each_session_is_listed_by_the_family_of_its_device(
    desk: Client, telephone: Client, clock: Traveller
) -> None:
    rows = telephone.get(SESSIONS).context["sessions"]
    assert {row["device"]: row["is_this"] for row in rows} == {
        "Firefox on Linux": False,
        "Mobile Safari on iOS": True,
    }
    assert "iOS 18" not in text(telephone.get(SESSIONS))


def test_no_address_and_no_name_of_a_browser_is_kept(
    desk: Client, telephone: Client, clock: Traveller
) -> None:
    clock.shift(HOUR)
    for client in (desk, telephone):
        client.get(SESSIONS)
    kept = list(UserSession.objects.values())
    assert {row["ip"] for row in kept} == {"0.0.0.0"}  # noqa: S104
    assert {row["user_agent"] for row in kept} == {""}
    written = str(kept) + str([session.get_decoded() for session in Session.objects.all()])
    assert WHERE not in written
    assert "Mozilla" not in written


@pytest.mark.django_db
def test_the_database_itself_takes_no_address(desk: Client) -> None:
    for wrong in ({"ip": WHERE}, {"user_agent": FIREFOX}):
        with pytest.raises(DatabaseError), transaction.atomic():
            UserSession.objects.update(**wrong)


def test_one_session_is_ended(desk: Client, telephone: Client) -> None:
    there = next(n for n in numbers(telephone) if n != mine(telephone))
    address = reverse("end_session", args=[there])
    assert telephone.post(address).headers["Location"] == SESSIONS
    assert not is_signed_in(desk)
    assert is_signed_in(telephone)
    assert telephone.post(address).status_code == 404


def mine(client: Client) -> int:
    rows = client.get(SESSIONS).context["sessions"]
    return int(next(row["number"] for row in rows if row["is_this"]))


def test_all_others_are_ended_and_a_second_press_does_no_harm(
    desk: Client, telephone: Client, alice: Customer
) -> None:
    third = come_in(alice, "")
    for _ in range(2):
        assert desk.post(reverse("end_sessions")).status_code == 302
    assert [is_signed_in(each) for each in (desk, telephone, third)] == [True, False, False]
    assert len(numbers(desk)) == 1


def test_ending_asks_for_a_recent_proof(desk: Client, telephone: Client, clock: Traveller) -> None:
    clock.shift(HOUR)
    for address in (reverse("end_sessions"), reverse("end_session", args=[mine(desk)])):
        assert telephone.post(address).status_code == 403
    assert is_signed_in(desk)
    asked = telephone.get(reverse("confirm_sessions")).headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")


def test_another_customers_session_is_not_there(desk: Client, bob: Customer) -> None:
    address = reverse("end_session", args=[mine(desk)])
    assert just_proven(signed_in(bob)).post(address).status_code == 404
    assert is_signed_in(desk)


def test_a_changed_password_ends_the_other_sessions(desk: Client, telephone: Client) -> None:
    sent = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert desk.post(reverse("account_change_password"), sent).status_code == 302
    assert is_signed_in(desk)
    assert not is_signed_in(telephone)
    assert UserSession.objects.count() == 1
    assert len(numbers(desk)) == 1


def test_the_list_follows_a_session_that_gets_a_new_key(desk: Client) -> None:
    began = UserSession.objects.get().created_at
    before = desk.cookies["session"].value
    desk.post("/accounts/reauthenticate/", {"password": PASSWORD})
    after = desk.cookies["session"].value
    assert after != before
    assert UserSession.objects.get().session_key == after
    assert UserSession.objects.get().created_at == began


def test_the_session_that_is_fixed_before_signing_in_is_worth_nothing(alice: Customer) -> None:
    give_password(alice)
    client = Client()
    client.get("/accounts/login/webauthn/")
    session = client.session
    session["planted"] = "by mallory"
    session.save()
    before = session.session_key
    client.cookies["session"] = before or ""
    sign_in(client, alice)
    assert client.cookies["session"].value != before


@pytest.mark.parametrize("hours", [11, 11.9])
def test_use_keeps_a_session_open(desk: Client, clock: Traveller, hours: float) -> None:
    for _ in range(4):
        clock.shift(hours * HOUR)
        assert is_signed_in(desk)


def test_twelve_hours_without_use_end_it_with_a_word(desk: Client, clock: Traveller) -> None:
    clock.shift(12 * HOUR - timedelta(minutes=1))
    assert is_signed_in(desk)
    clock.shift(12 * HOUR)
    page = desk.get("/account/personal/", follow=True)
    assert page.request["PATH_INFO"] == reverse("account_login")
    assert not is_signed_in(desk)


def test_after_thirty_days_it_ends_however_much_it_was_used(desk: Client, clock: Traveller) -> None:
    for _ in range(30 * 3 - 1):
        clock.shift(8 * HOUR)
        desk.head("/account/security/")
    assert is_signed_in(desk)
    clock.shift(8 * HOUR)
    assert "You were signed out" in text(desk.get("/account/", follow=True))
    assert UserSession.objects.count() == 0


@pytest.mark.parametrize(
    ("limits", "idle", "absolute"),
    [(CUSTOMERS, 12 * HOUR, 30 * 24 * HOUR), (STAFF, HOUR, 24 * HOUR)],
)
def test_the_limits_are_exact(limits: object, idle: timedelta, absolute: timedelta) -> None:
    assert limits in {CUSTOMERS, STAFF}
    chosen = CUSTOMERS if limits is CUSTOMERS else STAFF
    now, second = 10_000_000.0, 1
    seconds = idle.total_seconds()
    assert chosen.are_over(began=now - seconds, used=now - seconds, now=now)
    assert not chosen.are_over(began=now - seconds, used=now - seconds + second, now=now)
    most = absolute.total_seconds()
    assert chosen.are_over(began=now - most, used=now, now=now)
    assert not chosen.are_over(began=now - most + second, used=now, now=now)


def test_signing_out_ends_the_session_and_clears_what_the_browser_kept(desk: Client) -> None:
    key = desk.cookies["session"].value
    answer = desk.post(reverse("account_logout"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    desk.cookies["session"] = key
    assert not is_signed_in(desk)
    assert "Clear-Site-Data" not in desk.get("/").headers


@pytest.mark.parametrize(
    ("agent", "family", "words"),
    [
        (FIREFOX, "Firefox on Linux", "Firefox on Linux"),
        (IPHONE, "Mobile Safari on iOS", "Mobile Safari on iOS"),
        ("", "", "Unknown browser"),
        ("curl/8.0", "curl", "curl"),
        ("<script>alert(1)</script>", "", "Unknown browser"),
        ("x" * 5000, "", "Unknown browser"),
    ],
)
def test_a_device_is_told_in_words(agent: str, family: str, words: str) -> None:
    assert device_family(agent) == family
    assert in_words(family) == words
