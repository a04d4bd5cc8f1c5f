"""The services a customer holds."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import CustomerRequest, customer_required, posted
from accounts.actors import Actor
from bizsecure.core.errors import Refused
from bizsecure.store.forms import CancelForm, SiteForm
from bizsecure.store.models import HeldService
from bizsecure.store.services.checkout import begin_renewal
from bizsecure.store.services.holding import cancel_service, name_site, take_cancellation_back


@customer_required
@require_safe
def service_list(request: CustomerRequest) -> HttpResponse:
    """Everything the customer holds, and what has ended (DATA-2)."""
    services = HeldService.objects.visible_to(request.customer).order_by("-ordered_at", "-pk")
    context = {
        "page": "services",
        "running": services.running(),
        "ended": services.exclude(pk__in=services.running().values("pk"))[:50],
    }
    return render(request, "store/services.html", context)


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_service(request: CustomerRequest, uid: UUID) -> HttpResponse:
    """One service: how it stands, which site it is for, until when it is paid, and its log."""
    service = _service(request, uid)
    form = SiteForm(posted(request), initial={"site": service.site})
    if form.is_valid():
        actor = Actor.customer(request.user)
        name_site(service=service, site=form.cleaned_data["site"], actor=actor)
        messages.success(request, _("Saved."))
        return redirect(service)
    context = {
        "page": "services",
        "service": service,
        "form": form,
        "events": service.events.newest_first(),
    }
    return render(request, "store/service.html", context, status=422 if form.errors else 200)


@customer_required
@require_POST
def renew(request: CustomerRequest, uid: UUID) -> HttpResponse:
    """Go to the checkout with another month or year of a service."""
    service = _service(request, uid)
    try:
        begin_renewal(service=service)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(service)
    return redirect("checkout")


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: CustomerRequest, uid: UUID) -> HttpResponse:
    """Say when a service would end and ask why; then cancel it."""
    service = _service(request, uid)
    form = CancelForm(posted(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        cancel_service(service=service, reason=reason, actor=Actor.customer(request.user))
        messages.success(request, _("Cancelled."))
        return redirect(service)
    context = {"page": "services", "service": service, "form": form}
    status = 422 if form.errors else 200
    return render(request, "store/service_cancel.html", context, status=status)


@customer_required
@require_POST
def keep(request: CustomerRequest, uid: UUID) -> HttpResponse:
    """Take a cancellation back before it takes effect."""
    service = _service(request, uid)
    take_cancellation_back(service=service, actor=Actor.customer(request.user))
    messages.success(request, _("Your cancellation is taken back. The service goes on."))
    return redirect(service)


def _service(request: CustomerRequest, uid: UUID) -> HeldService:
    services = HeldService.objects.visible_to(request.customer)
    service: HeldService = get_object_or_404(
        services.select_related("line__order", "product"), uid=uid
    )
    return service
