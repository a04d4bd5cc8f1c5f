"""Closing the account of a customer who asked, and keeping it after all (OPT-4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.admin.acting import about, record_of
from accounts.admin.asking import AskedForm
from accounts.admin.claiming import ClaimingPages
from accounts.admin.record import StaffRequest
from accounts.holdings import obstacles
from accounts.models import Customer
from accounts.services.closing import TIME_TO_THINK, open_closing
from accounts.services.closing_for import CLOSE, close_for, keep_open_for
from bizsecure.core.admin import sent


class ClosingForm(AskedForm):
    """The customer's request, and the number once more, so that nobody is closed by mistake."""

    number = forms.CharField(
        label=gettext_lazy("Customer number, as the request says it"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip().upper()
        if number != self.customer.number:
            raise ValidationError(_("This is not the number of this customer."), code="other")
        return number


class ClosingPages(ClaimingPages):
    """The pages of closing and keeping, behind buttons of the record."""

    def get_urls(self) -> list[Any]:
        """Add the pages of closing to those of acting."""
        view = self.admin_site.admin_view
        pages = [
            path("<int:object_id>/close/", view(self.close), name="accounts_customer_close"),
            path("<int:object_id>/keep/", view(self.keep), name="accounts_customer_keep"),
        ]
        return [*pages, *super().get_urls()]

    def close(self, request: StaffRequest, object_id: int) -> HttpResponse:
        """Close an account for a customer, in the way the customer would."""
        customer = self.for_acting(request, object_id, CLOSE)
        if closed := self.door(request, customer):
            return closed
        form = ClosingForm(sent(request), customer=customer)
        actor = Actor.staff(request.user)
        return self.ask(
            request,
            "admin/accounts/close.html",
            form,
            change=lambda: close_for(customer=customer, asked=form.asked, actor=actor),
            then=record_of(customer),
            said=_("The days to think again have begun. The customer is told."),
            context={
                "title": _("Close the account"),
                "obstacles": obstacles(customer),
                "days": TIME_TO_THINK.days,
                **about(customer),
            },
        )

    def keep(self, request: StaffRequest, object_id: int) -> HttpResponse:
        """Keep the account of a customer who thought again."""
        customer = self.for_acting(request, object_id, CLOSE)
        if closed := self.door(request, customer):
            return closed
        form = AskedForm(sent(request))
        actor = Actor.staff(request.user)
        return self.ask(
            request,
            "admin/accounts/keep.html",
            form,
            change=lambda: keep_open_for(customer=customer, asked=form.asked, actor=actor),
            then=record_of(customer),
            said=_("The account stays open. The customer is told."),
            context={
                "title": _("Keep the account"),
                "closing": open_closing(customer),
                **about(customer),
            },
        )
