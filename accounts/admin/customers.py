"""Staff pages about customers: the list, finding one, and the record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator

from accounts.admin.asking import StaffForm
from accounts.admin.exchanging import ExchangePages
from accounts.admin.record import StaffRequest
from accounts.admin.sections import sections_of
from accounts.models import Customer
from bizsecure.core.admin import sent

MOST_FOUND = 50
SHORTEST = 2


class FindForm(StaffForm):
    """What somebody knows of a customer. It is sent in the body and stands in no address."""

    typed = forms.CharField(
        label=gettext_lazy("Name, telephone number, e-mail address or customer number"),
        min_length=SHORTEST,
        max_length=254,
        help_text=gettext_lazy(
            "A name by how it begins, or its last word; everything else exactly."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


@admin.register(Customer)
class CustomerAdmin(ExchangePages):
    """Which customers there are. What else we know of them opens with a reason."""

    list_display = ("number", "name", "standing", "joined_at")
    list_filter = ("status",)
    search_fields = ("number__exact",)
    search_help_text = gettext_lazy("Customer number")
    ordering = ("-joined_at",)
    # By these there are indexes; a name is found by how it begins.
    sortable_by = ("number", "joined_at")
    paginator = InfinitePaginator
    show_full_result_count = False
    actions_list = ("find_customer", "letters_page", "export_page", "import_page")

    @display(  # type: ignore[untyped-decorator]
        description=gettext_lazy("status"),
        label={
            Customer.Status.ACTIVE: "success",
            Customer.Status.SUSPENDED: "warning",
            Customer.Status.CLOSING: "warning",
            Customer.Status.CLOSED: "danger",
        },
    )
    def standing(self, customer: Customer) -> tuple[str, str]:
        return customer.status, customer.get_status_display()

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        """Find a number however it is typed. As it is written, its index finds it."""
        return super().get_search_results(request, queryset, search_term.upper())

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Find a customer"), url_path="find", icon="person_search"
    )
    def find_customer(self, request: StaffRequest) -> HttpResponse:
        """Find customers by what somebody knows of them; number, name and status are shown."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if closed := self.door(request):
            return closed
        form = FindForm(sent(request))
        found: list[Customer] = []
        if form.is_valid():
            rows = Customer.objects.found_by(form.cleaned_data["typed"])
            rows = rows.only("number", "name", "status").order_by("folded_name", "pk")
            found = list(rows[: MOST_FOUND + 1])
        context = {
            "title": _("Find a customer"),
            "form": form,
            "found": found[:MOST_FOUND],
            "nobody": form.is_valid() and not found,
            "more": len(found) > MOST_FOUND,
        }
        return self.page(request, "admin/accounts/find.html", context)

    def changeform_view(
        self, request: Any, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The record of a customer, to who gave a reason for looking."""
        if request.method not in {"GET", "HEAD"} or object_id is None:
            raise PermissionDenied
        customer = self.found(request, object_id)
        if not self.has_view_permission(request, customer):
            raise PermissionDenied
        if closed := self.door(request, customer):
            return closed
        context = {
            "title": _("Record of %s") % customer.number,
            "customer": customer,
            "sections": sections_of(request, customer),
        }
        return self.page(request, "admin/accounts/record.html", context)
