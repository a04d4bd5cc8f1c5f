"""Saying no by a mail: to the opt-out address, or plainly to any other of ours (OPT-1).

A mail proves nothing about who wrote it. So all that it can do is say no to what can be said no
to, which does harm to nobody, and the person whose address it is hears of it and can say yes
again. No mail can say yes, or change anything else.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.digests import address_digest
from accounts.models import Customer
from consent.calendar import policy_day
from consent.models import Choice, DeclaredUse, Use
from consent.services.opting_out import opt_out, record_address_opt_out
from notifications.answers import may_be_answered
from notifications.kinds import KindKey, what_can_be_stopped
from notifications.services.posting import post
from notifications.transport.address import wire_address
from notifications.unsubscribing import open_unsubscribe_token


@transaction.atomic
def opt_out_by_token(*, token: str, method: Choice.Method, actor: Actor) -> Customer | None:
    """Record the no of the customer and to the use that a token of our mails stands for.

    Returns the customer, or None for any other text.
    """
    numbers = open_unsubscribe_token(token)
    customer = Customer.objects.filter(pk=numbers[0]).first() if numbers else None
    use = _stoppable().filter(pk=numbers[1]).first() if numbers else None
    if customer is None or use is None:
        return None
    opt_out(customer=customer, uses=[use.key], method=method, actor=actor)
    return customer


@transaction.atomic
def opt_out_sender(*, address: str, method: Choice.Method, actor: Actor) -> Customer | None:
    """Record that whoever has this address wants neither news nor offers.

    Returns the customer whose address it is, if there is exactly one.
    """
    keys = _stoppable().values_list("key", flat=True)
    record_address_opt_out(address=address, uses=list(keys), method=method, actor=actor)
    customers = Customer.objects.served().with_address(address)[:2]
    return customers[0] if len(customers) == 1 else None


@transaction.atomic
def opt_out_of_mail(*, customer: Customer, method: Choice.Method, actor: Actor) -> None:
    """Record that this customer wants neither news nor offers."""
    keys = _stoppable().values_list("key", flat=True)
    opt_out(customer=customer, uses=list(keys), method=method, actor=actor)


@transaction.atomic
def confirm_opt_out(*, customer: Customer | None, address: str, actor: Actor) -> bool:
    """Write to the address on file that the no is recorded; once a day, however often it comes.

    Returns whether a mail was written. Strangers are written to as well, but not without end.
    """
    now = timezone.now()
    to = customer.email if customer and customer.email else address
    if not _is_usable(to) or not may_be_answered(to, now):
        return False
    occasion = f"opt-out {address_digest(to)} {policy_day(now)}"
    facts = {"is_customer": customer is not None}
    mail = post(
        kind=KindKey.OPT_OUT_RECORDED, customer=customer, facts=facts, address=to, occasion=occasion
    )
    return bool(mail.queued_at >= now)


def _stoppable() -> QuerySet[Use]:
    """The uses that kinds of mail belong to and that the policy lets customers refuse."""
    posted = DeclaredUse.objects.filter(basis=DeclaredUse.Basis.OPT_OUT)
    posted = posted.exclude(version__status="draft")
    return Use.objects.filter(key__in=what_can_be_stopped(), declared__in=posted).distinct()


def _is_usable(address: str) -> bool:
    try:
        wire_address(address)
    except ValueError:
        return False
    return bool(address)
