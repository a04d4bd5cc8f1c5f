"""The one way to be paid, whichever company is behind it (THIRD-1).

No card number passes through here. A gateway is told which card of the vault is meant and shown
a grant of the register; its adapter asks the vault to hand that card over, and the vault does so
against the grant alone. A gateway that asks for the card on a page of its own needs no card.

Money moves once. Each request carries a key that the caller has written down before: sent again
under the same key it is the same request, and the gateway answers what it answered before. Where
no answer came, `find` asks what became of it. Nothing is ever charged again to find out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from moneyed import Money

from bizsecure.vault.cards import Decline, KeptCard, SecurityCode
from consent.grounds import DataField
from consent.services.disclosing import Grant

__all__ = [
    "Approved",
    "Charge",
    "Decline",
    "Declined",
    "Gateway",
    "Grant",
    "KeptCard",
    "NeedsCustomer",
    "Outcome",
    "Payer",
    "SecurityCode",
    "Sought",
    "Step",
    "Unknown",
    "Verification",
]

LONGEST_KEY = 64
# What a provider appends to the addresses of its pages is long.
LONGEST_URL = 2000
LONGEST_REFERENCE = 120


@dataclass(frozen=True)
class Payer:
    """The name and billing address that go along with a card."""

    name: str
    street: str = ""
    extra: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True)
class Approved:
    """The gateway did what it was asked. `reference` is its own name for what it did.

    `card` is there where a provider keeps the card and tells how to recognize it; `brand` and
    `last_four` where it was typed on the provider's page to pay with it once.
    """

    reference: str
    amount: Money | None = None
    card: KeptCard | None = None
    brand: str = ""
    last_four: str = ""


@dataclass(frozen=True)
class Declined:
    """The gateway, or the bank behind it, said no. Nothing was charged."""

    reason: Decline
    reference: str = ""


@dataclass(frozen=True)
class NeedsCustomer:
    """The customer goes to `url` to confirm with the bank, or to type the card there.

    What comes of it is asked with `find`: when the customer is back, when the gateway calls, or
    when a sweep looks, whichever is first.
    """

    url: str
    reference: str = ""


@dataclass(frozen=True)
class Unknown:
    """No answer came, or none that could be understood. It may have happened: ask with `find`."""


Outcome = Approved | Declined | NeedsCustomer | Unknown


@dataclass(frozen=True)
class Verification:
    """Whether a card is good, asked without moving money, when the customer enters it.

    `card` is None where the gateway asks for the card itself.
    """

    key: str
    card: UUID | None
    payer: Payer
    return_url: str


@dataclass(frozen=True)
class Charge:
    """An amount to set aside on a card for an order.

    `card` is the card's uid in the vault, or None where the gateway asks for the card itself.
    Without the customer, as for a renewal, nobody can be sent to `return_url`.
    """

    key: str
    order: str
    amount: Money
    card: UUID | None
    payer: Payer
    return_url: str
    customer_is_there: bool = True


class Step(models.TextChoices):
    """What a gateway can be asked to do."""

    VERIFY = "verify", _("check the card")
    AUTHORISE = "authorise", _("set the amount aside")
    CAPTURE = "capture", _("take the amount")
    REFUND = "refund", _("give back")
    VOID = "void", _("let go")


@dataclass(frozen=True)
class Sought:
    """A request whose outcome is asked for: its key, and what else is known of it.

    `reference` is what the gateway called it, where an answer came; `of` what it called the step
    before that this one is about; `asked_at` when it was sent.
    """

    key: str
    step: Step
    asked_at: datetime
    reference: str = ""
    of: str = ""


class Gateway(Protocol):
    """A card company, or a provider that speaks for one.

    No method raises for what happens on the way: a time-out, a refused connection and an answer
    that makes no sense are Unknown. A key belongs to one step: the same key may be given to
    authorise and to capture. No method may be called inside a transaction.
    """

    # The recipient in the register of disclosures that a grant must name, who it is by name, and
    # what it is told of a customer (disclosed.py asks the register for such a grant).
    recipient: str
    party: str
    told: frozenset[DataField]
    # Whether the gateway asks for cards on a page of its own, so that no number reaches us, and
    # where its pages are: forms of ours may lead there.
    asks_for_card: bool
    pages: tuple[str, ...]

    def verify(
        self, verification: Verification, grant: Grant, security_code: SecurityCode | None = None
    ) -> Outcome:
        """Ask whether a card is good. The security code is used here, once, and nowhere else."""

    def authorise(self, charge: Charge, grant: Grant) -> Outcome:
        """Set an amount aside. Approved holds the reference that capture and void want."""

    def capture(self, *, key: str, authorisation: str, amount: Money) -> Outcome:
        """Take what was set aside, or less. Approved holds the reference that refund wants.

        Tells the gateway nothing about a person, as do refund, void and find; hence no grant.
        """

    def refund(self, *, key: str, capture: str, amount: Money) -> Outcome:
        """Give back what was taken, or a part of it."""

    def void(self, *, key: str, authorisation: str) -> Outcome:
        """Let go of what was set aside and not taken, and close a page that nobody used.

        Approved too where it was let go of before; Declined where there is nothing to let go.
        """

    def find(self, sought: Sought) -> Outcome | None:
        """Return what became of a request; None if it never arrived.

        After None the same request may be sent again under the same key. Unknown means that the
        gateway could not be asked.
        """
