"""Whatever is typed or sent: never a failure, never a tag, and nothing changes unless it may."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.test import Client
from pytest_django import Settings

from accounts.models import Customer, User
from consent.links import choose_token
from consent.models import Choice, PolicyVersion
from tests.architecture.test_templates import InlineCode
from tests.pages.browsing import PASSWORD, give_password, sign_in, signed_in, stored, text
from tests.pages.conftest import DETAILS

ADDRESS_LINES = ("street", "extra", "city", "region", "postcode")
LINES = ("name", "company", *ADDRESS_LINES, *(f"postal_{name}" for name in ADDRESS_LINES))
URLENCODED = "application/x-www-form-urlencoded"
# Characters that nobody sees, or that turn the reading direction around.
INVISIBLE = {
    "nul": "Al\x00ice",
    "second header": "Alice\r\nBcc: mallory@example.com",
    "turned around": "Al\u202eice",
    "zero width": "Al\u200bice",
    "private": "Al\ue000ice",
    "bell": "Al\x07ice",
    "line separator": "Al\u2028ice",
    "byte order mark": "\ufeffAlice",
}
# Odd, but a name may be so: kept as typed, shown as text.
ODD = {
    "script": "<script>alert(1)</script>",
    "handler": '"><img src=x onerror=alert(1)>',
    "template": "{{ 7*7 }}{% debug %}",
    "format": "{0.__class__} %s %(x)s",
    "sql": "' OR 1=1--",
    "path": "../../etc/passwd",
    "formula": "=1+1",
    "command": "+cmd|' /C calc'!A0",
    "full-width": "\uff11\uff12\uff13",
    "composed": "Zo\u00eb",
    "decomposed": "Zoe\u0308",
    "emoji": "\U0001f469\u200d\U0001f4bb",
    "right to left": "\u05e9\u05dc\u05d5\u05dd",
    "json": '{"$gt": ""}',
    "entity": "&lt;b&gt;",
}
EMPTY = {"nothing": "", "a space": " ", "spaces": "\t\n \u3000"}
LONG = {"long": "x" * 100_000}
ANY = INVISIBLE | ODD | EMPTY | LONG


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def hers(alice: Customer) -> Client:
    """Give the browser in which alice is signed in."""
    return signed_in(alice)


def is_calm(response: Any, *, sent: str = "") -> bool:
    """Return whether a page of ours was answered in which nothing sent became a tag."""
    parser = InlineCode()
    content = response.getvalue().decode()
    parser.feed(content)
    is_echoed = "<" in sent and sent in content
    return response.status_code < 500 and not parser.found and not is_echoed


def everything() -> dict[str, str]:
    """Return what is stored, but for sessions and the counts of tries."""
    tables = stored(without="django_session")
    del tables["account_emailconfirmation"]
    return tables


@pytest.mark.parametrize("sent", ANY.values(), ids=ANY.keys())
def test_whatever_a_visitor_types_is_answered_calmly(
    alice: Customer, change: PolicyVersion, sent: str
) -> None:
    token = choose_token(customer_id=alice.pk, version_id=change.pk)
    forms = {
        "/accounts/signup/": ("name", "email", "password1", "seen", "next"),
        "/accounts/login/": ("login", "password", "next"),
        "/accounts/password/reset/": ("email", "next"),
        "/accounts/reauthenticate/": ("password", "next"),
        "/accounts/login/code/confirm/": ("code",),
        "/cart/add/": ("product", "period"),
        "/cart/change/": ("product", "period", "quantity"),
        f"/choose/{token}/": ("uptime-watch", "product-news"),
        "/not-me/": ("name",),
    }
    before = everything()
    client = Client()
    for address, fields in forms.items():
        for field in fields:
            response = client.post(address, {field: sent})
            assert is_calm(response, sent=sent), (address, field)
    assert is_calm(client.get("/cart/"), sent=sent)
    assert everything() == before


@pytest.mark.parametrize("sent", ANY.values(), ids=ANY.keys())
def test_whatever_stands_in_an_address_is_answered_calmly(
    hers: Client, change: PolicyVersion, sent: str
) -> None:
    before = everything()
    visitor = Client()
    for address in ("/", "/cart/", "/accounts/login/"):
        response = visitor.get(address, {"next": sent, "page": sent, sent[:50]: "x"})
        assert is_calm(response, sent=sent), address
    asked = dict.fromkeys(("page", "a", "b", "kind", "since", "until", "before"), sent)
    panel = ("messages/", "privacy/", "", "log/", "log/log.csv", "personal/history/")
    for address in (*(f"/account/{page}" for page in panel), "/privacy/compare/"):
        response = hers.get(address, asked)
        assert is_calm(response, sent=sent), address
    assert is_calm(hers.get(f"/privacy/{quote(sent[:200])}/"), sent=sent)
    assert everything() == before


@pytest.mark.parametrize("sent", ANY.values(), ids=ANY.keys())
def test_whatever_a_customer_answers_is_no_answer_unless_it_is_one(
    hers: Client, change: PolicyVersion, sent: str
) -> None:
    before = everything()
    response = hers.post("/account/notices/2/", {"uptime-watch": sent})
    assert response.status_code == 422
    assert is_calm(response, sent=sent)
    response = hers.post("/account/privacy/", {"shown": sent, "uptime-watch": sent})
    assert is_calm(response, sent=sent)
    assert everything() == before


@pytest.mark.parametrize("sent", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_characters_that_nobody_sees_are_refused_in_every_line(hers: Client, sent: str) -> None:
    before = everything()
    response = personal(hers, **dict.fromkeys(LINES, sent))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(LINES)
    assert everything() == before


@pytest.mark.parametrize("sent", ODD.values(), ids=ODD.keys())
def test_what_is_odd_is_kept_as_typed_and_shown_as_text(
    alice: Customer, hers: Client, sent: str
) -> None:
    lines = set(LINES) - {"postcode", "postal_postcode"}
    response = personal(hers, **dict.fromkeys(lines, sent))
    assert response.status_code == 302
    for address in ("/account/", "/account/personal/"):
        page = hers.get(address)
        assert is_calm(page, sent=sent)
        assert sent in text(page)
    give_password(alice)
    client = Client()
    sign_in(client, alice)
    client.post("/accounts/logout/")
    assert is_calm(client.get("/"), sent=sent)


@pytest.mark.parametrize("length", [201, 5000])
def test_what_is_too_long_is_refused_at_its_field(hers: Client, length: int) -> None:
    before = everything()
    fields = list(vars(DETAILS))
    response = personal(hers, **dict.fromkeys(fields, "7" * length))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(fields)
    assert everything() == before


def test_a_field_of_ten_million_letters_is_refused_and_nothing_is_kept(hers: Client) -> None:
    before = everything()
    assert personal(hers, name="x" * 10_000_000).status_code == 413
    assert everything() == before


@pytest.mark.parametrize("sent", EMPTY.values(), ids=EMPTY.keys())
def test_nobody_is_without_a_name(hers: Client, sent: str) -> None:
    assert personal(hers, name=sent).status_code == 422


@pytest.mark.parametrize("revision", ["-1", "1.5", "9" * 30, "NaN", "", "x", "1e3"])
def test_a_count_of_changes_that_is_none_is_refused(hers: Client, revision: str) -> None:
    before = everything()
    assert personal(hers, revision=revision, city="Trenton").status_code in {302, 422}
    assert everything() == before


@pytest.mark.parametrize(
    "place",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "UTC\x00"},
        {"time_zone": ""},
        {"country": "ZZ"},
        {"country": "<b>"},
        {"country": "us"},
    ],
)
def test_a_place_that_is_none_is_refused(hers: Client, place: dict[str, str]) -> None:
    before = everything()
    response = personal(hers, **place)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == list(place)
    assert everything() == before


BODIES = {
    "json": (b'{"name": "Alice", "revision": 1}', "application/json"),
    "plain": (b"name=Alice", "text/plain"),
    "no kind": (b"name=Alice", ""),
    "invalid utf-8": (b"name=%ff%fe&email=%c3%28", URLENCODED),
    "raw invalid utf-8": (b"name=\xff\xfe", URLENCODED),
    "surrogate": (b"name=%ED%A0%80&uptime-watch=%ED%A0%80&shown=%ED%A0%80", URLENCODED),
    "repeated": (
        b"name=Alice&name=Bob&shown=a&shown=b&uptime-watch=yes&uptime-watch=x",
        URLENCODED,
    ),
    "broken multipart": (b"--x\r\nnothing", "multipart/form-data; boundary=x"),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "a file": (
        b'--x\r\nContent-Disposition: form-data; name="name"; filename="a"\r\n\r\nAlice\r\n--x--',
        "multipart/form-data; boundary=x",
    ),
    "many fields": (urlencode({f"f{n}": n for n in range(1001)}).encode(), URLENCODED),
    "unknown charset": (b"name=Alice", f"{URLENCODED}; charset=klingon"),
    "wide charset": ("name=Alice".encode("utf-16"), f"{URLENCODED}; charset=utf-16"),
}


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES.keys())
def test_a_body_of_another_form_changes_nothing(
    alice: Customer, hers: Client, change: PolicyVersion, body: bytes, kind: str
) -> None:
    token = choose_token(customer_id=alice.pk, version_id=change.pk)
    before = everything()
    for address in (
        "/accounts/signup/",
        "/accounts/login/",
        "/cart/add/",
        "/cart/change/",
        f"/choose/{token}/",
    ):
        response = Client().generic("POST", address, body, content_type=kind)
        assert response.status_code < 500, address
    for address in ("/account/personal/", "/account/privacy/", "/account/notices/2/"):
        response = hers.generic("POST", address, body, content_type=kind)
        assert response.status_code < 500, address
    assert everything() == before


COOKIES = {
    **{name: quote(value) for name, value in (INVISIBLE | ODD).items()},
    "long": "x" * 5000,
    "separators": ";;;,,,",
    "quotes": '"unclosed',
}


@pytest.mark.parametrize("sent", COOKIES.values(), ids=COOKIES.keys())
def test_a_cookie_that_a_stranger_wrote_is_answered_calmly(
    policy: PolicyVersion, sent: str
) -> None:
    names = ("cart", "cart-remarks", "name", "session", "csrf", "other")
    for name in names:
        client = Client(headers={"cookie": f"{name}={sent}"})
        for address in ("/cart/", "/account/"):
            assert is_calm(client.get(address), sent=sent), (name, address)


HEADERS = {
    "x-forwarded-for": "198.51.100.1, <script>",
    "accept-language": "xx-YY;q=NaN, " + "de," * 500,
    "user-agent": "a\tb<script>",
    "referer": "https://evil.example/<script>",
    "x-requested-with": "XMLHttpRequest",
    "accept": "application/json",
    "range": "bytes=0-1",
    "if-modified-since": "yesterday",
    "content-length": "0",
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_no_browser_sends_is_answered_calmly(
    policy: PolicyVersion, name: str
) -> None:
    client = Client(headers={name: HEADERS[name]})
    for address in ("/", "/privacy/", "/accounts/login/", "/accounts/signup/"):
        assert client.get(address).status_code == 200, address


def test_a_new_customer_with_an_odd_name_is_only_a_customer(policy: PolicyVersion) -> None:
    client = Client()
    seen = client.get("/accounts/signup/").context["form"]["seen"].value()
    for number, name in enumerate(ODD.values()):
        sent = {"name": name, "email": f"odd-{number}@example.com", "password1": PASSWORD}
        response = client.post("/accounts/signup/", {**sent, "seen": seen}, follow=True)
        assert is_calm(response, sent=name)
    assert sorted(Customer.objects.values_list("name", flat=True)) == sorted(ODD.values())
    assert not User.objects.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists()
    assert not Choice.objects.exists()


@pytest.mark.parametrize("sent", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_nobody_joins_with_a_name_that_hides_something(policy: PolicyVersion, sent: str) -> None:
    client = Client()
    seen = client.get("/accounts/signup/").context["form"]["seen"].value()
    typed = {"name": sent, "email": "nora@example.com", "password1": PASSWORD, "seen": seen}
    response = client.post("/accounts/signup/", typed)
    assert 'href="#id_name"' in text(response)
    assert not User.objects.exists()


def personal(client: Client, **typed: str) -> Any:
    """Send the page of personal information with this typed over what it shows."""
    shown = client.get("/account/personal/").context["form"]
    held = {name: shown[name].value() or "" for name in shown.fields}
    held |= {"revision": shown["revision"].value(), "postal_same": ""}
    return client.post("/account/personal/", {**held, **typed})
