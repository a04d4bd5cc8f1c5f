"""Removing a second factor: the page that asks, and the one a second person answers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.admin.acting import ActingPages, about, record_of
from accounts.admin.asking import AskedForm, StaffForm, radio
from accounts.admin.record import CustomerRecordAdmin, StaffRequest
from accounts.models import FactorRemoval
from accounts.services.removing_factors import (
    REMOVE_FACTOR,
    ask_to_remove_factor,
    decide_removal,
)
from bizsecure.core.admin import sent


class AnswerForm(StaffForm):
    """What the second member of staff says."""

    answer = radio(
        gettext_lazy("Your answer"),
        [
            ("yes", gettext_lazy("I made sure that it is the customer who asks. Remove it.")),
            ("no", gettext_lazy("Leave it as it is.")),
        ],
    )


class FactorPages(ActingPages):
    """The page that asks for the removal, behind a button of the record."""

    def get_urls(self) -> list[Any]:
        """Add the page of asking to those of acting."""
        view = self.admin_site.admin_view
        page = path("<int:object_id>/factor/", view(self.factor), name="accounts_customer_factor")
        return [page, *super().get_urls()]

    def factor(self, request: StaffRequest, object_id: int) -> HttpResponse:
        """Ask that the second factor of a customer be removed."""
        customer = self.for_acting(request, object_id, REMOVE_FACTOR)
        if closed := self.door(request, customer):
            return closed
        form = AskedForm(sent(request))
        actor = Actor.staff(request.user)
        return self.ask(
            request,
            "admin/accounts/factor.html",
            form,
            change=lambda: ask_to_remove_factor(customer=customer, asked=form.asked, actor=actor),
            then=record_of(customer),
            said=_("Asked for. Somebody else with this right must agree."),
            context={"title": _("Remove the second factor"), **about(customer)},
        )


@admin.register(FactorRemoval)
class FactorRemovalAdmin(CustomerRecordAdmin):
    """Removals that were asked for, and what became of them."""

    list_display = ("customer", "asked_at", "asked_by", "decided_at", "decided_by", "is_agreed")
    list_filter = ("is_agreed",)
    search_fields = ("customer__number__exact",)
    search_help_text = gettext_lazy("Customer number")
    list_select_related = ("customer", "asked_by", "decided_by")
    ordering = ("-pk",)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.user.has_perm(REMOVE_FACTOR))

    def has_module_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def changeform_view(
        self, request: Any, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """What is asked for; and the answer of somebody else."""
        removal = self.found(request, object_id)
        if not self.has_view_permission(request, removal):
            return super().changeform_view(request, object_id, *args, **kwargs)
        if closed := self.door(request, removal.customer):
            return closed
        form = AnswerForm(sent(request))
        actor = Actor.staff(request.user)

        def change() -> None:
            agreed = form.cleaned_data["answer"] == "yes"
            decide_removal(removal=removal, agreed=agreed, actor=actor)

        return self.ask(
            request,
            "admin/accounts/removal.html",
            form,
            change=change,
            then=reverse("admin:accounts_factorremoval_changelist"),
            said=_("Decided."),
            context={
                "title": _("Remove the second factor"),
                "removal": removal,
                "own": removal.asked_by_id == request.user.pk,
                "customer": removal.customer,
                "back": reverse("admin:accounts_factorremoval_changelist"),
            },
        )
