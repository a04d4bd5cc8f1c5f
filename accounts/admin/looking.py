"""The pages that come first: the confidentiality terms, and the reason for opening a record."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.paginator import InfinitePaginator
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts import confidentiality
from accounts.actors import Actor
from accounts.admin.record import ConfidentialAdmin, CustomerRecordAdmin, StaffRequest
from accounts.models import ConfidentialityTerms, StaffAccess
from accounts.services import confiding
from accounts.validators import plain_line
from bizsecure.core.admin import sent

SHOWN_TO_THE_CUSTOMER = gettext_lazy("The customer can read this, word for word.")


class TermsForm(forms.Form):
    """Accepting the terms that the page shows."""

    number = forms.IntegerField(widget=forms.HiddenInput)
    accepted = forms.BooleanField(
        label=gettext_lazy("I have read these terms and I keep them."),
        widget=UnfoldBooleanWidget,
        error_messages={"required": gettext_lazy("Without your promise no record opens.")},
    )


class ReasonForm(forms.Form):
    """Why a record is opened."""

    reason = forms.ChoiceField(
        label=gettext_lazy("You open it"),
        choices=[("", gettext_lazy("Choose a reason")), *StaffAccess.Reason.choices],
        widget=UnfoldAdminSelectWidget,
    )
    case_number = forms.CharField(
        label=gettext_lazy("Number of the case"),
        max_length=40,
        required=False,
        validators=[plain_line],
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    words = forms.CharField(
        label=gettext_lazy("In words"),
        help_text=SHOWN_TO_THE_CUSTOMER,
        max_length=200,
        required=False,
        validators=[plain_line],
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        words = cleaned.get("words")
        if cleaned.get("reason") == StaffAccess.Reason.OTHER and not words:
            self.add_error("words", ValidationError(_("Say which reason."), code="unexplained"))
        elif not self.errors and not words and not cleaned.get("case_number"):
            problem = ValidationError(confiding.Reason.UNEXPLAINED.value, code="unexplained")
            self.add_error("case_number", problem)
        return cleaned


class LookingPages(CustomerRecordAdmin):
    """What comes before a record."""

    def get_urls(self) -> list[Any]:
        """Add the pages that come first to those of the rows."""
        view = self.admin_site.admin_view
        first = [
            path("confidentiality/", view(self.confidentiality), name="accounts_confidentiality"),
            path("<int:object_id>/reason/", view(self.reason), name="accounts_customer_reason"),
        ]
        return [*first, *super().get_urls()]

    def confidentiality(self, request: StaffRequest) -> HttpResponse:
        """The terms, which every member of staff accepts once a year (SEC-2)."""
        terms = ConfidentialityTerms.objects.get(number=confidentiality.NEWEST)
        form = TermsForm(sent(request), initial={"number": terms.number})
        accept = partial(
            confiding.accept_terms, number=terms.number, actor=Actor.staff(request.user)
        )
        return self.ask(
            request,
            "admin/accounts/confidentiality.html",
            form,
            change=accept,
            then=_next(request, reverse("admin:index")),
            said=_("Thank you. You are asked again in a year."),
            context={"terms": terms, "title": _("Confidentiality"), "next": _next(request, "")},
        )

    def reason(self, request: StaffRequest, object_id: int) -> HttpResponse:
        """Why this record is opened; written down before it opens (SEC-2)."""
        row = self.found(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        form = ReasonForm(sent(request))
        record = reverse("admin:accounts_customer_change", args=[row.pk])

        def look() -> None:
            confiding.open_record(
                customer=row, actor=Actor.staff(request.user), **form.cleaned_data
            )

        return self.ask(
            request,
            "admin/accounts/reason.html",
            form,
            change=look,
            then=_next(request, record),
            context={
                "customer": row,
                "title": _("Why do you open %s?") % row.number,
                "next": _next(request, ""),
            },
        )


@admin.register(StaffAccess)
class StaffAccessAdmin(ConfidentialAdmin):
    """Who looked at whose record, and why. Customers are named by their number alone."""

    list_display = ("customer", "role", "reason", "case_number", "way", "actor_user", "recorded_at")
    list_filter = ("role", "reason", "way")
    list_select_related = ("customer", "actor_user")
    search_fields = ("customer__number__exact",)
    search_help_text = gettext_lazy("Customer number")
    ordering = ("-pk",)
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = (
        *("customer", "role", "reason", "words", "case_number", "way", "actor_user"),
        *("recorded_at", "sequence", "previous_hash", "row_hash"),
    )


def _next(request: HttpRequest, otherwise: str) -> str:
    """Return the staff page somebody was on the way to."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if safe and wanted.startswith(reverse("admin:index")) else otherwise
