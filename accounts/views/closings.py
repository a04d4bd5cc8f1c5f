"""Closing the account, and thinking again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import CustomerRequest, customer_required, posted, recent_proof_required
from accounts.actors import Actor
from accounts.forms import CloseAccountForm
from accounts.holdings import holdings, obstacles
from accounts.services.closing import TIME_TO_THINK, open_closing, request_closing, undo_closing


@customer_required
@recent_proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: CustomerRequest) -> HttpResponse:
    """Say what stands in the way, what is erased and what stays, and close on request."""
    customer = request.customer
    closing = open_closing(customer)
    form = CloseAccountForm(customer.number, None if closing else posted(request))
    if form.is_valid():
        request_closing(customer=customer, actor=Actor.customer(request.user))
        return redirect("close")
    context = {
        "page": "close",
        "form": form,
        "closing": closing,
        "obstacles": obstacles(customer),
        "holdings": holdings(),
        "days": TIME_TO_THINK.days,
    }
    return render(request, "accounts/close.html", context, status=422 if form.errors else 200)


@customer_required
@require_POST
def undo_close(request: CustomerRequest) -> HttpResponse:
    """Keep the account after all. Needs no fresh proof: it gives nothing away."""
    if undo_closing(customer=request.customer, actor=Actor.customer(request.user)):
        messages.success(request, _("Your account stays open. Nothing was erased."))
    return redirect("overview")
