"""A card company for this machine: it behaves like one, by published test numbers, with no money.

Requests come as JSON over HTTP, with a secret and a key each. It asks customers to confirm on a
page of its own, and calls the site when something is decided, as card companies do: late, twice,
or before it has answered.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from bizsecure.local.acquirerbook import Book, Entry, Misused
from bizsecure.local.testcards import Manner

LARGEST_BODY = 64 * 1024
CALL_SECONDS = 10
CALL_TRIES = 5
POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
STYLE = """
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 34rem; padding: 2rem 1rem; font: 1rem/1.5 system-ui, sans-serif;
  background: light-dark(#eef1f6, #10131a); color: light-dark(#161b26, #e6eaf2); }
main { background: light-dark(#fff, #191e29); border: 1px solid light-dark(#cdd5e3, #313a4d);
  border-radius: 10px; padding: 1.5rem; }
h1 { font-size: 1.375rem; margin: 0 0 .5rem; }
form { display: flex; flex-wrap: wrap; gap: .75rem; margin-block-start: 1.5rem; }
button { font: inherit; padding: .5rem 1rem; min-height: 2.75rem; border-radius: 6px;
  border: 1px solid light-dark(#2a4a86, #9db8ee); background: none; color: inherit; }
button[value=yes] { background: #2a4a86; color: #fff; }
:focus-visible { outline: 3px solid light-dark(#2a4a86, #9db8ee); outline-offset: 2px; }
"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css"></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""


@dataclass
class Acquirer:
    """The company: its book, the secret it shares with the site, and where it calls the site."""

    book: Book
    secret: str
    callback_url: str = ""
    url: str = ""
    # How long "too late" is; whoever closes the acquirer does not wait for it.
    late_seconds: float = 30.0
    # Waiting and calling happen in threads; a test that wants to look first switches calls off.
    calls: bool = True
    closing: Event = field(default_factory=Event)

    def answer(self, entry: Entry) -> dict[str, str]:
        """Return what the site is told of a request."""
        told = {"key": entry.key, "reference": entry.reference, "outcome": entry.outcome}
        if entry.outcome == "declined":
            told["reason"] = entry.reason
        if entry.outcome == "confirm":
            told["url"] = f"{self.url}/confirm/{entry.reference}"
        if entry.amount:
            told |= {"amount": entry.amount, "currency": entry.currency}
        return told

    def after(self, entry: Entry) -> None:
        """Call the site as the manner of the request wants it."""
        if not self.calls:
            return
        if entry.manner in {Manner.TOLD_TWICE, Manner.TOLD_FIRST}:
            times = 2 if entry.manner is Manner.TOLD_TWICE else 1
            event = self.event(entry)
            for _ in range(times):
                self.call(event)
        elif entry.manner is Manner.UNDECIDED:
            Thread(target=self._call_when_decided, args=[entry], daemon=True).start()

    def event(self, entry: Entry) -> bytes:
        """Return a call about a request: its key, and nothing that needs to be believed."""
        name = hashlib.sha256(f"{entry.reference} {entry.outcome}".encode()).hexdigest()[:24]
        kind = f"{entry.step}.settled"
        return json.dumps({"id": f"evt_{name}", "type": kind, "key": entry.key}).encode()

    def sign(self, body: bytes, moment: int) -> str:
        """Return the header that proves a call is ours: a moment, and a digest under the secret."""
        digest = hmac.digest(self.secret.encode(), b"%d.%b" % (moment, body), hashlib.sha256)
        return f"t={moment},v1={digest.hex()}"

    def call(self, body: bytes) -> int:
        """Call the site, a few times if it does not answer; return the last status."""
        status = 0
        for again in range(CALL_TRIES):
            moment = int(time.time())
            request = urllib.request.Request(  # noqa: S310  an address of our own
                self.callback_url,
                data=body,
                headers={
                    "Content-Type": "application/json",
                    "Sandbox-Signature": self.sign(body, moment),
                },
            )
            try:
                with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310
                    return int(answer.status)
            except urllib.error.HTTPError as refused:
                with refused:
                    status = refused.code
            except OSError:
                status = 0
            if self.closing.wait(2**again / 2):
                break
        return status

    def _call_when_decided(self, entry: Entry) -> None:
        self.closing.wait(max(0.0, entry.settles_at - time.time()))
        settled = self.book.find(entry.key)
        if settled is not None and not self.closing.is_set():
            self.call(self.event(settled))


class AcquirerServer:
    """The company on a port of 127.0.0.1, for as long as it is open."""

    def __init__(self, acquirer: Acquirer, port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"acquirer": acquirer})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self.acquirer = acquirer
        acquirer.url = f"http://localhost:{self._server.server_port}"

    @property
    def url(self) -> str:
        return self.acquirer.url

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.acquirer.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.acquirer.book.close()


class _Handler(BaseHTTPRequestHandler):
    acquirer: Acquirer
    server_version = "acquirer"
    sys_version = ""

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY))
        if path.startswith("/confirm/"):
            self._confirm(path.removeprefix("/confirm/"), body)
        elif self._is_known():
            self._request(path.removeprefix("/v1/"), body)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/style.css":
            self._send(HTTPStatus.OK, STYLE, "text/css")
        elif path.startswith("/confirm/"):
            self._show(self.acquirer.book.to_confirm(path.removeprefix("/confirm/")))
        elif self._is_known():
            entry = self.acquirer.book.find(path.removeprefix("/v1/requests/"))
            if entry is None:
                self._tell(HTTPStatus.NOT_FOUND, {"error": "no such request"})
            else:
                self._tell(HTTPStatus.OK, self.acquirer.answer(entry))

    def _request(self, step: str, body: bytes) -> None:
        key = self.headers.get("Idempotency-Key", "")
        try:
            entry, is_new = self.acquirer.book.enter(key, step, _read(body))
        except (Misused, ValueError) as problem:
            self._tell(HTTPStatus.CONFLICT, {"error": str(problem)})
            return
        if entry is None or (is_new and entry.manner is Manner.NO_ANSWER):
            self.close_connection = True
            return
        if is_new and entry.manner is Manner.TOO_LATE:
            self.acquirer.closing.wait(self.acquirer.late_seconds)
        if is_new and entry.manner is Manner.TOLD_FIRST:
            self.acquirer.after(entry)
        self._tell(HTTPStatus.OK, self.acquirer.answer(entry))
        if is_new and entry.manner is not Manner.TOLD_FIRST:
            self.acquirer.after(entry)

    def _confirm(self, reference: str, body: bytes) -> None:
        said = parse_qs(body.decode("ascii", "replace")).get("answer", [""])[0]
        before = self.acquirer.book.to_confirm(reference)
        entry = self.acquirer.book.confirm(reference, agrees=said == "yes") if before else None
        if entry is None:
            self._show(None)
            return
        if self.acquirer.calls:
            Thread(
                target=self.acquirer.call, args=[self.acquirer.event(entry)], daemon=True
            ).start()
        self._show(entry)

    def _show(self, entry: Entry | None) -> None:
        if entry is None:
            self._send(HTTPStatus.NOT_FOUND, PAGE.format(title="Nothing here", body=""))
            return
        if entry.outcome != "confirm":
            link = escape(entry.back_to, quote=True)
            body = f'<p>Your bank has your answer.</p><p><a href="{link}">Back to the shop</a></p>'
            self._send(HTTPStatus.OK, PAGE.format(title="Thank you", body=body))
            return
        amount = f"{entry.amount} {entry.currency}" if entry.currency else "your card, no money"
        body = (
            f"<p>BizSecure asks your bank for <strong>{escape(amount)}</strong>. Is it you?</p>"
            '<form method="post"><button name="answer" value="yes">Yes, it is me</button>'
            '<button name="answer" value="no">No, refuse it</button></form>'
        )
        self._send(HTTPStatus.OK, PAGE.format(title="Your bank asks you", body=body))

    def _is_known(self) -> bool:
        given = self.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {self.acquirer.secret}".encode()):
            return True
        self._tell(HTTPStatus.UNAUTHORIZED, {"error": "who are you?"})
        return False

    def _tell(self, status: HTTPStatus, answer: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(answer), "application/json")

    def _send(self, status: HTTPStatus, text: str, kind: str = "text/html") -> None:
        content = text.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            # Whoever asked has not waited.
            self.close_connection = True

    def log_message(self, *anything: object) -> None:
        """Write no log: what is asked here is about cards."""


def _read(body: bytes) -> Mapping[str, Any]:
    asked = json.loads(body)
    if not isinstance(asked, dict):
        raise Misused("no object")
    return asked


def main(arguments: list[str]) -> None:
    """Be a card company until told to stop."""
    parser = argparse.ArgumentParser(prog="bizsecure.local.acquirer", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--callback-url", required=True)
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    book = Book(options.folder / "book.sqlite3")
    acquirer = Acquirer(book, os.environ["SANDBOX_SECRET"], options.callback_url)
    with AcquirerServer(acquirer, options.port):
        print(f"The sandbox acquirer is at {acquirer.url}/; test cards: docs/payments.md")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    # Before any thread starts, so that none of them takes the signal sigwait is waiting for.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main(sys.argv[1:])
