"""Letters to customers whom no mail reaches, about what was done for them (OPT-4)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from accounts.actors import Actor
from accounts.admin.closing import ClosingPages
from accounts.admin.record import StaffRequest
from accounts.done_on_request import what_was_done
from accounts.models import Mandate
from accounts.services.personal import postal_address
from accounts.services.writing_letters import SEND_LETTERS, record_letter
from bizsecure.core.admin import sent

MOST_LETTERS = 100


class LetterPages(ClosingPages):
    """The list of letters that are due, and the letters."""

    def has_letters_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm(SEND_LETTERS)

    def get_urls(self) -> list[Any]:
        """Add the page of a letter to those of acting."""
        view = self.admin_site.admin_view(self.letter)
        return [
            path("letters/<int:mandate>/", view, name="accounts_customer_letter"),
            *super().get_urls(),
        ]

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Letters to write"),
        url_path="letters",
        permissions=["letters"],
        icon="mail",
    )
    def letters_page(self, request: StaffRequest) -> HttpResponse:
        """Whom no mail told what was done for them, by number; the oldest first."""
        if closed := self.door(request):
            return closed
        due = Mandate.objects.to_be_told_by_letter().select_related("customer").order_by("pk")
        context = {"title": _("Letters to write"), "due": due[:MOST_LETTERS]}
        return self.page(request, "admin/accounts/letters.html", context)

    def letter(self, request: StaffRequest, mandate: int) -> HttpResponse:
        """A letter to print, and the button that says it is in the post."""
        if not self.has_letters_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Mandate.objects.select_related("customer", "letter"), pk=mandate)
        if closed := self.door(request, row.customer):
            return closed
        form = forms.Form(sent(request))
        record = partial(record_letter, mandate=row, actor=Actor.staff(request.user))
        back = reverse("admin:accounts_customer_letters_page")
        context = {
            "title": _("Letter to %s") % row.customer.number,
            "mandate": row,
            "is_due": not hasattr(row, "letter"),
            "done": what_was_done(row),
            "address": postal_address(row.customer),
            "sender": settings.POSTAL_ADDRESS,
        }
        return self.ask(
            request,
            "admin/accounts/request_letter.html",
            form,
            change=record,
            then=back,
            said=_("Written down that it is in the post."),
            context={**context, "customer": row.customer, "back": back},
        )
