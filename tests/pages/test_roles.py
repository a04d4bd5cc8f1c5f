"""Who may do what: the table of roles, walked as role by page by method (SEC-2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone

from accounts.actors import Actor, Channel
from accounts.models import Customer, Mandate, User
from accounts.roles import RIGHTS, Role, rights_of
from accounts.services.acting import Asked, record_mandate
from accounts.services.confiding import grant_roles
from bizsecure.core.admin import ReadOnlyAdmin
from tests.builders import look_at, member
from tests.pages.addresses import ADMIN, Address, every_address
from tests.pages.conftest import Belongings

# The pages beside those that Django gives each model, and the right each asks for. What is not
# named here is at least closed to staff without a role.
PAGES = {
    "accounts_customer_reason": "accounts.open_record",
    "accounts_customer_find_customer": "accounts.view_customer",
    "accounts_customer_export_page": "accounts.export_customers",
    "accounts_customer_import_page": "accounts.import_customers",
    "accounts_customer_details": "accounts.change_details",
    "accounts_customer_code": "accounts.change_details",
    "accounts_customer_close": "accounts.close_account",
    "accounts_customer_keep": "accounts.close_account",
    "accounts_customer_letters_page": "accounts.send_letters",
    "accounts_customer_letter": "accounts.send_letters",
    "accounts_customer_factor": "accounts.remove_factor",
    "accounts_factorremoval_changelist": "accounts.remove_factor",
    "accounts_factorremoval_change": "accounts.remove_factor",
    "accounts_factorremoval_history": "accounts.remove_factor",
    "accounts_customer_standing": "accounts.suspend_account",
    "consent_decide": "accounts.record_decision",
    # Its buttons ask for rights of their own.
    "notifications_announcement_change": "notifications.view_announcement",
    "notifications_announcement_letters": "notifications.write_letters",
    "notifications_change_letters": "notifications.write_letters",
    "notifications_case_change": "notifications.view_case",
    "notifications_case_times": "notifications.view_case",
    "notifications_case_file": "notifications.answer_case",
    "conduct_act": "conduct.take_decision",
    "conduct_decision_lift": "conduct.review_decision",
    "conduct_decision_uphold": "conduct.review_decision",
    "notifications_health": "notifications.view_campaign",
    "notifications_dry_run": "notifications.view_campaign",
    "notifications_progress": "notifications.view_campaign",
    "notifications_progress_of": "notifications.view_campaign",
    "store_termsversion_publish": "store.add_termsversion",
    "store_order_pay_back": "store.change_order",
    "consent_policyversion_publish": "consent.publish_policyversion",
    "consent_policyversion_move_date": "consent.publish_policyversion",
    "consent_policyversion_withdraw": "consent.publish_policyversion",
}
# What nobody may do with the row of the test, whatever the right: it is published.
CLOSED = {("POST", "consent_policyversion_change")}
# Pages for whoever is on the staff.
FOR_ALL = {
    *("index", "login", "logout", "password_change", "password_change_done", "autocomplete"),
    *("jsi18n", "view_on_site", "app_list", "search", "accounts_confidentiality", ""),
}
USUAL = {"changelist": "view", "add": "add", "history": "view", "delete": "delete"}


def closes(pages: Any, verb: str) -> bool:
    """Whether nobody adds or changes rows here, as ReadOnlyAdmin has it."""
    name = f"has_{verb}_permission"
    return isinstance(pages, ReadOnlyAdmin) and (
        getattr(type(pages), name) is getattr(ReadOnlyAdmin, name)
    )


def usual_right(address: Address, method: str) -> str | None:
    """Return the right that a page of a model asks for by Django's custom."""
    for model, pages in admin.site._registry.items():
        app, name = model._meta.app_label, model._meta.model_name
        prefix = f"{app}_{name}_"
        page = address.name.removeprefix(prefix)
        if not address.name.startswith(prefix) or page not in {*USUAL, "change"}:
            continue
        verb = USUAL.get(page) or ("view" if method == "GET" else "change")
        if verb == "delete" or (verb != "view" and closes(pages, verb)):
            return "nobody"
        return f"{app}.{verb}_{name}"
    return None


def opens(user: User, method: str, path: str) -> bool | None:
    """Whether the page lets this person in; None if there is nothing. It is not rendered."""
    request: Any = getattr(RequestFactory(), method.lower())(path)
    # Staff come in with a second factor alone.
    used = {"method": "mfa", "at": timezone.now().timestamp()}
    session = {
        "account_authentication_methods": [used],
        "account_authentication_methods_user": str(user.pk),
    }
    request.user, request.session, request.customer = user, session, None
    request._messages, request._dont_enforce_csrf_checks = default_storage(request), True
    request.resolver_match = match = resolve(path)
    try:
        answer = match.func(request, *match.args, **match.kwargs)
    except PermissionDenied:
        return False
    except Http404:
        return None
    is_elsewhere = answer.status_code == 302 and answer["Location"] == reverse("admin:index")
    return None if is_elsewhere else bool(answer.status_code != 403)


def pages_of_staff(things: Belongings) -> list[Address]:
    return [
        address
        for address in every_address(things)
        if address.path.startswith(ADMIN) and address.name not in FOR_ALL
    ]


def wrongly(user: User, rights: frozenset[str], things: Belongings) -> list[str]:
    """Return each page that lets this person in and should not, or the other way round."""
    wrong = []
    for address in pages_of_staff(things):
        for method in ("GET", "POST"):
            right = PAGES.get(address.name) or usual_right(address, method)
            # A list takes posts from those who may read it, and does nothing with them.
            if right is None or (method == "POST" and address.name.endswith("changelist")):
                continue
            if (method, address.name) in CLOSED:
                right = "nobody"
            if opens(user, method, address.path) is (right not in rights):
                wrong.append(f"{method} {address.path} needs {right}")
    return wrong


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_exactly_the_pages_it_has_the_right_to(
    belongings: Belongings, carol: User, role: Role
) -> None:
    user = member(role)
    rights = rights_of(role)
    record_mandate(
        customer=belongings.customer,
        matter=Mandate.Matter.DETAILS,
        asked=Asked(Channel.PHONE, timezone.localdate(), "C-7"),
        actor=Actor.staff(carol),
        now=timezone.now(),
    )
    if "accounts.open_record" in rights:
        look_at(belongings.customer, user)
    assert wrongly(user, rights, belongings) == []


def test_staff_without_a_role_open_nothing(belongings: Belongings, carol: User) -> None:
    opened = [
        f"{method} {address.path}"
        for address in pages_of_staff(belongings)
        for method in ("GET", "POST")
        if opens(carol, method, address.path)
    ]
    assert opened == []


def test_each_right_of_the_table_exists(db: None) -> None:
    rows = Permission.objects.values_list("content_type__app_label", "codename")
    assert set(RIGHTS) - {f"{app}.{codename}" for app, codename in rows} == set()


def test_the_database_says_what_the_table_says(db: None) -> None:
    for role in Role:
        rows = Group.objects.get(name=role).permissions.values_list(
            "content_type__app_label", "codename"
        )
        assert {f"{app}.{codename}" for app, codename in rows} == rights_of(role)


def test_what_somebody_gave_a_role_beside_the_table_is_taken_back(db: None) -> None:
    group = Group.objects.get(name=Role.MARKETING)
    group.permissions.set(Permission.objects.filter(codename="open_record"))
    grant_roles(app_label="accounts")
    assert group.permissions.filter(content_type__app_label="accounts").count() == 0


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.MARKETING, {"accounts.view_customer", "accounts.open_record"}),
        (Role.AUDITOR, {"accounts.open_record", "accounts.change_details"}),
        (Role.ADMINISTRATOR, {"accounts.view_customer", "accounts.open_record"}),
        (Role.BILLING, {"accounts.give_roles", "consent.publish_policyversion"}),
        (Role.SUPPORT, {"accounts.export_customers", "accounts.import_customers"}),
        (Role.PRIVACY, {"accounts.change_details", "accounts.give_roles"}),
    ],
)
def test_no_role_has_more_than_its_work_needs(role: Role, rights: set[str]) -> None:
    assert rights_of(role) & rights == set()


def test_an_auditor_only_reads() -> None:
    assert {right.partition(".")[2].partition("_")[0] for right in rights_of(Role.AUDITOR)} == {
        "view"
    }


def test_customers_are_no_staff(belongings: Belongings) -> None:
    customer: Customer = belongings.customer
    assert customer.user
    assert not customer.user.is_staff
