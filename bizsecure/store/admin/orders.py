"""Orders and services held, for staff. Customers are named by their number alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.actors import Actor
from accounts.admin import ConfidentialAdmin
from accounts.admin.asking import StaffForm
from accounts.admin.record import StaffRequest
from bizsecure.core.admin import sent
from bizsecure.core.errors import Refused
from bizsecure.store.models import HeldService, Order, RefundReason
from bizsecure.store.reasons import Reason
from bizsecure.store.services.fulfilling import activate
from bizsecure.store.services.handing_over import try_again
from bizsecure.store.services.refunding import refund
from bizsecure.store.states import ServiceState


class RefundForm(StaffForm):
    """Why an order is paid back."""

    why = forms.ChoiceField(
        label=_("Because"),
        choices=[("", _("Choose a reason")), *RefundReason.choices],
        help_text=_("It stands in the log of the order, and the customer is told."),
    )

    @property
    def reason(self) -> RefundReason:
        """The reason that was chosen."""
        return RefundReason(self.cleaned_data["why"])


class StuckFilter(admin.SimpleListFilter):
    """Services whose partner was asked and has not taken the order."""

    title = _("hand-over")
    parameter_name = "handover"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("stuck", _("The partner did not take it"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.stuck() if self.value() == "stuck" else queryset


@admin.register(Order)
class OrderAdmin(ConfidentialAdmin):
    """What was ordered, at which total, and how far it has come."""

    list_display = ("number", "customer", "state", "total", "placed_at", "paid_at")
    list_filter = ("state",)
    list_select_related = ("customer",)
    search_fields = ("number__exact", "customer__number__exact")
    search_help_text = _("Order number or customer number")
    ordering = ("-pk",)
    actions_detail = ("pay_back",)
    # The page on the site is for the customer.
    view_on_site = False
    fields = (
        *("number", "customer", "state", "currency", "net", "tax", "total"),
        *("created_at", "placed_at", "paid_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Return what was ordered; what is merely being checked out is no order yet."""
        orders: QuerySet[Order] = super().get_queryset(request)
        return orders.exclude(placed_at__isnull=True)

    def has_refund_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("store.change_order"))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to pay back what is paid."""
        order = self.get_object(request, str(object_id))
        is_paid = order is not None and order.is_settled
        return super().get_actions_detail(request, object_id) if is_paid else []

    @action(  # type: ignore[untyped-decorator]
        description=_("Pay it back"), permissions=["refund"], icon="undo"
    )
    def pay_back(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Pay back what was paid, once, for a reason that the customer is told."""
        order = self.get_object(request, object_id)
        if order is None:
            raise Http404
        form, actor = RefundForm(sent(request)), Actor.staff(request.user)

        def change() -> None:
            if not refund(order=order, reason=form.reason, actor=actor):
                raise Refused(Reason.NOTHING_TO_PAY_BACK)

        back = reverse("admin:store_order_change", args=[order.pk])
        return self.door(request) or self.ask(
            request,
            "admin/store/pay_back.html",
            form,
            change=change,
            then=back,
            said=gettext("Paid back. The customer is told why."),
            context={"title": gettext("Pay it back"), "order": order, "back": back},
        )


@admin.register(HeldService)
class HeldServiceAdmin(ConfidentialAdmin):
    """What customers hold; those that a partner did not take stand out."""

    list_display = (
        "name",
        "customer",
        "state",
        "delivered_by",
        "attempts",
        "last_failure",
        "due_at",
    )
    list_filter = ("state", StuckFilter, "kind", "delivered_by")
    list_select_related = ("customer",)
    search_fields = ("customer__number__exact",)
    search_help_text = _("Customer number")
    ordering = ("-pk",)
    actions = ("switch_on", "ask_again")
    view_on_site = False
    fields = (
        *("name", "customer", "kind", "period", "delivered_by", "site", "state"),
        *("ordered_at", "activated_at", "paid_until", "cancels_at", "cancel_reason", "ended_at"),
        *("due_at", "attempts", "last_failure", "handed_over_at", "partner_reference"),
    )

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("store.change_heldservice"))

    @admin.action(description=_("Say that these are set up"), permissions=["switch"])
    def switch_on(self, request: Any, queryset: QuerySet[HeldService]) -> None:
        """Switch on what waits for a hand, such as a domain name that was registered."""
        now, actor = timezone.now(), Actor.staff(request.user)
        waiting = queryset.filter(state=ServiceState.ORDERED).select_related("line__order")
        done = sum(activate(service=service, actor=actor, now=now) for service in waiting)
        said = ngettext("%d service is active.", "%d services are active.", done)
        messages.success(request, said % done)

    @admin.action(description=_("Ask the partner again"), permissions=["switch"])
    def ask_again(self, request: Any, queryset: QuerySet[HeldService]) -> None:
        """Let the next pass hand over what a partner did not take."""
        actor = Actor.staff(request.user)
        due = sum(try_again(service=service, actor=actor) for service in queryset)
        said = ngettext(
            "The partner of %d service is asked.", "The partners of %d services are asked.", due
        )
        messages.success(request, said % due)
