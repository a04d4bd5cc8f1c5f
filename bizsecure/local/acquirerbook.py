"""What the sandbox acquirer remembers: requests by their keys, and the money that moved.

No card number is written down: of a card the book keeps the last four digits, and how requests
with it go. A request that comes again under its key is answered as it was before.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from threading import Lock
from typing import Any

from bizsecure.local.testcards import YES, Manner, Reply, reply_to

WITH_A_CARD = {"verify", "authorise"}
AFTER_ONE = {"capture": "authorise", "void": "authorise", "refund": "capture"}
MOST = Decimal(1_000_000_000)
STEPS = WITH_A_CARD | set(AFTER_ONE)
TABLE = """
CREATE TABLE IF NOT EXISTS request (
  key TEXT PRIMARY KEY, step TEXT NOT NULL, about TEXT NOT NULL, reference TEXT NOT NULL UNIQUE,
  outcome TEXT NOT NULL, reason TEXT NOT NULL, manner TEXT NOT NULL, settles_at REAL NOT NULL,
  of TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL, back_to TEXT NOT NULL)
"""


class Misused(Exception):
    """A request that no bank could understand, or a key that was used for another request."""


@dataclass(frozen=True)
class Entry:
    """A request and what became of it. `of` names the request before that this one is about."""

    key: str
    step: str
    about: str
    reference: str
    outcome: str
    reason: str
    manner: Manner
    settles_at: float
    of: str
    amount: str
    currency: str
    back_to: str


class Book:
    """The requests, in a file that outlives the process. One thread at a time."""

    def __init__(self, path: Path | str, undecided_for: float = 5.0) -> None:
        self._undecided_for = undecided_for
        self._lock = Lock()
        self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._base.row_factory = sqlite3.Row
        self._base.execute(TABLE)
        self._unheard: set[str] = set()

    def close(self) -> None:
        self._base.close()

    def enter(self, key: str, step: str, body: Mapping[str, Any]) -> tuple[Entry | None, bool]:
        """Do what is asked and return the entry, and whether it is new.

        None when the request gets lost on its way here. Raises Misused.
        """
        if not key or step not in STEPS:
            raise Misused("no key" if not key else "no such step")
        number = str(body.get("number", "")) if step in WITH_A_CARD else ""
        about = _without_the_number(body)
        with self._lock:
            known = self._find("key", key)
            if known is not None:
                if (known.step, known.about) != (step, about):
                    raise Misused("this key was used for another request")
                return known, False
            reply = reply_to(step, number) if step in WITH_A_CARD else self._allowed(step, body)
            if reply.manner is Manner.NOT_HEARD and key not in self._unheard:
                self._unheard.add(key)
                return None, True
            entry = self._write(key, step, about, reply, body)
            return entry, True

    def find(self, key: str) -> Entry | None:
        """Return what became of the request under this key, if it ever came."""
        with self._lock:
            return self._find("key", key)

    def to_confirm(self, reference: str) -> Entry | None:
        """Return the request that a customer confirms under this reference."""
        with self._lock:
            return self._find("reference", reference)

    def confirm(self, reference: str, *, agrees: bool) -> Entry | None:
        """Settle a request that waits for its customer; a second answer changes nothing."""
        with self._lock:
            outcome = ("approved", "") if agrees else ("declined", "not_confirmed")
            self._base.execute(
                "UPDATE request SET outcome = ?, reason = ? WHERE reference = ? AND outcome = ?",
                (*outcome, reference, "confirm"),
            )
            return self._find("reference", reference)

    def decide(self, key: str) -> None:
        """End the time for which a request is undecided."""
        with self._lock:
            self._base.execute("UPDATE request SET settles_at = 0 WHERE key = ?", (key,))

    def total(self, step: str, currency: str = "USD") -> Decimal:
        """Return how much money moved in a step, over all requests."""
        with self._lock:
            rows = self._base.execute(
                "SELECT amount FROM request WHERE step = ? AND currency = ? AND outcome = ?",
                (step, currency, "approved"),
            )
            return sum((Decimal(row["amount"]) for row in rows), Decimal(0))

    def count(self, step: str) -> int:
        """Return how many requests of a step were approved."""
        with self._lock:
            found = self._base.execute(
                "SELECT COUNT(*) FROM request WHERE step = ? AND outcome = ?", (step, "approved")
            )
            return int(found.fetchone()[0])

    def _find(self, column: str, value: str) -> Entry | None:
        found = self._base.execute(f"SELECT * FROM request WHERE {column} = ?", (value,))  # noqa: S608  one of two names
        with closing(found):
            row = found.fetchone()
        if row is None:
            return None
        entry = Entry(**{**dict(row), "manner": Manner(row["manner"])})
        return replace(entry, outcome="pending") if entry.settles_at > time.time() else entry

    def _allowed(self, step: str, body: Mapping[str, Any]) -> Reply:
        """Return whether an amount may be taken, let go or given back after what came before."""
        before = self._find("reference", str(body.get("of", "")))
        if before is None or before.step != AFTER_ONE[step] or before.outcome != "approved":
            return Reply("declined", "nothing_to_act_on")
        moved = self._base.execute(
            "SELECT step, amount FROM request WHERE of = ? AND outcome = ?",
            (before.reference, "approved"),
        ).fetchall()
        if any(row["step"] == "void" for row in moved) or (step == "void" and moved):
            return Reply("declined", "nothing_to_act_on")
        already = sum((Decimal(row["amount"]) for row in moved), Decimal(0))
        if step != "void" and already + _amount(body) > Decimal(before.amount):
            return Reply("declined", "too_much")
        return YES

    def _write(
        self, key: str, step: str, about: str, reply: Reply, body: Mapping[str, Any]
    ) -> Entry:
        waits = self._undecided_for if reply.manner is Manner.UNDECIDED else 0
        entry = Entry(
            key=key,
            step=step,
            about=about,
            reference=f"{step[:4]}_{secrets.token_hex(12)}",
            outcome=reply.outcome,
            reason=reply.reason,
            manner=reply.manner,
            settles_at=time.time() + waits if waits else 0,
            of=str(body.get("of", "")),
            amount=str(_amount(body)),
            currency=str(body.get("currency", "")),
            back_to=str(body.get("back_to", "")),
        )
        row = {**vars(entry), "manner": entry.manner.value}
        marks = ", ".join(f":{name}" for name in row)
        self._base.execute(f"INSERT INTO request ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608  our own names
        return replace(entry, outcome="pending") if waits else entry


def _amount(body: Mapping[str, Any]) -> Decimal:
    try:
        amount = Decimal(str(body.get("amount", "0")))
    except InvalidOperation:
        raise Misused("no amount") from None
    if not amount.is_finite() or not 0 <= amount < MOST:
        raise Misused("no amount")
    return amount


def _without_the_number(body: Mapping[str, Any]) -> str:
    """Return what makes a request the same as another, with four digits of the card at most."""
    kept = {name: value for name, value in body.items() if name not in {"number", "code"}}
    kept["last_four"] = str(body.get("number", ""))[-4:]
    return json.dumps(kept, sort_keys=True)
