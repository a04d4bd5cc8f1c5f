"""Whom the vault asks whether a card is good.

The room that is paid knows the card company, and stands above this one. It enters itself here
when it starts (`AppConfig.ready`), and learns of a card what a `Check` says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.utils.http import urlencode

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.vault.cards import SecurityCode

# What the keys of checks begin with, so that they are no payment's.
CHECK_KEY = "card-"
# What stands in the address at which a customer comes back from a bank.
BACK = "back"


@dataclass(frozen=True)
class Check:
    """A card that is being checked, for whoever asks about it.

    `page` is where the customer sees it, and is sent back to. `key` goes with the question, so
    that asking again is the same question; `reference` is what the card company called it, where
    an answer came.
    """

    uid: UUID
    key: str
    customer: Customer
    page: str
    began_at: datetime
    reference: str = ""

    def then(self, page: str) -> Check:
        """Return the same check, whose page leads on to another one."""
        if not page:
            return self
        return replace(self, page=f"{self.page}?{urlencode({REDIRECT_FIELD_NAME: page})}")

    @property
    def page_to_come_back_to(self) -> str:
        """The page, told that its reader comes back from elsewhere."""
        return f"{self.page}{'&' if '?' in self.page else '?'}{BACK}"


class Checker(Protocol):
    """Asks the card company about a card and settles what it says (services/settling.py)."""

    @property
    def asks_for_card(self) -> bool:
        """Whether the customer types the card on a page of the company's own."""

    def begin(self, *, check: Check, code: SecurityCode | None, actor: Actor) -> None:
        """Ask for the first time."""

    def ask_again(self, *, check: Check) -> None:
        """Ask what became of it."""


_checkers: list[Checker] = []


def register(checker: Checker) -> None:
    """Make this the one who checks cards."""
    _checkers[:] = [checker]


def checker() -> Checker:
    """Return who checks cards."""
    return _checkers[0]
