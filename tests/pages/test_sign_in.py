"""Coming in, going out, and finding back in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import Customer, User
from consent.models import PolicyVersion
from tests.builders import DAY, say_no, tell
from tests.pages.browsing import PASSWORD, give_password, sign_in, signed_in, stored, text
from tests.pages.hashing import CountingHasher
from tests.postbox import Postbox, Posted

ACCOUNT = "/account/"
NEW_PASSWORD = "another horse, the same battery"


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    """Keep passwords at little cost: what they cost otherwise is looked at elsewhere."""
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def client(alice: Customer) -> Client:
    """Give a browser that alice may sign in with."""
    give_password(alice)
    return Client()


def is_signed_in(client: Client) -> bool:
    return client.get(ACCOUNT).status_code == 200


def link_in(mail: Posted) -> str:
    found = re.search(r"http://[^/\s]+(/\S+)", str(mail.body))
    assert found
    return found[1]


def test_signing_in_leads_to_the_account(client: Client, alice: Customer) -> None:
    assert sign_in(client, alice).headers["Location"] == ACCOUNT
    assert is_signed_in(client)


def test_signing_in_leads_to_an_open_notice_until_it_is_answered(
    client: Client, alice: Customer, change: PolicyVersion
) -> None:
    assert sign_in(client, alice).headers["Location"] == "/account/notices/2/"
    tell(alice, change)
    say_no(alice, change, "uptime-watch")
    assert sign_in(Client(), alice).headers["Location"] == ACCOUNT


def test_whoever_was_on_the_way_somewhere_gets_there(client: Client, alice: Customer) -> None:
    asked = client.get("/account/personal/")
    assert asked.headers["Location"] == "/accounts/login/?next=/account/personal/"
    page = text(client.get(asked.headers["Location"]))
    assert 'name="next" value="/account/personal/"' in page
    assert sign_in(client, alice, next="/account/personal/").headers["Location"] == (
        "/account/personal/"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "https://localhost:8000@evil.example/",
        "\x00//evil.example/",
        "/\n/evil.example/",
    ],
)
def test_signing_in_leads_to_no_other_site(client: Client, alice: Customer, hostile: str) -> None:
    assert client.get("/accounts/login/", {"next": hostile}).status_code == 200
    assert sign_in(client, alice, next=hostile).headers["Location"] == ACCOUNT


def test_the_admin_is_entered_by_the_same_door(db: None) -> None:
    answer = Client().get("/admin/", follow=True)
    assert answer.request["PATH_INFO"] == "/accounts/login/"
    sent = {"username": "carol@example.com", "password": PASSWORD}
    assert Client().post("/admin/login/", sent).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("alice@example.com", "not the password"),
        ("nobody@example.com", PASSWORD),
        ("alice@example.com", PASSWORD.upper()),
    ],
)
def test_what_is_wrong_is_not_told_apart(
    client: Client, alice: Customer, login: str, password: str
) -> None:
    CountingHasher.worked.clear()
    response = client.post(reverse("account_login"), {"login": login, "password": password})
    page = text(response)
    problem = "The email address and/or password you specified are not correct."
    assert problem in page
    assert page.index('id="error-summary"') < page.index("<h1>")
    assert f'value="{login}"' in page
    assert password not in page
    assert len(CountingHasher.worked) == 1
    assert not is_signed_in(client)


def test_guessing_is_stopped_even_with_the_right_password(client: Client, alice: Customer) -> None:
    wrong = {"login": alice.email, "password": "not the password"}
    for _ in range(5):
        client.post(reverse("account_login"), wrong)
    assert "Too many failed login attempts" in text(sign_in(Client(), alice))
    assert not is_signed_in(client)


def test_a_forged_address_of_a_machine_does_not_help_guessing(
    client: Client, alice: Customer
) -> None:
    answers = []
    for number in range(12):
        sent = {"login": f"somebody-{number}@example.com", "password": "not the password"}
        forged = {"x-forwarded-for": f"198.51.100.{number}"}
        answers.append(client.post(reverse("account_login"), sent, headers=forged))
    assert "Too many failed login attempts" in text(answers[-1])


def test_a_pause_for_guessing_ends_by_itself(
    client: Client, alice: Customer, clock: Traveller
) -> None:
    for _ in range(6):
        client.post(reverse("account_login"), {"login": alice.email, "password": "wrong"})
    clock.shift(301)
    assert sign_in(client, alice).status_code == 302


def test_signing_in_begins_a_session_of_another_name(client: Client, alice: Customer) -> None:
    session = client.session
    session["planted"] = "1"
    session.save()
    before = session.session_key
    sign_in(client, alice)
    assert client.cookies["session"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_signing_out_ends_the_session_on_our_side(client: Client, alice: Customer) -> None:
    sign_in(client, alice)
    stolen = client.cookies["session"].value
    client.post(reverse("account_logout"))
    client.cookies["session"] = stolen
    assert not is_signed_in(client)


def test_opening_the_page_of_signing_out_does_not_sign_out(client: Client, alice: Customer) -> None:
    sign_in(client, alice)
    assert "Sign out" in text(client.get(reverse("account_logout")))
    assert is_signed_in(client)


def test_a_session_ends_after_half_a_day(client: Client, alice: Customer, clock: Traveller) -> None:
    sign_in(client, alice)
    clock.shift(DAY / 2 + DAY / 24)
    assert not is_signed_in(client)


def test_the_first_name_is_remembered_until_somebody_says_not_me(
    client: Client, alice: Customer
) -> None:
    sign_in(client, alice)
    client.post(reverse("account_logout"))
    assert "Welcome back, Alice." in text(client.get("/"))
    client.post(reverse("forget_me"))
    assert "Alice" not in text(client.get("/"))


def test_a_closed_account_opens_no_page_of_an_account(client: Client, alice: Customer) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.CLOSED)
    sign_in(client, alice)
    for address in (ACCOUNT, "/account/personal/", "/account/privacy/", "/account/messages/"):
        assert client.get(address).status_code == 403


def test_a_suspended_customer_still_sees_and_decides(client: Client, alice: Customer) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.SUSPENDED)
    sign_in(client, alice)
    assert "Suspended" in text(client.get(ACCOUNT))
    assert client.get("/account/privacy/").status_code == 200


def test_whoever_may_no_longer_sign_in_is_out_at_once(client: Client, alice: Customer) -> None:
    sign_in(client, alice)
    User.objects.filter(customer=alice).update(is_active=False)
    assert not is_signed_in(client)
    assert sign_in(client, alice).headers["Location"] == reverse("account_inactive")


def test_a_forgotten_password_is_replaced_by_a_link(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    other = signed_in(alice)
    asked = client.post(reverse("account_reset_password"), {"email": alice.email}, follow=True)
    assert "Look into your mail" in text(asked)
    form = client.get(link_in(postbox[0]), follow=True)
    sent = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    done = client.post(form.request["PATH_INFO"], sent, follow=True)
    assert "Your new password is saved" in text(done)
    assert not is_signed_in(other)
    assert alice.user is not None
    alice.user.refresh_from_db()
    assert alice.user.check_password(NEW_PASSWORD)
    assert "This link is no longer good" in text(Client().get(link_in(postbox[0]), follow=True))


def test_a_link_for_a_new_password_is_good_for_an_hour(
    client: Client, alice: Customer, postbox: Postbox, clock: Traveller
) -> None:
    client.post(reverse("account_reset_password"), {"email": alice.email})
    clock.shift(3601)
    page = client.get(link_in(postbox[0]), follow=True)
    assert "This link is no longer good" in text(page)


def test_asking_for_a_new_password_tells_nobody_who_is_a_customer(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    answers = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (alice.email, "nobody@example.com")
    ]
    assert text(answers[0]) == text(answers[1])
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert "There is no such account" in str(postbox[1].body)


def test_a_new_password_takes_the_old_one_and_tells_the_customer(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    sign_in(client, alice)
    page = reverse("account_change_password")
    sent = {"oldpassword": "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    before = stored(without="django_session")
    assert 'href="#id_oldpassword"' in text(client.post(page, sent))
    assert stored(without="django_session") == before
    client.post(page, {**sent, "oldpassword": PASSWORD})
    assert alice.user is not None
    alice.user.refresh_from_db()
    assert alice.user.check_password(NEW_PASSWORD)
    assert [mail.to for mail in postbox] == [[alice.email]]


def change_address(client: Client, email: str) -> Any:
    """Ask for another address, saying the password once more where that is asked for."""
    page = reverse("account_email")
    answer = client.post(page, {"action_add": "", "email": email}, follow=True)
    if answer.request["PATH_INFO"] == reverse("account_reauthenticate"):
        answer = client.post(
            reverse("account_reauthenticate"), {"password": PASSWORD, "next": page}, follow=True
        )
    return answer


def test_a_new_address_counts_once_its_link_is_followed(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    sign_in(client, alice)
    change_address(client, "alice@elsewhere.example")
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    page = text(client.get(reverse("account_email")))
    assert "You are changing it to" in page
    to_new = next(mail for mail in postbox if mail.to == ["alice@elsewhere.example"])
    client.post(link_in(to_new))
    alice.refresh_from_db()
    assert alice.email == "alice@elsewhere.example"
    assert User.objects.get(customer=alice).email == "alice@elsewhere.example"
    assert ["alice@example.com"] in [mail.to for mail in postbox]


def test_the_address_of_another_customer_cannot_be_taken_and_is_not_betrayed(
    client: Client, alice: Customer, bob: Customer, postbox: Postbox
) -> None:
    sign_in(client, alice)
    unknown = text(change_address(client, "nobody@example.com"))
    known = text(change_address(client, bob.email))
    for page in (known, unknown):
        assert "You are changing it to" in page
        assert 'class="errors"' not in page
    (to_bob,) = [mail for mail in postbox if mail.to == [bob.email]]
    assert "This link is no longer good" in text(Client().get(link_in(to_bob)))
    Client().post(link_in(to_bob))
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert EmailAddress.objects.get(email=bob.email, verified=True).user_id == bob.user_id


def test_an_address_is_changed_only_by_whoever_proved_lately_who_they_are(
    client: Client, alice: Customer, clock: Traveller
) -> None:
    sign_in(client, alice)
    change_address(client, "alice@elsewhere.example")
    clock.shift(301)
    sent = {"action_add": "", "email": "mallory@example.com"}
    answer = client.post(reverse("account_email"), sent)
    assert answer.status_code == 403
    assert f'href="{reverse("account_reauthenticate")}?next=' in text(answer)
    wrong = {"password": "wrong", "next": reverse("account_email")}
    assert "Is it still you?" in text(client.post(reverse("account_reauthenticate"), wrong))
    assert not EmailAddress.objects.filter(email="mallory@example.com").exists()
