"""The account at a glance, composed of what every room knows."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest, customer_required
from accounts.account_log import entries_of
from accounts.asked_often import asked_often
from accounts.models import Customer
from accounts.services.personal import billing_address
from bizsecure.conduct.models import Decision
from notifications.models import OutgoingMail
from notifications.pending import unconfirmed_announcements

EVENTS_SHOWN = 8
DECISIONS_SHOWN = 5


@customer_required
@require_safe
def overview(request: CustomerRequest) -> HttpResponse:
    """The account at a glance: what is open, what we know, what happened (DATA-2)."""
    customer = request.customer
    address = billing_address(customer)
    [(messages, announced, suspended)] = _glance(customer)
    context = {
        "page": "overview",
        "customer": customer,
        "status": Customer.Status(customer.status).label,
        "address_lines": address.lines if address else [],
        "events": entries_of(customer, number=EVENTS_SHOWN).entries,
        "decisions": _decisions(customer) if suspended else [],
        "messages_count": messages,
    }
    if not announced:
        # Nothing to tell of: the banner need not ask.
        context["open_announcements"] = []
    return render(request, "overview.html", context)


@asked_often
def _glance(customer: Customer) -> QuerySet[Customer, Any]:
    """How many messages there are, whether some are to be confirmed, whether decisions hold."""
    return (
        Customer.objects.filter(pk=customer.pk)
        .annotate(
            messages=Coalesce(Subquery(OutgoingMail.objects.numbers_visible_to(customer)), 0),
            announced=Exists(unconfirmed_announcements(customer)),
            suspended=Exists(Decision.objects.visible_to(customer).in_effect()),
        )
        .values_list("messages", "announced", "suspended")
    )


@asked_often
def _decisions(customer: Customer) -> QuerySet[Decision]:
    return Decision.objects.visible_to(customer).in_effect()[:DECISIONS_SHOWN]
