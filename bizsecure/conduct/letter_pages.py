"""Letters about decisions to customers whom no mail reaches: the list, and each to print."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from accounts.actors import Actor
from accounts.admin.record import CustomerRecordAdmin, StaffRequest
from accounts.services.personal import postal_address
from accounts.services.writing_letters import SEND_LETTERS
from bizsecure.conduct.models import Decision
from bizsecure.conduct.reading import shown
from bizsecure.conduct.services.writing_letters import record_letter
from bizsecure.core.admin import sent

MOST_LETTERS = 100


class PrintedForm(forms.Form):
    """Which review was the last that stood in the printed letter; 0 for none."""

    upto = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class LetterPages(CustomerRecordAdmin):
    """What is due, and the letters."""

    def has_letters_permission(self, request: HttpRequest, *args: Any) -> bool:
        return bool(request.user.has_perm(SEND_LETTERS)) and self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        """Add the list of letters and the page of each."""
        view = self.admin_site.admin_view
        return [
            path("letters/of/<int:number>/", view(self.letter), name="conduct_letter"),
            *super().get_urls(),
        ]

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Letters to write"),
        url_path="letters",
        permissions=["letters"],
        icon="mail",
    )
    def letters_page(self, request: StaffRequest) -> HttpResponse:
        """Decisions of which neither mail nor letter has told, by number; the oldest first."""
        if closed := self.door(request):
            return closed
        due = Decision.objects.to_be_told_by_letter().select_related("customer").order_by("pk")
        context = {"title": _("Letters about decisions"), "due": due[:MOST_LETTERS]}
        return self.page(request, "admin/conduct/letters.html", context)

    def letter(self, request: StaffRequest, number: int) -> HttpResponse:
        """A letter to print, and the button that says it is in the post."""
        if not self.has_letters_permission(request):
            raise PermissionDenied
        rows = Decision.objects.select_related("customer", "policy", "service")
        row = get_object_or_404(rows.prefetch_related("reviews"), pk=number)
        if closed := self.door(request, row.customer):
            return closed
        reviews = [review.pk for review in row.reviews.all()]
        record = partial(record_letter, decision=row, actor=Actor.staff(request.user))
        form = PrintedForm(sent(request), initial={"upto": max(reviews, default=0)})
        back = reverse("admin:conduct_decision_letters_page")
        return self.ask(
            request,
            "conduct/letter.html",
            form,
            change=lambda: record(upto=form.cleaned_data["upto"]),
            then=back,
            said=_("Written down that it is in the post."),
            context={"title": _("Letter about %s") % row.number, "back": back, **_words(row)},
        )


def _words(row: Decision) -> dict[str, Any]:
    customer = row.customer
    with translation.override(customer.language), timezone.override(customer.zone):
        [each] = shown([row], customer)
        section = each.policy_link
    return {
        "shown": each,
        "customer": customer,
        "policy_address": settings.SITE_URL + section,
        "address": postal_address(customer),
        "sender": settings.POSTAL_ADDRESS,
        "is_due": Decision.objects.to_be_told_by_letter().filter(pk=row.pk).exists(),
    }
