"""A real browser in front of the real site.

Every page of a journey is watched: a message on the console, a request to another site, a cookie
that the page about cookies does not name, or a page that scrolls sideways on a phone fails the
journey.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    StorageState,
    ViewportSize,
    sync_playwright,
)

from bizsecure.cookies_set import cookies_set
from bizsecure.demo.loading import (
    CUSTOMER_EMAIL,
    CUSTOMER_PASSWORD,
    STAFF_APP_KEY,
    STAFF_EMAIL,
    STAFF_PASSWORD,
)
from tests.accounts.coming_in import code_of
from tests.portal import Portal
from tests.services import copied_database

# A picture is taken of what does not keep to the rules, and where somebody wants to look at
# everything, of each page on each screen. It takes longer than the rules.
SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"
EVERY_PICTURE = bool(os.environ.get("EVERY_PICTURE"))
WIDE, HEIGHT, NARROWEST = 1280, 800, 320
# How wide a screen is, and whether it is day or night on it.
Screen = tuple[int, Literal["light", "dark"]]
TWO_SCREENS: tuple[Screen, ...] = ((WIDE, "light"), (NARROWEST, "light"))
# Each width and each time of day with the other, as few as that takes.
EVERY_SCREEN: tuple[Screen, ...] = (
    (WIDE, "light"),
    (WIDE, "dark"),
    (NARROWEST, "light"),
    (390, "dark"),
)
# Up to here our style sheets and the theme's show the same parts of a page, each where it was.
PHONE = 400
PATIENCE_MILLISECONDS = 10_000
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Nothing on our pages would have to be fetched again for the rules.
AXE_OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
# Of a page that was looked at by day, only the colours are other ones by night; and on another
# phone its lines break elsewhere.
AT_NIGHT_RULES = [
    *("color-contrast", "link-in-text-block"),
    *("target-size", "scrollable-region-focusable"),
]
AT_NIGHT_OPTIONS = {**AXE_OPTIONS, "runOnly": {"type": "rule", "values": AT_NIGHT_RULES}}
# What is the theme's own on staff pages: its boxes that scroll are all called the same, and the
# column of its buttons has an empty head.
STAFF_AXE_OPTIONS = {
    **AXE_OPTIONS,
    "rules": {rule: {"enabled": False} for rule in ("landmark-unique", "empty-table-header")},
}
# Staff pages are looked at on a desk, by night on a phone, and on the narrowest screen there is.
STAFF_SCREENS: tuple[Screen, ...] = ((WIDE, "light"), (NARROWEST, "light"), (390, "dark"))


AXE = Axe().axe_script
# What a page may weigh over the wire, compressed and without typefaces: the first time, and once
# the browser has its style sheets and scripts, which never change under their names.
MOST_AT_FIRST, MOST_AFTER = 60_000, 15_000
# What the theme of the staff pages and Django add the first time, and the browser keeps for good:
# 101 kB for each page (a style sheet of 39, Alpine, htmx), 79 more for lists (jQuery, XRegExp).
MOST_OF_THEME = 195_000
OF_THEME = ("/static/unfold/", "/static/admin/")
# Below this no eye sees it: a pixel or two of a line that is laid out anew.
STANDS_STILL = 0.002
# Parts of the staff pages are shown and hidden by the theme's script once it runs. Up to here
# browsers call it good.
HARDLY_MOVES = 0.1
NEEDED = "document.documentElement.scrollWidth"
# The switch of the staff pages for day and night.
TURN_TO = """
async scheme => {
  Alpine.$data(document.documentElement).switchTheme(scheme);
  await Alpine.nextTick();
}
"""
JUDGED = """
async options => ({
  width: document.documentElement.scrollWidth,
  broken: (await axe.run(options)).violations.map(
    rule => `${rule.id}: ${rule.help}: ${rule.nodes[0].target}`
  ),
})
"""
# How far parts of the page moved while it was loaded, and what breaks the order of the focus:
# a place in it of one's own, or a part that the style sheet shows elsewhere than it stands.
AS_LOADED = """
() => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({type: "layout-shift", buffered: true});
  const shifts = observer.takeRecords().filter(entry => !entry.hadRecentInput);
  const jumps = [...document.querySelectorAll("[tabindex]")].filter(part => part.tabIndex > 0);
  return {
    shift: shifts.reduce((sum, entry) => sum + entry.value, 0),
    jumps: jumps.map(part => part.outerHTML.slice(0, 80)),
  };
}
"""


def _in_production(response: Response) -> bytes:
    """Return a file as it is sent where DEBUG is off: of libraries the short ones."""
    short = re.sub(r"^.*/static/(admin/js/vendor/.*?)(\.full)?\.js$", r"\1\2.min.js", response.url)
    found = finders.find(short) if short != response.url else None
    return Path(str(found)).read_bytes() if found else response.body()


def at_night(screen: Screen, before: Sequence[Screen]) -> bool:
    """Tell whether a page was seen on a screen like this one by day, and now it is night."""
    width, scheme = screen
    by_day = [seen for seen, light in before if light == "light"]
    alike = width in by_day or (width < PHONE and any(seen < PHONE for seen in by_day))
    return scheme == "dark" and alike


class Wire:
    """What came over the wire for the page that is open."""

    _known: ClassVar[dict[str, int]] = {}

    def __init__(self, page: Page) -> None:
        self._responses: list[Response] = []
        self._page = page
        page.on("response", self._came)

    def cut(self) -> None:
        """Listen no longer."""
        self._page.remove_listener("response", self._came)

    def weight(self) -> tuple[int, int, int]:
        """Return the bytes of the page and what of ours it fetched, of the page, of the theme.

        All compressed.
        """
        page, *fetched = self._responses
        alone = len(gzip.compress(page.body(), 6))
        theme = [each for each in fetched if any(part in each.url for part in OF_THEME)]
        ours = [each for each in fetched if each not in theme]
        return alone + sum(map(self._fetched, ours)), alone, sum(map(self._fetched, theme))

    def _came(self, response: Response) -> None:
        if response.request.is_navigation_request():
            if response.frame.parent_frame is None:
                self._responses = [response]
        elif response.ok:
            self._responses.append(response)

    def _fetched(self, response: Response) -> int:
        if response.request.resource_type not in {"stylesheet", "script", "image"}:
            return 0
        if response.url not in self._known:
            self._known[response.url] = len(gzip.compress(_in_production(response), 9))
        return self._known[response.url]


class Visitor:
    """Somebody in front of a browser. `page` is Playwright's page."""

    def __init__(self, page: Page, portal: Portal) -> None:
        self.page = page
        self.portal = portal
        self.complaints: list[str] = []
        self.unsurprising: set[int] = set()
        self.wire = Wire(page)
        page.on("console", self._heard)
        page.on("request", self._asked)
        page.on("pageerror", self._stumbled)

    def leave(self) -> None:
        """Watch the page no longer."""
        self.wire.cut()
        self.page.remove_listener("console", self._heard)
        self.page.remove_listener("request", self._asked)
        self.page.remove_listener("pageerror", self._stumbled)

    def open(self, path: str) -> None:
        """Go to a page of the site."""
        response = self.page.goto(f"{self.portal.url}{path}")
        assert response is not None
        assert response.status < 500, path

    def look(self, name: str, screens: Sequence[Screen] = TWO_SCREENS) -> None:
        """Check the page for accessibility on each screen."""
        # Whoever pressed a button has the next page's address before its content.
        self.page.wait_for_load_state()
        self._weigh(name, STANDS_STILL)
        self.judge(name, screens)

    def judge(
        self, name: str, screens: Sequence[Screen], options: Mapping[str, Any] = AXE_OPTIONS
    ) -> None:
        """Check the page on each screen, whatever it weighs."""
        self.page.evaluate(AXE)
        for number, (width, scheme) in enumerate(screens):
            self.page.emulate_media(color_scheme=scheme)
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            again = at_night((width, scheme), screens[:number])
            self._judge(f"{name}-{width}-{scheme}", width, AT_NIGHT_OPTIONS if again else options)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": WIDE, "height": HEIGHT})

    def look_as_staff(
        self, path: str, name: str, screens: Sequence[Screen] = STAFF_SCREENS
    ) -> None:
        """Open a page of the admin once, and look at it on each screen.

        By day and by night as its own switch turns it. It fits on every screen of the staff, also
        where it is judged on some of them alone.
        """
        self.open(path)
        self._weigh(name, HARDLY_MOVES)
        self.page.evaluate(AXE)
        judged: list[Screen] = []
        for width, scheme in STAFF_SCREENS:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            if (width, scheme) in screens:
                self.page.evaluate(TURN_TO, scheme)
                again = at_night((width, scheme), judged)
                options = AT_NIGHT_OPTIONS if again else STAFF_AXE_OPTIONS
                self._judge(f"staff-{name}-{width}-{scheme}", width, options)
                judged.append((width, scheme))
            else:
                self._fits(name, width, self.page.evaluate(NEEDED))
        self.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        self.page.evaluate(TURN_TO, "auto")

    def _weigh(self, name: str, may_move: float) -> None:
        """Hold the page as it was loaded to what it may weigh, and to standing still (LOOK)."""
        first, after, theme = self.wire.weight()
        if first > MOST_AT_FIRST or after > MOST_AFTER or theme > MOST_OF_THEME:
            self.complaints.append(
                f"{name}: weighs {first} bytes at first, {after} after that, and {theme} of theme"
            )
        loaded = self.page.evaluate(AS_LOADED)
        if loaded["shift"] > may_move:
            self.complaints.append(f"{name}: parts of it moved by {loaded['shift']:.3f}")
        if loaded["jumps"]:
            self.complaints.append(f"{name}: the focus jumps: {loaded['jumps']}")

    def _judge(self, name: str, width: int, options: Any = AXE_OPTIONS) -> None:
        before = len(self.complaints)
        judged = self.page.evaluate(JUDGED, options)
        self._fits(name, width, judged["width"])
        self.complaints += [f"{name}: {broken}" for broken in judged["broken"]]
        if EVERY_PICTURE or len(self.complaints) > before:
            self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    def _fits(self, name: str, width: int, needed: int) -> None:
        if needed > width:
            self.complaints.append(f"{name}: is {needed} px wide on a screen of {width} px")

    def expect_status(self, status: int) -> None:
        """Be told of pages with this status, which browsers complain about, without surprise."""
        self.unsurprising.add(status)

    def _heard(self, message: ConsoleMessage) -> None:
        expected = any(f"status of {status} " in message.text for status in self.unsurprising)
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(f"console: {message.text}")

    def _stumbled(self, error: Error) -> None:
        self.complaints.append(f"script error: {error}")

    def _asked(self, request: Request) -> None:
        if request.url.startswith(self.portal.bank) and request.is_navigation_request():
            # Whoever pays goes to the page of the bank; no page of ours loads anything from it.
            return
        if request.frame.url.startswith(self.portal.bank):
            return
        if not request.url.startswith((self.portal.url, "data:", "blob:", "about:")):
            self.complaints.append(f"asked another site: {request.url}")


@pytest.fixture(scope="session")
def portal(database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Give the running portal, with a few demo customers who were told of the change."""
    folder = tmp_path_factory.mktemp("portal")
    with copied_database(database_template, folder) as url, Portal(url, folder) as running:
        running.manage("load_demo", "--customers", "5")
        running.manage("send_notices")
        yield running


@pytest.fixture(scope="session")
def browser(portal: Portal, chromium_path: str) -> Iterator[Browser]:
    """Give a browser; it is started after the portal and ends before it."""
    with sync_playwright() as playwright:
        # A container's root may not build Chromium's own sandbox; it sees only our own pages.
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def dana_signed_in(browser: Browser, portal: Portal) -> StorageState:
    """Give what a browser keeps after the customer of the demonstration has signed in.

    A journey that ends all of her sessions signs her in again, into the same.
    """
    return sign_dana_in(browser, portal)


class SignedInAt:
    """When Dana last gave her password. Some pages ask for it again after a while."""

    def __init__(self) -> None:
        self._at = monotonic()

    def is_long_ago(self) -> bool:
        return monotonic() - self._at > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT / 2

    def is_now(self) -> None:
        self._at = monotonic()


@pytest.fixture(scope="session")
def signed_in_at(dana_signed_in: StorageState) -> SignedInAt:
    return SignedInAt()


def sign_dana_in(browser: Browser, portal: Portal) -> StorageState:
    """Sign the customer of the demonstration in, and return what her browser keeps."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_label(re.compile("^E-?mail")).fill(CUSTOMER_EMAIL)
    page.get_by_label("Password").fill(CUSTOMER_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture(scope="session")
def staff_signed_in(browser: Browser, portal: Portal) -> StorageState:
    """Give what a browser keeps after staff came in by password and code, and kept the terms."""
    return sign_staff_in(browser, portal, STAFF_EMAIL)


def sign_staff_in(browser: Browser, portal: Portal, address: str) -> StorageState:
    """Let a member of staff come in and accept the terms; return what the browser keeps."""
    context = browser.new_context()
    come_in_as_staff(context.new_page(), portal, address)
    kept = context.storage_state()
    context.close()
    return kept


def come_in_as_staff(page: Page, portal: Portal, address: str) -> None:
    """Give password and code, accept the terms, and wait for the first page of the staff."""
    page.goto(f"{portal.url}/accounts/login/?next=/admin/accounts/customer/confidentiality/")
    page.get_by_label(re.compile("^E-?mail")).fill(address)
    page.get_by_label("Password").fill(STAFF_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(code_of(STAFF_APP_KEY))
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("I have read these terms").check()
    page.get_by_role("button", name="I promise").click()
    page.wait_for_url(f"{portal.url}/admin/")


@contextmanager
def visiting(browser: Browser, portal: Portal, **options: Any) -> Iterator[Visitor]:
    """Lend somebody with a browser of their own; see `watched`."""
    with new_window(browser, **options) as page, watched(page, portal) as visitor:
        yield visitor


@contextmanager
def new_window(browser: Browser, **options: Any) -> Iterator[Page]:
    """Open a window that shares nothing with others."""
    size: ViewportSize = {"width": WIDE, "height": HEIGHT}
    context = browser.new_context(viewport=size, reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    yield context.new_page()
    context.close()


@contextmanager
def watched(page: Page, portal: Portal) -> Iterator[Visitor]:
    """Watch somebody in a window; what a page complained about fails the journey."""
    visitor = Visitor(page, portal)
    yield visitor
    ours = {cookie.name.removeprefix(settings.COOKIE_PREFIX) for cookie in cookies_set()}
    assert {cookie["name"] for cookie in page.context.cookies()} <= ours
    visitor.leave()
    assert visitor.complaints == []


class Window:
    """A window that one journey after the other uses, each as if it were new.

    To open one takes as long as to read a page. It keeps nothing: neither cookies nor storage of
    the journey before, and no file, so that its first page is loaded as by somebody who never came.
    """

    def __init__(self, page: Page, portal: Portal) -> None:
        self._page = page
        self._portal = portal
        self._tools = page.context.new_cdp_session(page)

    @contextmanager
    def lent(self, key: StorageState | None = None) -> Iterator[Visitor]:
        """Lend it, empty or with the cookies of who is signed in; see `watched`."""
        every = {"origin": self._portal.url, "storageTypes": "all"}
        self._page.goto("about:blank")
        self._tools.send("Storage.clearDataForOrigin", every)
        self._tools.send("Network.clearBrowserCache")
        self._page.context.clear_cookies()
        # Playwright has two types for the same cookies.
        kept: Any = key["cookies"] if key else []
        self._page.context.add_cookies(kept)
        self._page.emulate_media(color_scheme="light")
        self._page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        with watched(self._page, self._portal) as visitor:
            yield visitor


@pytest.fixture(scope="session")
def first_window(browser: Browser, portal: Portal) -> Iterator[Window]:
    with new_window(browser) as page:
        yield Window(page, portal)


@pytest.fixture(scope="session")
def second_window(browser: Browser, portal: Portal) -> Iterator[Window]:
    with new_window(browser) as page:
        yield Window(page, portal)


@pytest.fixture
def visitor(first_window: Window) -> Iterator[Visitor]:
    """Give somebody whom the site does not know."""
    with first_window.lent() as visitor:
        yield visitor


@pytest.fixture
def dana(
    browser: Browser,
    portal: Portal,
    second_window: Window,
    dana_signed_in: StorageState,
    signed_in_at: SignedInAt,
) -> Iterator[Visitor]:
    """Give the customer of the demonstration, lately signed in and told of the coming change."""
    if signed_in_at.is_long_ago():
        dana_signed_in.update(sign_dana_in(browser, portal))
        signed_in_at.is_now()
    with second_window.lent(dana_signed_in) as visitor:
        yield visitor


@pytest.fixture
def staff(second_window: Window, staff_signed_in: StorageState) -> Iterator[Visitor]:
    """Give the member of the demonstration's staff who may do everything."""
    with second_window.lent(staff_signed_in) as visitor:
        yield visitor
