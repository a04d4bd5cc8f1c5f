"""A stand-in for Stripe's API: the shape of its requests and answers, enforced, and no money.

It takes what Stripe takes (form-encoded bodies, a bearer key, idempotency keys) and refuses what
Stripe refuses. The shapes of its answers are written after Stripe's API reference.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "sk_test_of_the_twin"
# Payment methods of the twin's, and how charging them goes.
GOOD, POOR, ASKS = "pm_good", "pm_poor", "pm_asks"
CAN_BE_CANCELED = ("requires_capture", "requires_action", "requires_payment_method")
CARD = {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2030}


class Refusal(Exception):
    """What Stripe answers in place of what was asked."""

    def __init__(self, status: int, kind: str, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.error = {"type": kind, "code": code, "message": f"refused: {code}", **more}


@dataclass
class Twin:
    """What the stand-in has made, and what it was asked, by its test."""

    url: str = ""
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answered: dict[str, tuple[dict[str, str], Any]] = field(default_factory=dict)
    # How many answers are lost on their way, from now on.
    loses: int = 0
    # Ends of addresses of which the next answer is lost.
    loses_answers_to: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def made(self, kind: str, prefix: str, **facts: Any) -> dict[str, Any]:
        name = f"{prefix}_{next(self.numbers)}"
        thing = {"id": name, "object": kind, "created": int(time.time()), **facts}
        self.things[name] = thing
        return thing

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [thing for thing in self.things.values() if thing["object"] == kind]

    def complete(self, session: str, method: str = GOOD) -> None:
        """Be the customer: type a card on Stripe's page."""
        page = self.things[session]
        page["status"] = "complete"
        if page["mode"] == "setup":
            intent = self.made("setup_intent", "seti", status="succeeded")
            intent |= {"customer": page["customer"], "payment_method": method}
            page["setup_intent"] = intent["id"]
        else:
            self.attempt(session, method)["status"] = "requires_capture"

    def attempt(self, session: str, method: str = POOR) -> dict[str, Any]:
        """Be the customer whose card is refused there: Stripe makes the intent only now."""
        page = self.things[session]
        if page["payment_intent"] is None:
            intent = self.made("payment_intent", "pi", **page["of_the_intent"])
            page["payment_intent"] = intent["id"]
        intent = self.things[page["payment_intent"]]
        intent |= {"status": "requires_payment_method", "payment_method": method}
        return intent

    def shown(self, thing: dict[str, Any], expand: list[str]) -> dict[str, Any]:
        """Return a thing as Stripe shows it: others by id, or whole where that was asked for."""
        whole = dict(thing)
        for path in expand:
            name, _dot, rest = path.partition(".")
            if whole.get(name):
                other = self.things.get(whole[name]) or _method(whole[name])
                whole[name] = self.shown(other, [rest] if rest else [])
        return whole


def _method(name: str) -> dict[str, Any]:
    return {"id": name, "object": "payment_method", "card": CARD}


@contextmanager
def stripe_twin() -> Iterator[Twin]:
    """Lend a stand-in that serves."""
    twin = Twin()
    handler = type("Handler", (_Handler,), {"twin": twin})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    twin.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield twin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    twin: Twin
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        kind = self.headers.get("Content-Type", "")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        assert kind == "application/x-www-form-urlencoded", kind
        assert self.headers.get("Idempotency-Key")
        self._answer(dict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body))))

    def _answer(self, sent: dict[str, str]) -> None:
        parts = urlsplit(self.path)
        self.twin.asked.append((self.command, parts.path, sent))
        asked = sent or dict(parse_qsl(parts.query))
        try:
            status, answer = 200, self._once(parts.path.removeprefix("/v1/").split("/"), asked)
        except Refusal as refusal:
            status, answer = refusal.status, {"error": refusal.error}
        lost = [end for end in self.twin.loses_answers_to if parts.path.endswith(end)]
        if self.twin.loses or lost:
            self.twin.loses -= bool(self.twin.loses)
            del self.twin.loses_answers_to[: len(lost)]
            self.close_connection = True
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _once(self, path: list[str], asked: dict[str, str]) -> Any:
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            raise Refusal(401, "invalid_request_error", "api_key_invalid")
        key = self.headers.get("Idempotency-Key")
        if self.command == "GET" or key is None:
            return _looked_up(self.twin, path, asked)
        if key in self.twin.answered:
            before, answer = self.twin.answered[key]
            if before != asked:
                raise Refusal(400, "idempotency_error", "idempotency_key_in_use")
            return answer
        answer = json.loads(json.dumps(_done(self.twin, path, asked)))
        self.twin.answered[key] = (asked, answer)
        return answer

    def log_message(self, *anything: object) -> None:
        """Write no log."""


def _done(twin: Twin, path: list[str], asked: Mapping[str, str]) -> Any:
    metadata = {"key": asked.get("metadata[key]", "")}
    match path:
        case ["customers"]:
            return twin.made("customer", "cus", name=asked["name"])
        case ["checkout", "sessions"]:
            return _session(twin, asked, metadata)
        case ["checkout", "sessions", name, "expire"]:
            return _moved(twin, name, ["open"], "expired")
        case ["payment_intents"]:
            return _charged(twin, asked, metadata)
        case ["payment_intents", name, step]:
            return _moved_on(twin, name, step, asked)
        case ["refunds"]:
            return _refunded(twin, asked, metadata)
    raise Refusal(404, "invalid_request_error", "unknown_url")


def _moved_on(twin: Twin, name: str, step: str, asked: Mapping[str, str]) -> Any:
    if step == "cancel":
        return _moved(twin, name, CAN_BE_CANCELED, "canceled")
    assert step == "capture"
    taken = _moved(twin, name, ["requires_capture"], "succeeded")
    taken["amount_received"] = int(asked["amount_to_capture"])
    return taken


def _refunded(twin: Twin, asked: Mapping[str, str], metadata: Mapping[str, str]) -> Any:
    intent, amount = twin.things[asked["payment_intent"]], int(asked["amount"])
    before = sum(each["amount"] for each in twin.of("refund") if each["of"] == intent["id"])
    if before + amount > intent["amount_received"]:
        raise Refusal(400, "invalid_request_error", "charge_already_refunded")
    facts = {"amount": amount, "currency": intent["currency"], "of": intent["id"]}
    return twin.made("refund", "re", status="succeeded", metadata=metadata, **facts)


def _session(twin: Twin, asked: Mapping[str, str], metadata: Mapping[str, str]) -> Any:
    assert asked["success_url"].startswith("http")
    session = twin.made(
        "checkout.session",
        "cs",
        mode=asked["mode"],
        status="open",
        customer=asked["customer"],
        client_reference_id=asked["client_reference_id"],
        metadata=metadata,
        setup_intent=None,
        payment_intent=None,
    )
    session["url"] = f"https://checkout.stripe.example/{session['id']}"
    if asked["mode"] == "payment":
        assert asked["payment_intent_data[capture_method]"] == "manual"
        session["of_the_intent"] = {
            "amount": int(asked["line_items[0][price_data][unit_amount]"]),
            "amount_received": 0,
            "currency": asked["line_items[0][price_data][currency]"],
            "metadata": {"key": asked["payment_intent_data[metadata][key]"]},
            "last_payment_error": None,
        }
    return session


def _charged(twin: Twin, asked: Mapping[str, str], metadata: Mapping[str, str]) -> Any:
    assert asked["confirm"] == "true"
    assert asked["capture_method"] == "manual"
    method = asked["payment_method"]
    status = {GOOD: "requires_capture", ASKS: "requires_action"}.get(method, "canceled")
    intent = twin.made(
        "payment_intent",
        "pi",
        status=status,
        amount=int(asked["amount"]),
        amount_received=0,
        currency=asked["currency"],
        metadata=metadata,
        last_payment_error=None,
        next_action=None,
    )
    if method == ASKS:
        url = f"https://bank.example/{intent['id']}"
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": url}}
    if method == POOR:
        error = {"decline_code": "insufficient_funds", "payment_intent": intent}
        raise Refusal(402, "card_error", "card_declined", **error)
    return intent


def _moved(twin: Twin, name: str, before: Collection[str], after: str) -> dict[str, Any]:
    thing = twin.things[name]
    if thing["status"] not in before:
        raise Refusal(400, "invalid_request_error", "payment_intent_unexpected_state")
    thing["status"] = after
    return thing


def _looked_up(twin: Twin, path: list[str], asked: Mapping[str, str]) -> Any:
    lists = {
        ("checkout", "sessions"): "checkout.session",
        ("payment_intents",): "payment_intent",
        ("refunds",): "refund",
    }
    kind = lists.get(tuple(path))
    if kind is not None:
        since, until = asked.get("created[gte]", "0"), asked.get("created[lte]", "9999999999")
        found = [
            thing
            for thing in twin.of(kind)
            if int(since) <= thing["created"] <= int(until)
            if asked.get("payment_intent", thing.get("of")) == thing.get("of")
        ]
        return {"object": "list", "data": found, "has_more": False, "url": f"/v1/{'/'.join(path)}"}
    if path[-1] not in twin.things:
        raise Refusal(404, "invalid_request_error", "resource_missing")
    expand = [value for name, value in sorted(asked.items()) if name.startswith("expand[")]
    return twin.shown(twin.things[path[-1]], expand)
