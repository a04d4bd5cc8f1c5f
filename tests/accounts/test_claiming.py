"""A customer without a sign-in gets one: by a code that staff issue, once, and nobody else."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import Actor
from accounts.event_kinds import EventKind
from accounts.models import MOST_TRIES, AccountEvent, Address, ClaimCode, Customer, User
from accounts.roles import Role
from accounts.services.claiming import LASTS, Reason, issue_claim_code, try_code
from bizsecure.core.errors import Refused
from consent.models import Acceptance, Choice, PolicyVersion
from consent.services.choosing import refuse
from tests.builders import INSTANT, look_at, member
from tests.pages.browsing import PASSWORD, signed_in, signed_in_as, text

PAGE = "/accounts/claim/"
WRONG = "AAAA-AAAA-AAAA"
Way = ClaimCode.Way


@pytest.fixture
def dora(policy: PolicyVersion) -> Customer:
    """Give a customer without a sign-in, whose postal address we know."""
    dora = Customer.objects.create(name="Dora Dean")
    Address.objects.create(customer=dora, street="1 Mill Lane", city="Dover", country="US")
    return dora


@pytest.fixture
def carol(policy: PolicyVersion) -> User:
    """Give somebody of the billing department."""
    return member(Role.BILLING)


def issue(customer: Customer, carol: User, way: Way = Way.LETTER) -> str:
    look_at(customer, carol)
    return issue_claim_code(customer=customer, way=way, actor=Actor.staff(carol)).code


def is_right(customer: Customer, code: str) -> bool:
    return try_code(number=customer.number, code=code) is not None


def test_a_code_is_right_however_it_is_typed(dora: Customer, carol: User) -> None:
    code = issue(dora, carol)
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", code)
    assert is_right(dora, f" {code.lower().replace('-', ' ')} ")
    assert not is_right(dora, code[:-1])
    assert not is_right(Customer(number="BZ-NOBODY99"), code)
    assert code not in str(vars(ClaimCode.objects.get()))


def test_it_runs_out(dora: Customer, carol: User, clock: Traveller) -> None:
    code = issue(dora, carol)
    clock.shift(LASTS[Way.LETTER] - INSTANT)
    assert is_right(dora, code)
    clock.shift(INSTANT)
    assert not is_right(dora, code)


def test_after_a_few_tries_not_even_the_right_one_is_right(dora: Customer, carol: User) -> None:
    code = issue(dora, carol)
    for _each in range(MOST_TRIES + 1):
        assert not is_right(dora, WRONG)
    assert ClaimCode.objects.get().tries == MOST_TRIES
    assert not is_right(dora, code)


def test_a_new_code_stops_the_old_one(dora: Customer, carol: User) -> None:
    old, new = issue(dora, carol), issue(dora, carol, Way.BILLING)
    assert (is_right(dora, old), is_right(dora, new)) == (False, True)


def test_a_code_is_made_only_for_who_needs_one(
    dora: Customer, alice: Customer, carol: User
) -> None:
    dora.addresses.all().delete()
    for customer, reason in ((alice, Reason.HAS_SIGN_IN), (dora, Reason.NO_ADDRESS)):
        with pytest.raises(Refused) as refused:
            issue(customer, carol)
        assert refused.value.reason == reason
    issue(dora, carol, Way.BILLING)
    Customer.objects.filter(pk=dora.pk).update(status=Customer.Status.CLOSED)
    with pytest.raises(Refused):
        issue(dora, carol, Way.BILLING)


def typed(client: Client, customer: Customer, code: str) -> str:
    return text(client.post(PAGE, {"number": customer.number, "code": code}, follow=True))


def sign_up(client: Client, email: str) -> User:
    """Make a sign-in on the page behind a right code, and prove the address."""
    page = client.get(f"{PAGE}sign-up/").content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen
    data = {"email": email, "password1": PASSWORD, "seen": seen[1]}
    assert client.post(f"{PAGE}sign-up/", data).status_code == 302
    user = User.objects.get(email=email)
    EmailAddress.objects.filter(user=user).update(verified=True, primary=True)
    return user


def test_she_gets_a_sign_in_and_all_that_was_hers(
    dora: Customer, carol: User, policy: PolicyVersion, clock: Traveller
) -> None:
    uses = [row.use for row in policy.declared_uses.exclude(basis="essential")]
    actor, now = Actor.staff(carol), timezone.now()
    refuse(customer=dora, uses=uses, method=Choice.Method.STAFF, actor=actor, now=now)
    client = Client()
    assert "Choose how you will sign in" in typed(client, dora, issue(dora, carol))
    user = sign_up(client, "dora@example.com")
    assert not Customer.objects.filter(user=user).exists()
    client.force_login(user)
    assert "Your code is right" in text(client.get(PAGE))
    assert "The account is yours now." in text(client.post(PAGE, follow=True))
    dora.refresh_from_db()
    assert (dora.user, dora.email) == (user, "dora@example.com")
    assert dora.email_verified_at is not None
    assert dora.choices.count() == len(uses)
    assert Acceptance.objects.filter(customer=dora).count() == 1
    kinds = AccountEvent.objects.filter(customer=dora).order_by("sequence")
    assert list(kinds.values_list("kind", flat=True))[:2] == [
        EventKind.CLAIM_CODE_SENT,
        EventKind.ACCOUNT_CLAIMED,
    ]


def test_in_another_browser_she_types_the_code_again(dora: Customer, carol: User) -> None:
    code = issue(dora, carol)
    first = Client()
    typed(first, dora, code)
    user = sign_up(first, "dora@example.com")
    other = signed_in_as(user)
    assert "Your code is right" not in text(other.get(PAGE))
    assert other.post(PAGE).status_code == 422
    assert "The account is yours now." in typed(other, dora, code)
    # It was for one use.
    assert "used up" in typed(Client(), dora, code)


def test_nobody_learns_which_numbers_there_are(dora: Customer, carol: User) -> None:
    issue(dora, carol)
    answers = {
        re.sub(r"BZ-\w+|csrf\S+ value=\S+", "", typed(Client(), customer, WRONG))
        for customer in (dora, Customer(number="BZ-NOBODY99"))
    }
    assert len(answers) == 1


def test_many_tries_from_one_place_are_stopped(dora: Customer) -> None:
    client = Client()
    data = {"number": dora.number, "code": WRONG}
    statuses = [client.post(PAGE, data).status_code for _each in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_sign_in_cannot_be_made_without_a_code(policy: PolicyVersion) -> None:
    assert Client().get(f"{PAGE}sign-up/")["Location"] == PAGE


def test_who_has_an_account_is_led_there(alice: Customer) -> None:
    assert signed_in(alice).get(PAGE)["Location"] == "/account/"
