"""What the customer ordered, with its log and invoices."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import CustomerRequest, customer_required
from accounts.actors import Actor
from bizsecure.core.errors import Refused
from bizsecure.store.forms import CardForm
from bizsecure.store.invoice_pdf import invoice_as_pdf
from bizsecure.store.models import HeldService, Invoice, Order, Payment, TermsVersion
from bizsecure.store.services.fulfilling import cancel_order
from bizsecure.store.services.paying import call_off, pay, settle
from bizsecure.store.ways_to_pay import (
    WaysToPay,
    leads_to_the_provider,
    page_after_paying,
    ways_to_pay,
)
from bizsecure.vault.checking import BACK
from consent.rendering import sections

ORDERS_A_PAGE = 20


@customer_required
@require_safe
def order_list(request: CustomerRequest) -> HttpResponse:
    """Every order of this customer, the newest first (DATA-2)."""
    orders = Order.objects.visible_to(request.customer).newest_first().prefetch_related("lines")
    pages = Paginator(orders, ORDERS_A_PAGE)
    context = {"page": "orders", "page_obj": pages.get_page(request.GET.get("page"))}
    return render(request, "store/orders.html", context)


@customer_required
@leads_to_the_provider
@require_safe
def show_order(request: CustomerRequest, number: str) -> HttpResponse:
    """One order: what was bought and agreed, how it was paid, and everything that happened."""
    return _order_page(request, _order(request, number))


@customer_required
@require_POST
def cancel(request: CustomerRequest, number: str) -> HttpResponse:
    """Cancel an order that is not paid; what was in it goes back into the cart."""
    order = _order(request, number)
    try:
        cancel_order(order=order, actor=Actor.customer(request.user))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Cancelled. What was in it is back in your cart."))
    return redirect(order)


@customer_required
@leads_to_the_provider
@require_POST
def pay_again(request: CustomerRequest, number: str) -> HttpResponse:
    """Try to pay an order, after an attempt that was declined, called off or never made."""
    order = _order(request, number)
    form = CardForm(ways_to_pay(request.customer), request.POST)
    if not form.is_valid():
        return _order_page(request, order, form=form, status=422)
    try:
        pay(order=order, card=form.chosen, actor=Actor.customer(request.user))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return redirect(page_after_paying(order))


@customer_required
@require_POST
def call_payment_off(request: CustomerRequest, number: str) -> HttpResponse:
    """Give up a payment that waits for the customer, to pay otherwise or not at all."""
    order = _order(request, number)
    call_off(order=order, actor=Actor.customer(request.user))
    return redirect(order)


@customer_required
@require_POST
def look_again(request: CustomerRequest, number: str) -> HttpResponse:
    """Ask the card company what became of a payment, for whoever comes back or will not wait."""
    order = _order(request, number)
    payment = Payment.objects.live().filter(order=order, due_at__isnull=False).first()
    if payment is not None:
        settle(payment=payment, actor=Actor.customer(request.user))
    return redirect(order)


@customer_required
@require_safe
def show_invoice(request: CustomerRequest, number: str, kind: str) -> HttpResponse:
    """An invoice or a credit note as a page that prints well."""
    invoice = _invoice(request, number, kind)
    context = {"page": "orders", "invoice": invoice, "order": invoice.order}
    return render(request, "store/invoice.html", context)


@customer_required
@require_safe
def invoice_pdf(request: CustomerRequest, number: str, kind: str) -> HttpResponse:
    """The same as a PDF file."""
    invoice = _invoice(request, number, kind)
    response = HttpResponse(invoice_as_pdf(invoice), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="bizsecure-{invoice.label}.pdf"'
    return response


@require_safe
def show_terms(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """The terms of sale: those in force, or an earlier version."""
    in_force = TermsVersion.objects.in_force(timezone.now())
    if number is None:
        terms = get_object_or_404(TermsVersion, pk=in_force.pk if in_force else None)
    else:
        terms = get_object_or_404(TermsVersion, number=number)
    context = {
        "page": "terms",
        "terms": terms,
        "sections": sections(terms.text),
        "versions": TermsVersion.objects.all(),
        "in_force": in_force,
    }
    return render(request, "store/terms.html", context)


def _order_page(
    request: CustomerRequest, order: Order, *, form: CardForm | None = None, status: int = 200
) -> HttpResponse:
    ways = ways_to_pay(request.customer) if order.is_unpaid else WaysToPay()
    context = {
        "page": "orders",
        "order": order,
        "lines": order.lines.all(),
        "payments": order.payments.order_by("-attempt"),
        "invoices": order.invoices.all(),
        "services": HeldService.objects.filter(line__order=order).order_by("line", "unit"),
        "events": order.events.newest_first().select_related("service"),
        "ways": ways,
        "form": form,
        "card_form": form or CardForm(ways),
        # Whoever comes back from elsewhere is looked after at once.
        "is_back": BACK in request.GET,
    }
    return render(request, "store/order.html", context, status=status)


def _order(request: CustomerRequest, number: str) -> Order:
    orders = Order.objects.visible_to(request.customer).select_related("billing", "terms")
    return get_object_or_404(orders, number=number)


def _invoice(request: CustomerRequest, number: str, kind: str) -> Invoice:
    invoices = Invoice.objects.filter(order__customer=request.customer)
    invoices = invoices.select_related("order", "order__billing").prefetch_related("order__lines")
    return get_object_or_404(invoices, order__number=number, kind=kind)
