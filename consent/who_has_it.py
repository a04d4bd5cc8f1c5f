"""Who has received something of a customer's, as the page about it shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.models import Customer
from consent.disclosed import outcome_in_words
from consent.grounds import BY_THE_PORTAL
from consent.models import Disclosure, Recipient

MOST_ROWS = 500
# The picture is this high, and the lines end in the middle of each recipient's share of it.
HEIGHT = 300
# What the number of an order begins with.
ORDER = "O-"

ICONS = {
    Recipient.Kind.CARD_COMPANY: "credit-card",
    Recipient.Kind.PARTNER: "shield-check",
    Recipient.Kind.COURT: "scale",
    Recipient.Kind.POLICE: "building-library",
    Recipient.Kind.AUTHORITY: "building-library",
    Recipient.Kind.COUNSEL: "scale",
    Recipient.Kind.HARMED: "hand-raised",
    Recipient.Kind.PROVIDER: "server-stack",
    Recipient.Kind.BUYER: "building-office-2",
}


@dataclass(frozen=True)
class Receipt:
    """One time that something went to somebody."""

    row: Disclosure

    @property
    def at(self) -> datetime:
        return self.row.recorded_at

    @property
    def what(self) -> str:
        """What went there, as a list in words."""
        return str(get_text_list([str(field.label) for field in self.row.field_list], _("and")))

    @property
    def is_stop(self) -> bool:
        return self.row.kind == Disclosure.Kind.STOP

    @property
    def is_of_order(self) -> bool:
        """Whether the reference is the number of an order."""
        return str(self.row.reference).startswith(ORDER)

    @property
    def outcome(self) -> str:
        return outcome_in_words(self.row.outcome)

    @property
    def tone(self) -> str:
        """The colour of the outcome; the word says the same."""
        tones = {"delivered": "ok", "unknown": "warn", "refused": "bad", "failed": "bad"}
        return tones.get(self.row.outcome or "", "")

    @property
    def by_staff(self) -> bool:
        return self.row.ground not in BY_THE_PORTAL


@dataclass(frozen=True)
class Holder:
    """Somebody who received something: when first and last, and each time."""

    party: str
    recipient: Recipient
    receipts: list[Receipt]
    line: str

    @property
    def icon(self) -> str:
        return ICONS[Recipient.Kind(self.recipient.kind)]

    @property
    def latest(self) -> Receipt:
        return self.receipts[0]

    @property
    def first(self) -> Receipt:
        return self.receipts[-1]

    @property
    def stopped(self) -> bool:
        """Whether the last word to this recipient was to stop."""
        return self.latest.is_stop


@dataclass(frozen=True)
class WhoHasIt:
    """All who have something, those who got it last first."""

    holders: list[Holder]
    is_all: bool


def who_has_it(customer: Customer, now: datetime) -> WhoHasIt:
    """Return who received what of this customer, as far as the customer may know (DISC-1)."""
    rows = Disclosure.objects.visible_to(customer, now).with_outcome()
    found = list(islice(rows[: MOST_ROWS + 1], MOST_ROWS + 1))
    by_party: dict[str, list[Receipt]] = {}
    for row in found[:MOST_ROWS]:
        by_party.setdefault(row.party, []).append(Receipt(row))
    return WhoHasIt(list(_holders(by_party)), is_all=len(found) <= MOST_ROWS)


def _holders(by_party: dict[str, list[Receipt]]) -> Iterable[Holder]:
    share = HEIGHT / max(len(by_party), 1)
    middle = HEIGHT // 2
    for place, (party, receipts) in enumerate(by_party.items()):
        end = round((place + 0.5) * share)
        line = f"M0 {middle}C40 {middle} 20 {end} 60 {end}"
        yield Holder(party, receipts[0].row.recipient, receipts, line)
