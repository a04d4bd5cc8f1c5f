"""CHANGE-1: the policy may change; changes are posted on the site.

Published versions never change or vanish; each has its date, and any two can be compared.
"""

from __future__ import annotations

from itertools import permutations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from time_machine import Traveller

from accounts.actors import SYSTEM
from bizsecure.core.errors import Refused
from consent.models import DeclaredUse, PolicyVersion, Use
from consent.reasons import Reason
from consent.services.publishing import save_draft, withdraw
from tests.builders import PRODUCT_NEWS, RUN_ACCOUNT, UPTIME_WATCH, a_draft, date_of, published

WORDS = {
    "slug": "another-policy",
    "number": 77,
    "title": "Another title",
    "summary": "Another summary.",
    "text": "Other words.",
    "notes": "## 1\nOther words.",
    "text_hash": "0" * 64,
    "updated_on": "2001-01-01",
    "published_at": None,
}


def test_a_change_is_posted_the_moment_it_is_published(
    client: Client, policy: PolicyVersion
) -> None:
    assert client.get("/privacy/versions/2/").status_code == 404
    published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    assert "The words of version 2." in client.get("/privacy/versions/2/").text
    assert "/privacy/versions/2/" in client.get("/privacy/").text


def test_each_version_shows_its_date_and_its_words_for_ever(
    client: Client, policy: PolicyVersion, change: PolicyVersion, clock: Traveller
) -> None:
    first = client.get("/privacy/versions/1/").context["sections"]
    clock.move_to(date_of(change))
    withdraw(version=published(a_draft(3, RUN_ACCOUNT)), actor=SYSTEM)
    assert client.get("/privacy/versions/1/").context["sections"] == first
    for number, dated in {1: "27 January 2007", 2: "4 January 2027", 3: "5 February 2027"}.items():
        page = client.get(f"/privacy/versions/{number}/").text
        assert f"Version {number}, dated {dated}." in page
        assert f"The words of version {number}." in page


def test_any_two_versions_can_be_compared(
    client: Client, policy: PolicyVersion, change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change))
    withdraw(version=published(a_draft(3, RUN_ACCOUNT)), actor=SYSTEM)
    published(a_draft(4, RUN_ACCOUNT, UPTIME_WATCH))
    for older, newer in permutations((1, 2, 3, 4), 2):
        page = client.get(f"/privacy/compare/{older}/{newer}/").text
        assert f"<del>{min(older, newer)}</del>" in page
        assert f"<ins>{max(older, newer)}</ins>" in page


def test_published_words_are_not_written_again(change: PolicyVersion) -> None:
    with pytest.raises(Refused) as refusal:
        save_draft(draft=a_draft(2, RUN_ACCOUNT, text="Other words."), actor=SYSTEM)
    assert refusal.value.reason is Reason.NOT_A_DRAFT


@pytest.mark.parametrize("column", WORDS)
def test_the_database_itself_keeps_published_words(change: PolicyVersion, column: str) -> None:
    with pytest.raises(DatabaseError, match="published text never changes"), transaction.atomic():
        PolicyVersion.objects.filter(pk=change.pk).update(**{column: WORDS[column]})


def test_the_database_itself_keeps_published_versions(change: PolicyVersion) -> None:
    versions = PolicyVersion.objects.filter(pk=change.pk)
    with pytest.raises(DatabaseError, match="what was published stays"), transaction.atomic():
        versions._raw_delete(versions.db)
    with pytest.raises(DatabaseError, match="from draft to published"), transaction.atomic():
        versions.update(status="draft")


def test_the_database_itself_keeps_what_a_version_declares(change: PolicyVersion) -> None:
    declared = DeclaredUse.objects.filter(version=change)
    declares = "a published version declares what it declares"
    with pytest.raises(DatabaseError, match=declares), transaction.atomic():
        declared.update(basis="essential")
    with pytest.raises(DatabaseError, match=declares), transaction.atomic():
        declared._raw_delete(declared.db)
    with pytest.raises(DatabaseError, match=declares), transaction.atomic():
        DeclaredUse.objects.create(
            version=change,
            use=Use.objects.create(key="more", purpose="more", data="all", recipient="all"),
            basis="essential",
        )
    with pytest.raises(DatabaseError, match="never becomes another use"), transaction.atomic():
        Use.objects.filter(key="uptime-watch").update(recipient="anybody")
