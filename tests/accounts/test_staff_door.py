"""The staff pages open with a second factor, and with nothing less."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import Customer, User
from accounts.second_factors import seal_secret
from bizsecure.demo.loading import STAFF_APP_KEY
from tests.accounts.coming_in import add_app, code_of
from tests.pages.browsing import PASSWORD, just_proven, signed_in, signed_in_as, text

ADMIN = "/admin/"
FACTORS = "/accounts/2fa/"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def staff(carol: User) -> User:
    """Give carol with a password and a proven address, who may do everything."""
    EmailAddress.objects.create(user=carol, email=carol.email, primary=True, verified=True)
    carol.set_password(PASSWORD)
    carol.is_superuser = True
    carol.save(update_fields=["password", "is_superuser"])
    return carol


def give_app(user: User) -> None:
    data = {"secret": seal_secret(user, SECRET)}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def come_in(client: Client, user: User) -> str:
    sent = {"login": user.email, "password": PASSWORD}
    location: str = client.post(reverse("account_login"), sent).headers["Location"]
    return location


def test_a_password_and_a_code_open_the_staff_pages(staff: User) -> None:
    give_app(staff)
    client = Client()
    assert come_in(client, staff) == reverse("mfa_authenticate")
    assert client.get(ADMIN).status_code == 302
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    assert answer.headers["Location"] == ADMIN
    assert client.get(ADMIN).status_code == 200


def test_staff_without_a_factor_are_led_to_set_one_up_and_then_come_in(staff: User) -> None:
    client = Client()
    assert come_in(client, staff) == ADMIN
    page = client.get(ADMIN, follow=True)
    assert page.redirect_chain[-1][0] == FACTORS
    assert "The staff pages open with a second factor" in text(page)
    secret = add_app(client)
    asked = client.get(ADMIN, follow=True)
    assert asked.request["PATH_INFO"] == reverse("mfa_reauthenticate")
    sent = {"code": code_of(secret, ahead=0), "next": ADMIN}
    assert client.post(reverse("mfa_reauthenticate"), sent).headers["Location"] == ADMIN
    assert client.get(ADMIN).status_code == 200


@pytest.mark.parametrize("has_app", [True, False])
def test_an_old_session_without_a_factor_opens_no_page_of_the_staff(
    staff: User, has_app: bool
) -> None:
    if has_app:
        give_app(staff)
    client = Client()
    client.force_login(staff)
    leads_to = reverse("mfa_reauthenticate") if has_app else FACTORS
    for path in (ADMIN, "/admin/accounts/customer/", "/admin/login/", "/admin/jsi18n/"):
        for method in (client.get, client.post):
            page = method(path, follow=True)
            assert page.request["PATH_INFO"] == leads_to or page.status_code == 403, path
            assert "Sign-ins" not in text(page)


def test_a_proof_by_password_alone_is_no_factor(staff: User) -> None:
    client = Client()
    client.force_login(staff)
    assert just_proven(client, "password").get(ADMIN).status_code == 302


def test_the_factor_of_another_user_opens_nothing(staff: User, alice: Customer) -> None:
    client = just_proven(signed_in(alice), "mfa")
    assert client.get(ADMIN, follow=True).status_code == 403
    client.force_login(staff)
    assert client.get(ADMIN).status_code == 302


def test_a_session_of_staff_ends_after_an_hour_without_use(staff: User, clock: Traveller) -> None:
    client = signed_in_as(staff)
    for _ in range(3):
        clock.shift(59 * 60)
        assert client.get(ADMIN).status_code == 200
    clock.shift(60 * 60)
    assert client.get(ADMIN, follow=True).request["PATH_INFO"] == reverse("account_login")


def test_the_demonstrations_code_is_the_one_its_staff_needs(
    staff: User, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.DEBUG = True
    call_command("demo_code")
    assert capsys.readouterr().out.split()[0] == code_of(STAFF_APP_KEY)
