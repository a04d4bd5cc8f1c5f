"""A card company in memory that answers, loses answers, or lets the process die, as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from moneyed import Money

from bizsecure.store.gateways.interface import (
    Approved,
    Charge,
    Decline,
    Declined,
    NeedsCustomer,
    Outcome,
    Sought,
    Step,
    Unknown,
    Verification,
)
from bizsecure.vault.cards import SecurityCode
from consent.grounds import DataField
from consent.services.disclosing import Grant


class Killed(BaseException):
    """The process dies here. Nothing of ours catches it."""


class Trouble(Enum):
    """What happens to the next request."""

    NONE = "answered"
    DECLINED = "declined"
    ANSWER_LOST = "done, and the answer is lost"
    NOT_HEARD = "lost on the way"
    CONFIRM = "the bank wants to hear from the customer"
    KILLED_BEFORE = "the process dies before it is sent"
    KILLED_AFTER = "done, and the process dies"


@dataclass
class CardCompany:
    """A gateway that keeps what was done under each key, and the money it took."""

    recipient: str = "card-company"
    party: str = "the card company of the machine"
    told: frozenset[DataField] = frozenset({DataField.CARD, DataField.NAME})
    asks_for_card: bool = False
    pages: tuple[str, ...] = ()
    trouble: Trouble = Trouble.NONE
    done: dict[tuple[Step, str], Outcome] = field(default_factory=dict)
    # The lines of the register under which something was told.
    told_under: list[int] = field(default_factory=list)
    orders: dict[str, str] = field(default_factory=dict)

    def verify(
        self, verification: Verification, grant: Grant, security_code: SecurityCode | None = None
    ) -> Outcome:
        self.told_under.append(grant.disclosure_id)
        return self._do(Step.VERIFY, verification.key)

    def authorise(self, charge: Charge, grant: Grant) -> Outcome:
        self.told_under.append(grant.disclosure_id)
        self.orders[charge.key] = charge.order
        return self._do(Step.AUTHORISE, charge.key)

    def capture(self, *, key: str, authorisation: str, amount: Money) -> Outcome:
        is_set_aside = isinstance(self.done.get((Step.AUTHORISE, key)), Approved)
        return self._do(Step.CAPTURE, key, says_no=not is_set_aside)

    def refund(self, *, key: str, capture: str, amount: Money) -> Outcome:
        return self._do(Step.REFUND, key)

    def void(self, *, key: str, authorisation: str) -> Outcome:
        try:
            return self._do(Step.VOID, key)
        finally:
            if (Step.VOID, key) in self.done:
                self.done[Step.AUTHORISE, key] = Declined(Decline.NOT_CONFIRMED)

    def find(self, sought: Sought) -> Outcome | None:
        return self.done.get((sought.step, sought.key))

    def customer_answers(self, *, agrees: bool) -> None:
        """Be the customers whom their banks ask."""
        answer = Approved("confirmed") if agrees else Declined(Decline.NOT_CONFIRMED)
        for asked, outcome in self.done.items():
            if isinstance(outcome, NeedsCustomer):
                self.done[asked] = answer

    def charges_of(self, order: str) -> int:
        """Return how often money was taken for an order."""
        return sum(
            isinstance(outcome, Approved) and self.orders.get(key) == order
            for (step, key), outcome in self.done.items()
            if step == Step.CAPTURE
        )

    def _do(self, step: Step, key: str, *, says_no: bool = False) -> Outcome:
        trouble, self.trouble = self.trouble, Trouble.NONE
        if trouble is Trouble.KILLED_BEFORE:
            raise Killed
        if trouble is Trouble.NOT_HEARD:
            return Unknown()
        new: Outcome = Approved(f"{step}-{len(self.done)}")
        if says_no or trouble is Trouble.DECLINED:
            new = Declined(Decline.REFUSED)
        elif trouble is Trouble.CONFIRM and step == Step.AUTHORISE:
            new = NeedsCustomer("https://bank.example/", key)
        outcome = self.done.setdefault((step, key), new)
        if trouble is Trouble.KILLED_AFTER:
            raise Killed
        return Unknown() if trouble is Trouble.ANSWER_LOST else outcome
