"""`make screenshots`: the pictures of README and docs, taken of the demonstration as it is now.

No test is collected from here unless the file is named, which `make screenshots` does. The names
of the files stay, so whatever shows one shows the newest. A palette of few colours is enough
for pages like ours, and keeps each file small.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, StorageState

from tests.journeys.conftest import visiting
from tests.portal import Portal
from tests.services import ROOT, copied_database

PICTURES = ROOT / "docs" / "pictures"
CUSTOMERS = 200
COLOURS = 160
LARGEST_BYTES = 150_000
Who = Literal["visitor", "dana", "staff"]


@dataclass(frozen=True)
class Picture:
    """A page of the site, from its top, as one of the cast sees it."""

    name: str
    path: str
    who: Who
    width: int = 1280
    height: int = 860
    scheme: Literal["light", "dark"] = "light"


TAKEN = [
    Picture("front", "/", "visitor"),
    Picture("policy", "/privacy/", "dana", height=1100),
    Picture("shop", "/shop/", "visitor"),
    Picture("overview", "/account/", "dana"),
    Picture("overview-phone", "/account/", "dana", width=390, height=844, scheme="dark"),
    Picture("notice", "/account/notices/2/", "dana", height=920),
    Picture("choices", "/account/privacy/", "dana", scheme="dark"),
    Picture("who-has-it", "/account/disclosures/", "dana"),
    Picture("log", "/account/log/", "dana"),
    Picture("staff", "/admin/", "staff"),
    Picture("style-guide", "/styleguide/", "staff"),
]


@pytest.fixture(scope="session")
def portal(database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give the running portal with as many customers as `make run` shows, told of the change."""
    folder = tmp_path_factory.mktemp("portal")
    with copied_database(database_template, folder) as url, Portal(url, folder) as running:
        running.manage("load_demo", "--customers", str(CUSTOMERS))
        running.manage("send_notices")
        yield running


@pytest.mark.parametrize("picture", TAKEN, ids=lambda picture: picture.name)
def test_take(
    browser: Browser,
    portal: Portal,
    dana_signed_in: StorageState,
    staff_signed_in: StorageState,
    picture: Picture,
) -> None:
    keys: dict[Who, StorageState] = {"dana": dana_signed_in, "staff": staff_signed_in}
    signed_in = {"storage_state": keys[picture.who]} if picture.who in keys else {}
    with visiting(browser, portal, color_scheme=picture.scheme, **signed_in) as visitor:
        visitor.page.set_viewport_size({"width": picture.width, "height": picture.height})
        # Whatever of the typeface comes too late for a first look is there for the next one.
        for _each in range(3):
            visitor.open(picture.path)
            visitor.page.wait_for_load_state("networkidle")
        taken = visitor.page.screenshot()
    kept(taken, PICTURES / f"{picture.name}.png")


def kept(taken: bytes, path: Path) -> None:
    """Write a picture with few colours; one that is too large is not for the repository."""
    image = Image.open(io.BytesIO(taken)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size < LARGEST_BYTES, path
