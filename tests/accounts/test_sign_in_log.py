"""What happens to a sign-in stands in the account log: the device by its family, no address."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import AccountEvent, Customer
from accounts.services.sign_in_events import BETWEEN_FAILURES
from tests.accounts.coming_in import add_app, add_passkey, code_of
from tests.pages.browsing import PASSWORD, give_password, just_proven, sign_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW_PASSWORD = "another horse, the same battery"


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def hers(alice: Customer) -> Client:
    """Give the browser in which alice has just signed in."""
    give_password(alice)
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="198.51.100.23")
    sign_in(client, alice)
    return client


def logged(customer: Customer) -> list[tuple[str, str, str, int | None]]:
    rows = AccountEvent.objects.filter(customer=customer).order_by("sequence")
    return list(rows.values_list("kind", "device", "subject", "count"))


def test_a_sign_in_is_logged_with_the_family_of_the_device_alone(
    hers: Client, alice: Customer
) -> None:
    assert logged(alice) == [("signed_in", "Firefox on Linux", "", None)]
    kept = str(list(AccountEvent.objects.values()))
    assert "198.51" not in kept
    assert "140.0" not in kept


def test_a_wrong_password_is_no_sign_in(alice: Customer) -> None:
    give_password(alice)
    Client().post(reverse("account_login"), {"login": alice.email, "password": "not hers at all"})
    assert logged(alice) == []


def test_signing_out_is_logged_once(hers: Client, alice: Customer) -> None:
    for _press in range(2):
        hers.post(reverse("account_logout"))
    assert logged(alice)[1:] == [("signed_out", "Firefox on Linux", "", None)]


def test_factors_that_come_and_go_are_logged(
    hers: Client, alice: Customer, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        add_app(hers)
    just_proven(hers, "mfa").post(reverse("mfa_deactivate_totp"))
    kinds = [(kind, subject) for kind, _device, subject, _count in logged(alice)[1:]]
    assert sorted(kinds) == [
        ("factor_added", "authenticator_app"),
        ("factor_added", "recovery_codes"),
        ("factor_removed", "authenticator_app"),
        ("factor_removed", "recovery_codes"),
    ]


def test_a_new_password_and_the_sessions_it_ends_are_logged(hers: Client, alice: Customer) -> None:
    sign_in(Client(), alice)
    sent = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    hers.post(reverse("account_change_password"), sent)
    assert [kind for kind, *_facts in logged(alice)[2:]] == ["sessions_ended", "password_changed"]


def test_a_wrong_second_step_is_logged_once_in_a_while_and_without_any_place(
    hers: Client, alice: Customer, clock: Traveller
) -> None:
    just_proven(hers)
    secret = add_app(hers)
    halfway = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="198.51.100.23")
    sign_in(halfway, alice)
    for _try in range(3):
        halfway.post(reverse("mfa_authenticate"), {"code": "000000"})
    failed = [row for row in logged(alice) if row[0] == "factor_failed"]
    assert failed == [("factor_failed", "Firefox on Linux", "authenticator_app", None)]
    clock.shift(BETWEEN_FAILURES)
    halfway.post(reverse("mfa_authenticate"), {"code": "000000"})
    halfway.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    kinds = [row[0] for row in logged(alice)]
    assert kinds.count("factor_failed") == 2
    assert "198.51" not in str(list(AccountEvent.objects.values()))
    shown = hers.get(reverse("log")).text
    assert "The second step of a sign-in failed: authenticator app, Firefox on Linux." in shown


def test_a_passkey_that_does_not_open_is_logged_as_well(hers: Client, alice: Customer) -> None:
    add_passkey(just_proven(hers))
    halfway = Client(headers={"user-agent": FIREFOX})
    sign_in(halfway, alice)
    halfway.post(reverse("mfa_authenticate"), {"credential": '{"id": "x"}'})
    assert ("factor_failed", "Firefox on Linux", "passkey", None) in logged(alice)
