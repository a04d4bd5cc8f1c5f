"""Staff pages about people: no more rights, and no more personal information, than needed."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import Customer, User
from accounts.roles import Role
from tests.builders import joined, look_at, member, promise
from tests.pages.browsing import signed_in_as

USERS = "/admin/accounts/user/"
CUSTOMERS = "/admin/accounts/customer/"


@pytest.fixture
def boss(db: None, clock: Traveller) -> Client:
    """Give the browser of a superuser."""
    return signed_in_as(promise(User.objects.create_superuser("boss@example.com")))


@pytest.fixture
def desk(db: None, clock: Traveller) -> Client:
    """Give the browser of somebody in support."""
    return signed_in_as(member(Role.SUPPORT))


@pytest.fixture
def office(db: None, clock: Traveller) -> Client:
    """Give the browser of an administrator."""
    return signed_in_as(member(Role.ADMINISTRATOR))


def page(user: User) -> str:
    return f"{USERS}{user.pk}/change/"


def test_customers_are_listed_without_telephone_address_or_mail(
    desk: Client, alice: Customer
) -> None:
    alice.telephone = "+1 201-555-0123"
    alice.save(update_fields=["telephone"])
    shown = desk.get(CUSTOMERS).text
    assert alice.number in shown
    assert alice.email not in shown
    assert "555-0123" not in shown


@pytest.fixture
def known(alice: Customer, bob: Customer) -> Customer:
    """Give alice with a telephone number."""
    alice.telephone = "+1 201-555-0123"
    alice.save(update_fields=["telephone"])
    return alice


FIND = f"{CUSTOMERS}find/"


@pytest.mark.parametrize(
    "typed",
    [
        *("Alice", "alice ad", "ADAMS", "adams, alice", "Ál", " alice  adams "),
        *("alice@example.com", "ALICE@EXAMPLE.COM"),
        *("+1 201-555-0123", "+12015550123", "(201) 555 0123", "001 201 555 0123"),
    ],
)
def test_a_customer_is_found_by_what_somebody_knows_of_her(
    desk: Client, known: Customer, typed: str
) -> None:
    answer = desk.post(FIND, {"typed": typed.replace("001 ", "011 1 ")})
    assert answer.context["found"] == [known]
    for secret in (known.email, "555-0123"):
        assert secret not in answer.text.replace(f'value="{typed}"', "")


@pytest.mark.parametrize(
    "typed",
    [
        *("lice", "Adams Bob", "alice@example.org", "+1 201-555-012", "201-555-0124", "BZ-XXXX"),
        *("%", "_%", "al%", "\\", "alice\u200b@", "@", "1" * 200, "\U0010ffff\U0010ffff", "''--"),
    ],
)
def test_nobody_is_found_by_what_is_nearly_right(desk: Client, known: Customer, typed: str) -> None:
    answer = desk.post(FIND, {"typed": typed})
    assert answer.status_code in {200, 422}
    assert not answer.context["found"]


def test_a_customer_is_found_by_number_in_the_list_and_on_the_page(
    desk: Client, known: Customer
) -> None:
    listed = desk.get(CUSTOMERS, {"q": known.number.lower()})
    assert list(listed.context["cl"].result_list) == [known]
    found = desk.post(FIND, {"typed": known.number.lower()})
    assert found.context["found"] == [known]


def test_what_is_typed_to_find_somebody_stands_in_no_address(desk: Client, known: Customer) -> None:
    assert desk.get(FIND, {"typed": "Alice"}).context["found"] == []


@pytest.mark.parametrize("column", ["name", "telephone"])
def test_a_customer_is_found_by_what_is_known_now(known: Customer, column: str) -> None:
    before = getattr(known, column)
    setattr(known, column, {"name": "Zoë Zimt", "telephone": "+49 30 901820"}[column])
    known.save(update_fields=[column])
    assert not Customer.objects.found_by(before).exists()
    assert Customer.objects.found_by(getattr(known, column)).get() == known


def test_a_name_is_found_through_an_index(db: None) -> None:
    """However many customers there are: the plan names the index and no scan of the table."""
    if connection.vendor == "sqlite":
        plan = Customer.objects.found_by("alice").explain()
        assert "accounts_customer_folded_name" in plan
        assert "SCAN" not in plan
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "folded_name" in Customer.objects.found_by("alice").explain()


def test_customers_are_not_written_here(boss: Client, alice: Customer) -> None:
    look_at(alice, User.objects.get(email="boss@example.com"))
    for address in (f"{alice.pk}/change/", f"{alice.pk}/delete/", "add/"):
        assert boss.post(f"{CUSTOMERS}{address}", {"name": "X", "post": "yes"}).status_code == 403


def test_the_list_of_customers_costs_the_same_however_long_it_is(
    desk: Client, alice: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("Ada", "Ben", "Cem"):
        joined(name)
    with django_assert_max_num_queries(8):
        desk.get(CUSTOMERS)


def test_customers_have_no_sign_in_among_those_of_staff(boss: Client, alice: Customer) -> None:
    assert alice.user
    assert alice.email not in boss.get(USERS).text
    assert boss.get(page(alice.user)).status_code == 302
    boss.post(page(alice.user), {"is_superuser": "on"})
    assert not User.objects.get(pk=alice.user.pk).is_superuser


def test_an_administrator_gives_roles_and_no_more(office: Client, carol: User) -> None:
    role = Group.objects.get(name=Role.BILLING)
    sent = {"is_active": "on", "is_superuser": "on", "groups": role.pk}
    assert office.post(page(carol), sent).status_code == 302
    user = User.objects.get(pk=carol.pk)
    assert (user.is_superuser, list(user.groups.all())) == (False, [role])


def test_nobody_gives_rights_to_themselves_or_touches_a_superuser(
    office: Client, carol: User
) -> None:
    User.objects.filter(pk=carol.pk).update(is_superuser=True)
    for user in (carol, User.objects.get(email="administrator@example.com")):
        assert office.post(page(user), {"is_active": "on"}).status_code == 403


def test_somebody_who_leaves_can_be_kept_out(office: Client, carol: User) -> None:
    office.post(page(carol), {})
    assert not User.objects.get(pk=carol.pk).is_active


def test_what_a_role_may_do_is_not_changed_here(boss: Client) -> None:
    role = Group.objects.get(name=Role.BILLING)
    change = f"/admin/auth/group/{role.pk}/change/"
    assert "May suspend an account" in boss.get(change).text
    for address in (change, "/admin/auth/group/add/"):
        assert boss.post(address, {"name": "X"}).status_code == 403


def test_an_address_is_changed_by_its_owner_alone(boss: Client, carol: User) -> None:
    boss.post(page(carol), {"email": "mallory@example.com", "is_active": "on"})
    assert User.objects.get(pk=carol.pk).email == carol.email


def test_every_page_of_the_staff_is_one_of_ours() -> None:
    of_others = [
        model
        for model, pages in admin.site._registry.items()
        if not type(pages).__module__.startswith(("accounts", "bizsecure", "consent", "notif"))
    ]
    assert of_others == []


def test_a_new_sign_in_has_no_password_until_its_owner_sets_one(boss: Client) -> None:
    boss.post(f"{USERS}add/", {"email": "New@Example.com", "is_active": "on"})
    user = User.objects.get(email="new@example.com")
    assert user.is_staff
    assert not user.has_usable_password()


def test_nobody_is_deleted_here(boss: Client, carol: User) -> None:
    assert boss.post(f"{USERS}{carol.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_side_bar_shows_only_what_may_be_opened(desk: Client) -> None:
    shown = desk.get("/admin/").text
    assert CUSTOMERS in shown
    assert "/admin/consent/policyversion/" not in shown
    assert "/admin/auth/group/" not in shown
