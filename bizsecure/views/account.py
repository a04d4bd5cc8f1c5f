"""The account at a glance, composed of what every room knows."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
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

EVENTS_SHOWN = 8
DECISIONS_SHOWN = 5


@customer_required
@require_safe
def overview(request: CustomerRequest) -> HttpResponse:
    """The account at a glance: what is open, what we know, what happened (DATA-2)."""
    customer = request.customer
    address = billing_address(customer)
    context = {
        "page": "overview",
        "customer": customer,
        "address_lines": address.lines if address else [],
        "events": entries_of(customer, number=EVENTS_SHOWN).entries,
        "decisions": _decisions(customer),
        "messages_count": next(iter(_number_of_messages(customer)), 0),
    }
    return render(request, "overview.html", context)


@asked_often
def _decisions(customer: Customer) -> QuerySet[Decision]:
    return Decision.objects.visible_to(customer).in_effect()[:DECISIONS_SHOWN]


@asked_often
def _number_of_messages(customer: Customer) -> QuerySet[Any, int]:
    """One number, or no row for none."""
    return OutgoingMail.objects.numbers_visible_to(customer)
