"""What this room adds to the record of a customer, and deciding for one who asked (OPT-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.admin import ConfidentialAdmin
from accounts.admin.asking import AskedForm, radio
from accounts.admin.record import StaffRequest, record_door
from accounts.admin.sections import Button, Section, add
from accounts.models import Customer
from bizsecure.core.admin import sent
from consent.models import Acceptance, Notice
from consent.services.acting import RECORD_DECISION, decide_for
from consent.standing import Standing, standings

LATEST = 20
PREFIX = "use-"


class DecisionForm(AskedForm):
    """What the customer decided of each use, and the request to write it down."""

    def __init__(self, *args: Any, asked_about: list[Standing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for standing in asked_about:
            as_it_is = _("yes, as it is") if standing.allowed else _("no, as it is")
            self.fields[PREFIX + standing.use_key] = radio(
                standing.question,
                [
                    ("", _("Nothing was said: %s") % as_it_is),
                    ("yes", _("The customer says yes")),
                    ("no", _("The customer says no")),
                ],
                required=False,
                help_text=standing.since_for_staff,
            )

    @property
    def decisions(self) -> dict[str, bool]:
        """The answers that were given, by the keys of the uses."""
        return {
            name.removeprefix(PREFIX): value == "yes"
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and value
        }


class DecidingPages(ConfidentialAdmin):
    """The page on which a decision that a customer told us is written down."""

    def get_urls(self) -> list[Any]:
        """Add the page of deciding to those of the rows."""
        decide = path(
            "of/<int:customer>/", self.admin_site.admin_view(self.decide), name="consent_decide"
        )
        return [decide, *super().get_urls()]

    def decide(self, request: StaffRequest, customer: int) -> HttpResponse:
        """Write down what a customer decided (OPT-4)."""
        if not request.user.has_perm(RECORD_DECISION):
            raise PermissionDenied
        row = get_object_or_404(Customer, pk=customer)
        if closed := record_door(request, row):
            return closed
        asked_about = [standing for standing in standings(row) if not standing.locked]
        form = DecisionForm(sent(request), asked_about=asked_about)
        record = reverse("admin:accounts_customer_change", args=[row.pk])

        def change() -> None:
            actor = Actor.staff(request.user)
            decide_for(customer=row, decisions=form.decisions, asked=form.asked, actor=actor)

        return self.ask(
            request,
            "admin/consent/decide.html",
            form,
            change=change,
            then=record,
            said=_("Written down. The customer is told."),
            context={"title": _("Decisions of %s") % row.number, "customer": row, "back": record},
        )


def _choices(customer: Customer) -> Mapping[str, Any]:
    return {"standings": standings(customer)}


def _notices(customer: Customer) -> Mapping[str, Any]:
    notices = Notice.objects.filter(customer=customer).select_related("version")
    accepted = Acceptance.objects.filter(customer=customer).select_related("version")
    return {
        "notices": notices.order_by("-sequence")[:LATEST],
        "accepted": accepted.order_by("sequence"),
    }


add(
    Section(
        key="choices",
        title=gettext_lazy("Choices"),
        template="admin/consent/record/choices.html",
        shows=_choices,
        place=30,
        buttons=(Button(gettext_lazy("Write down a decision"), "consent_decide", RECORD_DECISION),),
    )
)
add(
    Section(
        key="notices",
        title=gettext_lazy("Notices"),
        template="admin/consent/record/notices.html",
        shows=_notices,
        place=40,
    )
)
