"""Sandbox twins of the partners: GeoTrust, ScanAlert and StatusCake on one port of this machine.

They are as strict as the real ones should be, and a witness for us: a request without a right
signature, an old one, one whose key stands for another request, and one that tells more or less
about a customer than our policy says are turned away. What they were told they keep and show.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import re
import secrets
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

BILLING = {"name", "email", "billing-address"}
# By the path of a request: what it must tell about a customer, neither more nor less.
DECLARED: Mapping[str, set[str]] = {
    "/geotrust/certificates": BILLING,
    "/scanalert/subscriptions": BILLING,
    "/statuscake/watches": BILLING | {"site-address"},
    "/statuscake/stops": {"our-reference"},
}
KEY_ID = "bizsecure"
LONGEST_REQUEST = 64 * 1024
OLDEST_REQUEST = 300
AUTHORIZATION = re.compile(r"BizSecure-HMAC-SHA256 key=([\w-]+), signature=([0-9a-f]{64})")


class TurnedAway(Exception):
    """A request that a partner does not take, and the status that says so."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Partners:
    """What the partners know. `received` is each request they took; `faults` go wrong in turn.

    A fault is "drop", to end the connection after the request has arrived, or a status to
    answer with.
    """

    def __init__(
        self,
        *,
        secret: str,
        key_id: str = KEY_ID,
        folder: Path | None = None,
    ) -> None:
        self.key_id = key_id
        self.faults: deque[str | int] = deque()
        self.received: list[dict[str, Any]] = []
        self.turned_away: list[str] = []
        self._secret = secret
        self._folder = folder
        self._taken: dict[str, tuple[str, str]] = {}
        self._lock = Lock()

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> str:
        """Return our reference for a request, the same one each time it comes."""
        with self._lock:
            try:
                self._check_signature(path, headers, body)
                content = _content(path, body)
                return self._taken_once(path, headers["Idempotency-Key"], content, body)
            except TurnedAway as reason:
                self.turned_away.append(str(reason))
                raise

    def _check_signature(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        given = AUTHORIZATION.fullmatch(headers.get("Authorization") or "")
        when, key = headers.get("Request-Time") or "", headers.get("Idempotency-Key") or ""
        if given is None or not when.isdigit() or not key:
            raise TurnedAway(HTTPStatus.UNAUTHORIZED, "The request is not signed.")
        lines = ["POST", path, when, key, hashlib.sha256(body).hexdigest()]
        right = hmac.new(self._secret.encode(), "\n".join(lines).encode(), hashlib.sha256)
        if given[1] != self.key_id or not hmac.compare_digest(given[2], right.hexdigest()):
            raise TurnedAway(HTTPStatus.UNAUTHORIZED, "The signature is wrong.")
        if abs(time.time() - int(when)) > OLDEST_REQUEST:
            raise TurnedAway(HTTPStatus.UNAUTHORIZED, "The request is too old.")

    def _taken_once(self, path: str, key: str, content: dict[str, Any], body: bytes) -> str:
        print_of_body = hashlib.sha256(path.encode() + body).hexdigest()
        reference, known = self._taken.get(key, (f"{path[1:3].upper()}-{len(self._taken) + 1}", ""))
        if known and known != print_of_body:
            raise TurnedAway(HTTPStatus.CONFLICT, "The key stands for another request.")
        if not known:
            self._taken[key] = (reference, print_of_body)
            self.received.append({"path": path, "reference": reference, **content})
            self._write()
        return reference

    def _write(self) -> None:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            shown = json.dumps(self.received, indent=2)
            (self._folder / "received.json").write_text(shown, encoding="utf-8")


def _content(path: str, body: bytes) -> dict[str, Any]:
    try:
        content: Any = json.loads(body)
    except ValueError as problem:
        raise TurnedAway(HTTPStatus.BAD_REQUEST, "The request is no JSON.") from problem
    if not isinstance(content, dict) or set(content) != {"order", "product", "customer"}:
        raise TurnedAway(HTTPStatus.BAD_REQUEST, "Order, product and customer are needed.")
    if set(content["customer"]) != DECLARED[path]:
        raise TurnedAway(
            HTTPStatus.UNPROCESSABLE_ENTITY, "The policy declares other information for us."
        )
    return content


class Handler(BaseHTTPRequestHandler):
    """Speaks for the partners."""

    partners: Partners

    def do_POST(self) -> None:
        """Take a request, or turn it away."""
        length = self.headers.get("Content-Length") or ""
        if self.path not in DECLARED or not length.isdigit() or int(length) > LONGEST_REQUEST:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "Nothing like this here."})
            return
        body = self.rfile.read(int(length))
        fault = self.partners.faults.popleft() if self.partners.faults else None
        if isinstance(fault, int):
            self._answer(HTTPStatus(fault), {"error": "A fault."})
            return
        try:
            reference = self.partners.take(self.path, dict(self.headers), body)
        except TurnedAway as reason:
            self._answer(reason.status, {"error": str(reason)})
            return
        if fault == "drop":
            self.close_connection = True
            return
        self._answer(HTTPStatus.CREATED, {"reference": reference})

    def do_GET(self) -> None:
        """Show what the partners were told."""
        self._answer(HTTPStatus.OK, self.partners.received)

    def _answer(self, status: HTTPStatus, content: Any) -> None:
        body = json.dumps(content, indent=2).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        """Say nothing about single requests."""


def serve(partners: Partners, port: int) -> ThreadingHTTPServer:
    """Return the server of the partners on this machine, not yet serving."""
    handler = type("PartnersHandler", (Handler,), {"partners": partners})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


def addresses(port: int, secret: str) -> dict[str, str]:
    """Return the environment that sends the portal to these twins."""
    base = f"http://{KEY_ID}:{secret}@localhost:{port}"
    return {f"{name.upper()}_URL": f"{base}/{name}" for name in sorted(_names())}


def new_secret() -> str:
    """Return a secret for signing."""
    return secrets.token_hex(24)


def _names() -> set[str]:
    return {path.split("/")[1] for path in DECLARED}


def main(arguments: list[str]) -> None:
    """Be the partners until told to stop."""
    parser = argparse.ArgumentParser(prog="bizsecure.local.partners", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    secret = os.environ["PARTNERS_SECRET"]
    partners = Partners(secret=secret, folder=options.folder)
    server = serve(partners, options.port)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"Partners show what they were told at http://localhost:{options.port}/")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    server.shutdown()


if __name__ == "__main__":
    # Before any thread starts, so that none of them takes the signal sigwait is waiting for.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main(sys.argv[1:])
