"""Giving a customer without a sign-in the code for one: by letter, or by word of mouth (OPT-4)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.admin.acting import about
from accounts.admin.asking import StaffForm, radio
from accounts.admin.factors import FactorPages
from accounts.admin.record import StaffRequest
from accounts.models import ClaimCode
from accounts.services.acting import CHANGE_DETAILS
from accounts.services.claiming import issue_claim_code
from accounts.services.personal import postal_address
from bizsecure.core.admin import sent
from bizsecure.core.errors import Refused


class WayForm(StaffForm):
    """How the customer gets the code."""

    way = radio(gettext_lazy("The customer gets it"), ClaimCode.Way.choices)


class ClaimingPages(FactorPages):
    """The page of the code, behind a button of the record."""

    def get_urls(self) -> list[Any]:
        """Add the page of the code to those of acting."""
        view = self.admin_site.admin_view
        page = path("<int:object_id>/code/", view(self.code), name="accounts_customer_code")
        return [page, *super().get_urls()]

    def code(self, request: StaffRequest, object_id: int) -> HttpResponse:
        """Make a code and show it, this once: as a letter to print, or to be read aloud."""
        customer = self.for_acting(request, object_id, CHANGE_DETAILS)
        if closed := self.door(request, customer):
            return closed
        form = WayForm(sent(request))
        context = {"title": _("A code for a sign-in"), "form": form, **about(customer)}
        if form.is_valid():
            way = ClaimCode.Way(form.cleaned_data["way"])
            try:
                issued = issue_claim_code(
                    customer=customer, way=way, actor=Actor.staff(request.user)
                )
            except Refused as refused:
                form.add_error(None, refused.sentence)
            else:
                letter = {
                    **context,
                    "issued": issued,
                    "address": postal_address(customer),
                    "page_of_claims": f"{settings.SITE_URL}{reverse('claim')}",
                }
                return TemplateResponse(request, "admin/accounts/letter.html", letter)
        return self.page(request, "admin/accounts/code.html", context)
