"""LINK-1: a link that leaves the site is marked, and says so before one leaves."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from bizsecure.core.leaving import SIGNER, destination, leads_away, way_out
from consent.models import PolicyVersion
from consent.rendering import sections

PARTNER = "https://www.geotrust.example/privacy?from=us"


def test_the_page_says_where_the_link_leads_and_sends_nobody_there(policy: PolicyVersion) -> None:
    response = Client().get(way_out(PARTNER))
    page = response.content.decode()
    assert response.status_code == 200
    assert "You are about to leave this site" in page
    assert f'href="{PARTNER}" rel="external noopener noreferrer"' in page
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "token",
    [
        "https://evil.example/",
        "x",
        SIGNER.sign_object(PARTNER)[:-1],
        SIGNER.sign_object("/account/"),
        SIGNER.sign_object("javascript:alert(1)"),
        SIGNER.sign_object(["https://evil.example/"]),
    ],
)
def test_an_address_that_we_did_not_write_leads_nowhere(policy: PolicyVersion, token: str) -> None:
    assert destination(token) is None
    assert Client().get(f"/leaving/{token}/").status_code == 404


@pytest.mark.parametrize(
    ("address", "away"),
    [
        ("https://www.geotrust.com/", True),
        ("http://other.example", True),
        ("//other.example/x", True),
        ("/account/", False),
        ("#section-changes", False),
        ("mailto:security@bizsecure.com", False),
        ("https://[broken", False),
    ],
)
def test_what_leads_away(address: str, away: bool) -> None:
    assert leads_away(address) is away


def test_links_in_a_policy_pass_that_page_and_are_marked() -> None:
    [section] = sections(f"Ask [GeoTrust]({PARTNER}) or <security@bizsecure.com> or [us](/shop/).")
    [marked] = re.findall(r'<a [^>]*class="away".*?</a>', section.html)
    assert f'href="{way_out(PARTNER)}"' in marked
    assert "(another site)" in marked
    assert 'href="mailto:security@bizsecure.com"' in section.html
    assert re.search(r'<a href="/shop/"[^>]*>us</a>', section.html)
