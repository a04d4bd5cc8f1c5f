"""The style guide: every part that pages are made of, for their builders and for our staff."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from bizsecure.specimens import components
from bizsecure.views.styleguide import TOKENS, icons, tokens

TEMPLATES = Path(__file__).parents[2] / "templates"


def test_no_component_is_missing_from_it() -> None:
    files = {path.stem for path in (TEMPLATES / "components").glob("*.html")}
    assert components().keys() == files


def test_no_token_is_missing_from_it() -> None:
    named = {
        line.strip().split(":")[0] for line in TOKENS.read_text().splitlines() if "  --" in line
    }
    shown = {f"--{name}" for names in tokens().values() for name in names}
    assert named - shown == {"--shadow"}


def test_icons_are_found_where_they_are_used() -> None:
    assert {"lock-closed", "printer", "eye"} <= set(icons())


@pytest.mark.parametrize("address", ["/styleguide/", "/styleguide/mail/"])
def test_it_is_there_for_staff_and_for_nobody_else(
    browsers: dict[str, Client], address: str
) -> None:
    answers = {name: browser.get(address).status_code for name, browser in browsers.items()}
    assert answers == {"visitor": 404, "customer": 404, "another customer": 404, "staff": 200}


@pytest.mark.django_db
def test_whoever_builds_the_site_sees_it_as_they_like(client: Client, settings: Settings) -> None:
    settings.DEBUG = True
    page = client.get("/styleguide/").text
    assert page.count('class="specimen"') >= sum(map(len, components().values()))
    assert 'dir="ltr">' in page
    page = client.get("/styleguide/?scheme=dark&direction=rtl&forced=on").text
    assert 'dir="rtl" data-theme="dark" data-forced>' in page
    assert client.get("/styleguide/?scheme=x&direction=x").status_code == 200


@pytest.mark.django_db
def test_nothing_in_it_can_be_sent_anywhere(client: Client, settings: Settings) -> None:
    settings.DEBUG = True
    main = client.get("/styleguide/").text.partition("<main")[2].partition("</main>")[0]
    assert 'method="post"' not in main
    ids = [part.partition('"')[0] for part in main.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
