"""The card company is asked whether a card is good, and asked again where no answer came."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from accounts.services.personal import billing_address
from bizsecure.store.gateways.choosing import payment_gateway
from bizsecure.store.gateways.disclosed import grant_for, record_heard
from bizsecure.store.gateways.interface import (
    Approved,
    Declined,
    NeedsCustomer,
    Outcome,
    Payer,
    Sought,
    Step,
    Unknown,
    Verification,
)
from bizsecure.vault import wallet
from bizsecure.vault.cards import SecurityCode
from bizsecure.vault.checking import CHECK_KEY, Check, register
from bizsecure.vault.services import settling

# What the register calls it in place of an order.
IN_THE_REGISTER = "card check"
# A customer takes some minutes at the bank's page; a call tells us sooner.
LOOK_AFTER_CONFIRMING = timedelta(minutes=5)
LOOK_AFTER_SILENCE = timedelta(minutes=1)


class CardChecks:
    """Checks cards with the gateway through which we are paid."""

    @property
    def asks_for_card(self) -> bool:
        """Whether the gateway asks for the card on a page of its own."""
        return payment_gateway().asks_for_card

    @sensitive_variables("code")
    def begin(self, *, check: Check, code: SecurityCode | None, actor: Actor) -> None:
        """Ask for the first time, with the security code, which is gone afterwards."""
        gateway = payment_gateway()
        grant = grant_for(gateway, customer=check.customer, reference=IN_THE_REGISTER, actor=actor)
        verification = Verification(
            key=check.key,
            card=None if gateway.asks_for_card else check.uid,
            payer=payer(check.customer),
            return_url=f"{settings.SITE_URL}{check.page_to_come_back_to}",
        )
        outcome = gateway.verify(verification, grant, code)
        record_heard(grant, outcome)
        _settle(check, outcome, actor)

    def ask_again(self, *, check: Check) -> None:
        """Ask what became of a check. One that never arrived cannot be made up for.

        The security code that it needs is gone, so the customer is asked for the card again.
        """
        sought = Sought(check.key, Step.VERIFY, check.began_at, check.reference)
        outcome = payment_gateway().find(sought)
        if outcome is None:
            settling.forget_unchecked(uid=check.uid, actor=SYSTEM, now=timezone.now())
        else:
            _settle(check, outcome, SYSTEM)


def ask_about_open_checks() -> int:
    """Ask about every check whose time has come; return how many were asked about."""
    due = wallet.open_checks(timezone.now())
    for check in due:
        CardChecks().ask_again(check=check)
    return len(due)


def look_into_check(*, key: str, now: datetime) -> bool:
    """Have a check looked into at `now`, if this key is one's. Somebody says it is decided."""
    try:
        uid = UUID(key.removeprefix(CHECK_KEY)) if key.startswith(CHECK_KEY) else None
    except ValueError:
        uid = None
    if uid is not None:
        settling.look_again(uid=uid, at=now)
    return uid is not None


def payer(customer: Customer) -> Payer:
    """Return the name and billing address that go along with a card of this customer's."""
    address = billing_address(customer)
    if address is None:
        return Payer(customer.name)
    return Payer(
        name=customer.name,
        street=address.street or "",
        extra=address.extra or "",
        city=address.city or "",
        region=address.region or "",
        postcode=address.postcode or "",
        country=str(address.country),
    )


def _settle(check: Check, outcome: Outcome, actor: Actor) -> None:
    now = timezone.now()
    match outcome:
        case Approved():
            settling.accept_card(
                uid=check.uid,
                reference=outcome.reference,
                kept=outcome.card,
                actor=actor,
                now=now,
            )
        case Declined():
            settling.refuse_card(uid=check.uid, decline=outcome.reason, actor=actor, now=now)
        case NeedsCustomer():
            settling.await_customer(
                uid=check.uid,
                url=outcome.url,
                reference=outcome.reference,
                look_at=now + LOOK_AFTER_CONFIRMING,
            )
        case Unknown():
            settling.look_again(uid=check.uid, at=now + LOOK_AFTER_SILENCE)


register(CardChecks())
