"""Obeying Global Privacy Control: a browser that says its user wants nothing shared or sold."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Customer
from consent.models import Choice, DeclaredUse, Use
from consent.services.choosing import refuse

# The policy sells and shares nothing. What comes nearest to it is what others pay us for.
UNDER_THE_SIGNAL = ("partner-offers",)


@transaction.atomic
def obey_signal(*, customer: Customer, actor: Actor) -> list[Choice]:
    """Record the no that the signal of a customer's browser is, once.

    Whoever says yes again afterwards, with the same browser, means that: the signal is not
    recorded a second time. Returns what was recorded.
    """
    now = timezone.now()
    held = Customer.objects.locked([customer.pk]).get()
    before = Choice.objects.filter(customer=held, method=Choice.Method.BROWSER)
    posted = DeclaredUse.objects.filter(basis=DeclaredUse.Basis.OPT_OUT)
    posted = posted.filter(use__key__in=UNDER_THE_SIGNAL, version__status="published")
    uses = Use.objects.filter(pk__in=posted.values("use")).exclude(pk__in=before.values("use"))
    return refuse(
        customer=held, uses=list(uses), method=Choice.Method.BROWSER, actor=actor, now=now
    )
