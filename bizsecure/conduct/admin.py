"""Decisions about conduct for staff: taking one, and looking at one again (DISC-3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.paginator import InfinitePaginator

from accounts.actors import Actor
from accounts.admin.record import StaffRequest, record_door
from accounts.admin.sections import Button, Section, add
from accounts.models import Customer
from bizsecure.conduct.letter_pages import LetterPages
from bizsecure.conduct.models import Decision, Review
from bizsecure.conduct.reading import shown
from bizsecure.conduct.services.deciding import TAKE, decide
from bizsecure.conduct.services.reviewing import REVIEW, lift, uphold
from bizsecure.conduct.staff_forms import ActForm, ReviewForm
from bizsecure.core.admin import sent
from consent.admin.ledgers import LedgerAdmin
from consent.calendar import in_policy_zone

LATEST = 20


class Standing(admin.SimpleListFilter):
    """Which decisions are listed: those with an objection, or those in effect."""

    title = gettext_lazy("how it stands")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("objected", _("Objected to, to be looked at again")), ("effect", _("In effect"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "objected":
                return queryset.objected_to()
            case "effect":
                return queryset.in_effect()
            case _:
                return queryset


@admin.register(Decision)
class DecisionAdmin(LetterPages):
    """What was decided. A page here is a view: what may be done the services decide."""

    list_display = ("number", "customer", "what", "ground", "recorded_at", "ends_at", "objected")
    list_filter = (Standing, "step", "ground")
    list_select_related = ("customer", "objection")
    search_fields = ("number__iexact", "customer__number__exact")
    search_help_text = gettext_lazy("Number of the decision or of the customer")
    ordering = ("-pk",)
    paginator = InfinitePaginator
    show_full_result_count = False
    actions_list = ("letters_page",)
    actions_detail = ("lift", "uphold")
    # The page on the site is for the customer.
    view_on_site = False

    def get_urls(self) -> list[Any]:
        """Add the page of deciding to those of the rows."""
        view = self.admin_site.admin_view(self.act)
        return [path("of/<int:customer>/", view, name="conduct_act"), *super().get_urls()]

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(REVIEW))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what fits: nobody upholds a decision of their own, or one without an objection."""
        row = self.get_object(request, str(object_id))
        if row is None or row.reviews.filter(kind__in=Review.ENDING).exists():
            return []
        objected = hasattr(row, "objection") and not row.reviews.exists()
        fitting = {"lift": True, "uphold": objected and row.actor_user_id != request.user.pk}
        actions = super().get_actions_detail(request, object_id)
        return [action for action in actions if fitting.get(action.path)]

    @display(  # type: ignore[untyped-decorator]
        description=gettext_lazy("step"), label={"suspended": "danger", "deleted": "danger"}
    )
    def what(self, row: Decision) -> tuple[str, str]:
        return row.step, row.get_step_display()

    @display(description=gettext_lazy("objected"), boolean=True)  # type: ignore[untyped-decorator]
    def objected(self, row: Decision) -> bool:
        return hasattr(row, "objection")

    @in_policy_zone
    def changelist_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changelist_view(request, *args, **kwargs)

    @in_policy_zone
    def changeform_view(
        self, request: Any, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One decision, opened, with its objection and the buttons that fit."""
        row = self.found(request, object_id)
        if not self.has_view_permission(request, row) or request.method == "POST":
            raise PermissionDenied
        if closed := self.door(request, row.customer):
            return closed
        may = {action.path for action in self.get_actions_detail(request, object_id)}
        context = {"title": row.number, "may": may, **_about(row)}
        return self.page(request, "admin/conduct/decision.html", context)

    @in_policy_zone
    def act(self, request: StaffRequest, customer: int) -> HttpResponse:
        """Take a decision about a customer's communication or service."""
        if not request.user.has_perm(TAKE):
            raise PermissionDenied
        row = get_object_or_404(Customer, pk=customer)
        if closed := record_door(request, row):
            return closed
        form = ActForm(sent(request), customer=row)
        actor = Actor.staff(request.user)
        record = reverse("admin:accounts_customer_change", args=[row.pk])
        return self.ask(
            request,
            "admin/conduct/act.html",
            form,
            change=lambda: decide(customer=row, act=form.act, actor=actor),
            then=record,
            said=_("Decided. The customer is told, and can object."),
            context={"title": _("Act on conduct"), "customer": row, "back": record},
        )

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Lift it"),
        permissions=["review"],
        icon="undo",
        variant=ActionVariant.PRIMARY,
    )
    @in_policy_zone
    def lift(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Take it back; what can be undone is undone."""
        said = _("Lifted. The customer is told.")
        return self._again(request, object_id, lift, _("Lift the decision"), said)

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Uphold it"), permissions=["review"], icon="gavel"
    )
    @in_policy_zone
    def uphold(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Let it stand although the customer objected."""
        said = _("Upheld. The customer is told why.")
        return self._again(request, object_id, uphold, _("Uphold the decision"), said)

    def _again(
        self,
        request: StaffRequest,
        object_id: str,
        service: Callable[..., Review],
        title: str,
        said: str,
    ) -> HttpResponse:
        row = self.found(request, object_id)
        form = ReviewForm(sent(request))
        actor = Actor.staff(request.user)
        back = reverse("admin:conduct_decision_change", args=[row.pk])
        return self.door(request, row.customer) or self.ask(
            request,
            "admin/conduct/again.html",
            form,
            change=lambda: service(decision=row, words=form.cleaned_data["words"], actor=actor),
            then=back,
            said=said,
            context={"title": title, "is_lifting": service is lift, "back": back, **_about(row)},
        )


@admin.register(Review)
class ReviewAdmin(LedgerAdmin):
    """What became of decisions: lifted, upheld, or over."""

    list_display = ("decision", "customer", "kind", "actor_user", "recorded_at")
    list_filter = ("kind",)
    list_select_related = ("customer", "decision", "actor_user")
    fields = (
        *("decision", "customer", "kind", "actor_kind", "actor_user", "recorded_at"),
        *("sequence", "previous_hash", "row_hash"),
    )


def _about(row: Decision) -> dict[str, Any]:
    [each] = shown([row], row.customer)
    return {"shown": each, "customer": row.customer, "objection": getattr(row, "objection", None)}


def _decisions(customer: Customer) -> Mapping[str, Any]:
    rows = Decision.objects.visible_to(customer).prefetch_related("reviews")
    return {"decisions": list(shown(rows[:LATEST], customer))}


add(
    Section(
        key="conduct",
        title=gettext_lazy("Decisions about conduct"),
        template="admin/conduct/record.html",
        shows=_decisions,
        place=47,
        buttons=(
            Button(
                gettext_lazy("Act on conduct"),
                "conduct_act",
                TAKE,
                lambda customer: customer.status != Customer.Status.CLOSED,
            ),
        ),
    )
)
