"""Pages about customers: they open to who accepted the terms, records to who says why (SEC-2).

Whatever page of any room shows more of a customer than the number descends from
`CustomerRecordAdmin`; lists that name customers by their number descend from
`ConfidentialAdmin`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import ConfidentialityAcceptance, Customer, StaffAccess, User
from bizsecure.core.admin import AskingPages, ReadOnlyAdmin


class StaffRequest(HttpRequest):
    """A request that the admin has let in."""

    user: User


def terms_door(request: StaffRequest) -> HttpResponse | None:
    """Return the page of the terms to who has not accepted them, or nothing."""
    if ConfidentialityAcceptance.objects.standing(request.user, timezone.now()).exists():
        return None
    return _first(request, reverse("admin:accounts_confidentiality"))


def record_door(request: StaffRequest, customer: Customer) -> HttpResponse | None:
    """Return the page to be answered before this record opens, or nothing if it is open."""
    if closed := terms_door(request):
        return closed
    if StaffAccess.objects.standing(request.user, customer, timezone.now()).exists():
        return None
    return _first(request, reverse("admin:accounts_customer_reason", args=[customer.pk]))


class ConfidentialAdmin(AskingPages, ReadOnlyAdmin):
    """Rows about customers, who are named by their number alone.

    Nothing opens before the confidentiality terms are accepted.
    """

    def door(self, request: StaffRequest, customer: Customer | None = None) -> HttpResponse | None:
        """Return the page that must be answered first, or nothing if the way is free."""
        return terms_door(request) if self.has_view_permission(request, customer) else None

    def changelist_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.door(request) or super().changelist_view(request, *args, **kwargs)

    def changeform_view(
        self, request: Any, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        show = partial(super().changeform_view, request, object_id, *args, **kwargs)
        return self._behind_door(request, object_id) or show()

    def history_view(self, request: Any, object_id: str, *args: Any) -> HttpResponse:
        show = partial(super().history_view, request, object_id, *args)
        return self._behind_door(request, object_id) or show()

    def _behind_door(self, request: StaffRequest, object_id: str | None) -> HttpResponse | None:
        return self.door(request)


class CustomerRecordAdmin(ConfidentialAdmin):
    """Pages that show what we know of one customer, to whoever gave a reason for looking."""

    def customer_of(self, row: Any) -> Customer:
        """Return whose record a row belongs to."""
        customer: Customer = row if isinstance(row, Customer) else row.customer
        return customer

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and not request.user.has_perm("accounts.open_record"):
            return False
        return bool(super().has_view_permission(request, obj))

    def door(self, request: StaffRequest, customer: Customer | None = None) -> HttpResponse | None:
        if customer is None or not self.has_view_permission(request, customer):
            return super().door(request, customer)
        return record_door(request, customer)

    def found(self, request: HttpRequest, object_id: Any) -> Any:
        """Return the row of this id, or say that there is none."""
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        return row

    def _behind_door(self, request: StaffRequest, object_id: str | None) -> HttpResponse | None:
        row = self.get_object(request, object_id) if object_id else None
        return self.door(request, self.customer_of(row) if row else None)


def _first(request: HttpRequest, page: str) -> HttpResponse:
    """Lead to a page that comes first, and back from there. What was sent is not kept."""
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    return redirect(f"{page}?{urlencode({'next': back})}" if back else page)
