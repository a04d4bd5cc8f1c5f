"""Requests that nobody would send in good faith, made of what the pages themselves offer.

A fuzzer has a browser in which somebody is signed in, or nobody. It opens an address of the site,
takes the forms that it finds there, and sends them with something of the corpus in some of their
fields; or it asks for the address itself in a way that was not meant. After each request the
database and the browser are as they were before.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from tests.pages.addresses import ARGUMENT, Address
from tests.pages.browsing import text
from tests.pages.test_bad_input import BODIES, EMPTY, INVISIBLE, LONG, ODD

# What a field of another kind than text may be given, and what breaks numbers, dates and JSON.
KINDS = (
    *("0", "-1", "1.5", "1e309", "NaN", "Infinity", "9" * 30, "-9223372036854775809", "\uff17"),
    *("2026-02-30", "0001-01-01", "9999-12-31", "2026-11-30T25:61", "24:00", "\u0661\u0662"),
    *("true", "on", "None", "null", "[]", "{}", '{"a":', "[[" * 200, "\\", "%s", "%00", "%ff"),
    *("a@b.example", "a@" + "b" * 250 + ".example", "mallory@example.com\r\nBcc: x@example.com"),
    *("4111111111111111", "4111 1111 1111 1112", "737", "+1 201 555 0199", "00000000-0000"),
    *("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"),
    *("../" * 20, "a" * 255, "a" * 256, "\U0010ffff" * 60, "\u0130", "\ufb01", "\u0000" * 3),
)
# An answer may show what was sent: no word of it may be one that gives somebody away.
CORPUS = tuple(
    word.replace("Al", "Ol")
    for word in (*INVISIBLE.values(), *ODD.values(), *EMPTY.values(), *KINDS)
)
# Sent seldom: they are large.
LARGE = (*LONG.values(), "\u202e" * 20_000)
# More than that of three fields is no address that our servers hand on (limit_request_line).
LONGEST_WORD = 1300
METHODS = ("head", "options", "put", "patch", "delete", "trace")
HEADERS = {
    "accept-language": "xx-YY;q=NaN," + "de," * 200,
    "referer": "https://evil.example/<script>",
    "origin": "https://evil.example",
    "x-forwarded-for": "198.51.100.1, ' OR 1=1",
    "x-forwarded-host": "evil.example",
    "range": "bytes=0-1",
    "if-none-match": '"*"',
    "accept": "application/json",
    "sec-gpc": "1",
    "user-agent": "a\tb<script>{{7*7}}",
    "x-request-id": "' OR 1=1",
}


@dataclass
class Form:
    """A form of a page: where it goes, how, and what it would send as it is."""

    action: str
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    # A select that is still open, and whether an option of it was marked.
    menu: str = ""

    @property
    def names(self) -> list[str]:
        return sorted({name for name, _value in self.fields} | set(self.files))


class Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.path, given.get("action") or self.path)
            self.found.append(Form(action, given.get("method", "get").lower()))
        elif self.found and tag in {"input", "textarea", "select", "button"}:
            self._field(tag, given)
        elif self.found and tag == "option" and self.found[-1].menu:
            self.found[-1].fields.append((self.found[-1].menu, given.get("value", "")))

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form, name = self.found[-1], given.get("name", "")
        form.menu = name if tag == "select" else ""
        if name and given.get("type") == "file":
            form.files.append(name)
        elif name and tag != "select":
            form.fields.append((name, given.get("value", "")))


@dataclass(frozen=True)
class Request:
    """A request as it can be sent again."""

    method: str
    path: str
    data: Any = None
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = f"{self.data!r}"[:400] if self.data is not None else ""
        return f"{self.method.upper()} {self.path[:200]!r} {self.headers or ''} {shown}"


class Fuzzer:
    """Sends requests as somebody, and writes down which of them were answered badly.

    `forbidden` is what no answer may hold. An answer is slow if it took a hundred times as long
    as the plainest page, again and again: a busy machine is slow with everything.
    """

    def __init__(
        self, client: Client, addresses: list[Address], forbidden: list[str], seed: int
    ) -> None:
        self.client = client
        self.client.raise_request_exception = False
        self.addresses = addresses
        self.forbidden = forbidden
        self.chance = random.Random(seed)
        self.bad: list[str] = []
        self.sent = 0
        self.forms: dict[str, list[Form]] = {}
        self._usual = min(self._timed(Request("get", "/healthz"))[1] for _ in range(5))

    def run(self, requests: int) -> None:
        """Send so many requests, and judge each answer."""
        while self.sent < requests:
            request = self.next_request()
            answer, seconds = self._timed(request)
            self.sent += 1
            self._judge(request, answer, seconds)

    def next_request(self) -> Request:
        """Return something to send: mostly a form with a few fields filled wrongly."""
        address = self.chance.choice(self.addresses)
        forms = self._forms_of(address.path)
        if forms and self.chance.random() < 0.6:
            return self._of_a_form(self.chance.choice(forms))
        make = self.chance.choice(
            (self._query, self._argument, self._body, self._method, self._header, self._cookie)
        )
        return make(address)

    def _forms_of(self, path: str) -> list[Form]:
        if path not in self.forms:
            answer, seconds = self._timed(Request("get", path))
            self.sent += 1
            self._judge(Request("get", path), answer, seconds)
            page = Forms(path)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                page.feed(answer.getvalue().decode(errors="replace"))
            here = [form for form in page.found if not urlsplit(form.action).netloc]
            self.forms[path] = here
        return self.forms[path]

    def _word(self) -> str:
        return self.chance.choice(LARGE if self.chance.random() < 0.01 else CORPUS)

    def _of_a_form(self, form: Form) -> Request:
        data: dict[str, Any] = {}
        for name, value in form.fields:
            data.setdefault(name, []).append(value)
        # A menu offers all that it has; one of it is sent.
        data = {name: self.chance.choice(values) for name, values in data.items()}
        for name in self.chance.sample(form.names, min(len(form.names), self.chance.randint(1, 3))):
            data[name] = self._word()
        for name in form.files:
            content = self._word().encode(errors="surrogatepass")
            data[name] = SimpleUploadedFile(_file_name(self._word()), content)
        if self.chance.random() < 0.1:
            data |= {"is_staff": "1", "user": "2", "customer": "2", "price": "0", "pk": "1"}
        return Request("post" if form.method == "post" else "get", form.action, data)

    def _query(self, address: Address) -> Request:
        names = ("q", "page", "next", "p", "o", "e", "since", "kind", "a", "id__in", "_popup")
        asked = {name: self._word() for name in self.chance.sample(names, 3)}
        return Request("get", address.path, asked)

    def _argument(self, address: Address) -> Request:
        """Ask for the address with something else in place of what it is about."""
        if not ARGUMENT.search(address.pattern):
            return self._query(address)
        word = quote(self._word().encode(errors="replace")[:300], safe="")
        return Request("get", ARGUMENT.sub(lambda _found: word, address.pattern))

    def _body(self, address: Address) -> Request:
        body, kind = self.chance.choice(list(BODIES.values()))
        return Request("generic", address.path, body.replace(b"Al", b"Ol"), kind)

    def _method(self, address: Address) -> Request:
        return Request(self.chance.choice(METHODS), address.path)

    def _header(self, address: Address) -> Request:
        name = self.chance.choice(list(HEADERS))
        return Request("get", address.path, headers={name: HEADERS[name]})

    def _cookie(self, address: Address) -> Request:
        name = self.chance.choice(("cart", "cart-remarks", "name", "csrf", "other"))
        return Request("get", address.path, cookies={name: quote(self._word()[:3000])})

    def _timed(self, request: Request) -> tuple[Any, float]:
        with undone(self.client):
            began = time.perf_counter()
            answer = self._send(request)
            return answer, time.perf_counter() - began

    def _send(self, request: Request) -> Any:
        for name, value in request.cookies.items():
            self.client.cookies[name] = value
        if request.method == "generic":
            return self.client.generic(
                "POST", request.path, request.data, content_type=request.content_type
            )
        send = getattr(self.client, request.method)
        data = request.data if request.method in {"get", "post"} else None
        if request.method == "get" and data:
            data = {name: str(word)[:LONGEST_WORD] for name, word in data.items()}
        arguments = () if data is None else (data,)
        return send(request.path, *arguments, headers=request.headers or None)

    def _judge(self, request: Request, answer: Any, seconds: float) -> None:
        if answer.status_code >= 500:
            kind = answer.exc_info[0].__name__ if getattr(answer, "exc_info", None) else ""
            said = str(answer.exc_info[1])[:200] if kind else ""
            self.bad.append(f"{answer.status_code} {kind} {said} of {request}")
        given = [word for word in self.forbidden if word in text(answer)]
        if given:
            self.bad.append(f"gives away {given}: {request}")
        if seconds > self._longest and self._is_always_slow(request):
            self.bad.append(f"takes {seconds:.1f} s: {request}")

    @property
    def _longest(self) -> float:
        return max(100 * self._usual, 2.0)

    def _is_always_slow(self, request: Request) -> bool:
        self._usual = max(
            self._usual, min(self._timed(Request("get", "/healthz"))[1] for _ in "ab")
        )
        return all(self._timed(request)[1] > self._longest for _ in range(2))


def _file_name(word: str) -> str:
    """Return the word as Django lets an upload be named: never like a folder."""
    name = Path(word[:90]).name
    return "x" if name in {"", ".."} else name


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Take back whatever happens inside the block, in the database and in the browser."""
    cookies = copy(client.cookies)
    block = transaction.atomic()
    # A service that must be the outermost transaction may be: what surrounds it is a test.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def without(addresses: list[Address], *patterns: str) -> list[Address]:
    """Return the addresses that none of these expressions matches."""
    return [
        address
        for address in addresses
        if not any(re.search(pattern, address.path) for pattern in patterns)
    ]
