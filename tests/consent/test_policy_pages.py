"""The policy to read: in force, coming, older, and any two versions side by side."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.actors import SYSTEM
from consent.models import PolicyVersion
from consent.policy_file import read_policy_file
from consent.services.publishing import save_draft, withdraw
from tests.builders import DAY, PRODUCT_NEWS, RUN_ACCOUNT, a_draft, date_of, published

POLICIES = Path(__file__).parents[2] / "consent" / "policies"


def test_the_policy_in_force_is_shown_section_by_section(
    client: Client, policy: PolicyVersion
) -> None:
    response = client.get("/privacy/")
    assert response.context["version"] == policy
    assert response.context["is_in_force"]
    assert 'id="section-version-1"' in response.text
    assert "The words of version 1." in response.text


def test_another_policy_has_pages_of_its_own(client: Client, change: PolicyVersion) -> None:
    other = published(read_policy_file(POLICIES / "acceptable-use-1.md"))
    page = client.get("/acceptable-use/")
    assert page.context["version"] == other
    assert other.get_absolute_url() == "/acceptable-use/versions/1/"
    assert 'href="/acceptable-use/versions/"' in page.text
    assert list(client.get("/acceptable-use/versions/").context["versions"]) == [other]
    for address in ("/acceptable-use/versions/2/", "/acceptable-use/compare/1/2/"):
        assert client.get(address).status_code == 404
    assert client.get("/privacy/").context["version"].slug == "privacy"


def test_before_any_policy_there_is_no_page_of_it(client: Client, db: None) -> None:
    assert client.get("/privacy/").status_code == 404


def test_a_coming_version_is_announced_but_not_in_force(
    client: Client, policy: PolicyVersion, change: PolicyVersion
) -> None:
    response = client.get("/privacy/")
    assert response.context["version"] == policy
    assert list(response.context["coming"]) == [change]
    assert change.get_absolute_url() in response.text


def test_a_version_is_in_force_from_its_instant_on(
    client: Client, change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change))
    response = client.get("/privacy/")
    assert response.context["version"] == change
    assert list(response.context["coming"]) == []


def test_every_version_keeps_its_page(
    client: Client, policy: PolicyVersion, change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change))
    response = client.get("/privacy/versions/1/")
    assert "The words of version 1." in response.text
    assert not response.context["is_in_force"]
    assert "This is not the version in force now" in response.text


def test_a_withdrawn_version_is_shown_as_withdrawn(client: Client, change: PolicyVersion) -> None:
    withdraw(version=change, actor=SYSTEM)
    page = client.get("/privacy/versions/2/")
    assert "The words of version 2." in page.text
    assert "This version was withdrawn on" in page.text
    assert list(client.get("/privacy/").context["coming"]) == []


def test_a_draft_is_shown_to_nobody(client: Client, policy: PolicyVersion) -> None:
    save_draft(draft=a_draft(2, RUN_ACCOUNT, text="Not yet said."), actor=SYSTEM)
    assert client.get("/privacy/versions/2/").status_code == 404
    assert client.get("/privacy/compare/1/2/").status_code == 404
    assert "version 2" not in client.get("/privacy/versions/").text


def test_each_version_in_the_list_has_its_state(
    client: Client, policy: PolicyVersion, change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change))
    withdraw(version=published(a_draft(3, RUN_ACCOUNT)), actor=SYSTEM)
    published(a_draft(4, RUN_ACCOUNT, effective_at=date_of(change) + 60 * DAY))
    versions = client.get("/privacy/versions/").context["versions"]
    assert [(version.number, str(version.state_label)) for version in versions] == [
        (4, "Coming"),
        (3, "Withdrawn"),
        (2, "In force"),
        (1, "Replaced"),
    ]


def test_another_policy_is_not_in_the_list(client: Client, policy: PolicyVersion) -> None:
    published(a_draft(1, slug="acceptable-use"))
    versions = client.get("/privacy/versions/").context["versions"]
    assert [version.slug for version in versions] == ["privacy"]
    assert client.get("/privacy/").context["version"] == policy


@pytest.mark.parametrize("address", ["/privacy/compare/1/2/", "/privacy/compare/2/1/"])
def test_two_versions_stand_side_by_side_in_either_order(
    client: Client, policy: PolicyVersion, change: PolicyVersion, address: str
) -> None:
    response = client.get(address)
    assert (response.context["older"], response.context["newer"]) == (policy, change)
    assert "The words of version <del>1</del>." in response.text
    assert "The words of version <ins>2</ins>." in response.text


@pytest.mark.parametrize("address", ["1/1", "1/3", "9/8", "1/99999999999999999999999"])
def test_what_cannot_be_compared_is_not_found(
    client: Client, change: PolicyVersion, address: str
) -> None:
    assert client.get(f"/privacy/compare/{address}/").status_code == 404


@pytest.mark.parametrize("chosen", [{"a": 1, "b": 2}, {"a": 2, "b": 1}])
def test_the_form_leads_to_the_comparison(
    client: Client, change: PolicyVersion, chosen: dict[str, int]
) -> None:
    response = client.get(reverse("policy_compare_chosen"), chosen)
    assert response.headers["Location"] == "/privacy/compare/1/2/"


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"a": "1"},
        {"a": "1", "b": "1"},
        {"a": "1", "b": "7"},
        {"a": "one", "b": "two"},
        {"a": "1", "b": "99999999999999999999999"},
        {"a": "1", "b": "\x00"},
    ],
)
def test_a_choice_of_no_two_versions_is_answered_with_a_sentence(
    client: Client, change: PolicyVersion, chosen: dict[str, str]
) -> None:
    response = client.get(reverse("policy_compare_chosen"), chosen)
    assert response.status_code == 422
    assert "Choose two different versions to compare." in response.text
    assert not response.cookies


def test_html_in_a_policy_is_shown_as_text(client: Client, policy: PolicyVersion) -> None:
    hostile = "<script>alert(1)</script> {{ request.user }}"
    published(a_draft(2, RUN_ACCOUNT, text=hostile))
    for address in ("/privacy/versions/2/", "/privacy/compare/1/2/"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ request.user }}" in page


def test_reading_costs_the_same_however_many_versions_there_are(
    client: Client,
    policy: PolicyVersion,
    clock: Traveller,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(2, 7):
        published(a_draft(number, RUN_ACCOUNT, PRODUCT_NEWS))
        clock.shift(DAY)
    for address, queries in {
        "/privacy/": 2,
        "/privacy/versions/": 1,
        "/privacy/versions/3/": 1,
        "/privacy/compare/1/6/": 1,
    }.items():
        with django_assert_num_queries(queries):
            client.get(address)


def test_reading_sets_no_cookie_and_posting_is_refused(
    client: Client, change: PolicyVersion
) -> None:
    for address in ("/privacy/", "/privacy/versions/", "/privacy/compare/1/2/"):
        assert not client.get(address).cookies
        assert client.post(address).status_code == 405


def test_the_contents_lead_to_sections_that_are_there(
    client: Client, policy: PolicyVersion
) -> None:
    page = client.get("/privacy/").text
    targets = set(re.findall(r'href="#(section-[^"]+)"', page))
    assert targets == set(re.findall(r'id="(section-[^"]+)"', page))
