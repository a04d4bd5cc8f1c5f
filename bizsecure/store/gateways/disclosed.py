"""What a gateway is told stands in the register: before it is told, and how it went (THIRD-1)."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.store.gateways.interface import Gateway, Outcome, Unknown
from consent.grounds import LegalGround, Purpose
from consent.models import DisclosureOutcome
from consent.services.disclosing import Grant, authorise, record_outcome


def grant_for(gateway: Gateway, *, customer: Customer, reference: str, actor: Actor) -> Grant:
    """Ask the register for leave to tell this gateway what it needs for an order or a check."""
    return authorise(
        customer=customer,
        recipient=gateway.recipient,
        purpose=Purpose.VERIFY_PAYMENT,
        fields=gateway.told,
        ground=LegalGround.PURCHASE,
        reference=reference,
        actor=actor,
        party=gateway.party,
    )


def record_heard(grant: Grant, outcome: Outcome) -> None:
    """Record whether what the grant allowed arrived: any answer shows that it did."""
    heard = DisclosureOutcome.Outcome
    is_open = isinstance(outcome, Unknown)
    record_outcome(grant=grant, outcome=heard.UNKNOWN if is_open else heard.DELIVERED)
