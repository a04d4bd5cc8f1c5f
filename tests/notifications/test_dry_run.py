"""A dry run: who would be told of a draft, and by which way, without anything being written."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import SYSTEM
from accounts.models import Customer
from accounts.roles import Role
from accounts.services.opening import open_account
from consent.models import PolicyVersion
from consent.services.publishing import save_draft
from notifications.dry_run import dry_run
from notifications.forecast import Prospect
from notifications.models import Campaign, OutgoingMail
from tests.builders import (
    DAY,
    LONG_AGO,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    date_of,
    joined,
    member,
    tell,
)
from tests.pages.browsing import signed_in_as, text


@pytest.fixture
def draft(policy: PolicyVersion) -> PolicyVersion:
    return save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=SYSTEM)


def address(version: PolicyVersion) -> str:
    return reverse("admin:notifications_dry_run", args=[version.pk])


@pytest.fixture
def officer(policy: PolicyVersion) -> Client:
    return signed_in_as(member(Role.PRIVACY))


def test_each_affected_customer_is_counted_under_one_way(
    alice: Customer, bob: Customer, draft: PolicyVersion
) -> None:
    joined("Carl Unproven", at=LONG_AGO)
    open_account(user=None, name="Pen Paper", email="", now=LONG_AGO)
    joined("Late Comer", at=date_of(draft) + DAY)
    Customer.objects.filter(pk=bob.pk).update(status="closed")
    run = dry_run(draft, TODAY)
    assert (run.affected, run.by_mail, run.on_screen, run.by_letter) == (3, 1, 1, 1)
    assert run.earliest == date_of(draft)


def test_of_the_first_version_nobody_is_told(db: None) -> None:
    first = save_draft(draft=a_draft(1, slug="acceptable-use"), actor=SYSTEM)
    run = dry_run(first, TODAY)
    assert (run.affected, run.forecast) == (0, None)


def test_the_forecast_takes_the_rate_of_the_last_telling(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    for customer in (alice, bob):
        tell(customer, change)
    draft = save_draft(draft=a_draft(3, RUN_ACCOUNT), actor=SYSTEM)
    forecast: Any = dry_run(draft, TODAY).forecast
    assert (forecast.per_hour, forecast.prospect) == (8, Prospect.IN_TIME)


def test_whom_no_mail_reaches_is_said_before(draft: PolicyVersion) -> None:
    open_account(user=None, name="Pen Paper", email="", now=LONG_AGO)
    forecast: Any = dry_run(draft, TODAY).forecast
    assert forecast.prospect == Prospect.OUT_OF_REACH


def test_the_page_writes_nothing(officer: Client, alice: Customer, draft: PolicyVersion) -> None:
    shown = text(officer.get(address(draft)))
    for said in ("Who would be told, and how", "By mail", "By letter", "How it would go"):
        assert said in shown
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert not Campaign.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_what_is_published_leads_to_how_far_it_has_come(
    officer: Client, change: PolicyVersion
) -> None:
    answer = officer.get(address(change))
    assert answer["Location"] == reverse("admin:notifications_progress_of", args=[change.pk])
