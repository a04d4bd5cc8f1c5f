"""What staff see of the telling: how far it has come, and each mail's fate. All of it read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts.admin import ConfidentialAdmin
from accounts.admin.record import StaffRequest
from accounts.admin.sections import Section, add
from accounts.models import Customer
from consent.calendar import policy_zone
from consent.models import PolicyVersion
from notifications.admin.letters import LetterPages
from notifications.forecast import forecast_of
from notifications.letter_list import letters_due
from notifications.models import Campaign, OutgoingMail
from notifications.reporting import notice_report
from notifications.services.writing_letters import RIGHT

LATEST = 20
FIGURES = (
    ("untold", _("Untold"), _("Affected, and not told so far.")),
    ("bounced", _("Bounced"), _("Untold, because no server takes our mail to them.")),
    ("held", _("Held"), _("Not bound on the announced date: untold, or told too late.")),
    ("silent", _("Silent"), _("Answers that were not given. Silence is a no.")),
)


@admin.register(Campaign)
class CampaignAdmin(LetterPages):
    """Messages to many, with a live page of how many are told."""

    list_display = ("subject", "kind", "version", "round", "effective_at", "created_at")
    list_filter = ("kind",)
    list_select_related = ("version",)
    exclude = ("html",)
    change_list_template = "admin/notifications/campaign_list.html"

    def get_urls(self) -> list[Any]:
        """Add the pages of progress to those of the rows."""
        progress = [
            path(
                "progress/",
                self.admin_site.admin_view(self.progress),
                name="notifications_progress",
            ),
            path(
                "progress/<int:version>/",
                self.admin_site.admin_view(self.progress_of),
                name="notifications_progress_of",
            ),
            path(
                "progress/<int:version>/letters/",
                self.admin_site.admin_view(self.letters),
                name="notifications_change_letters",
            ),
        ]
        return [*progress, *super().get_urls()]

    def progress(self, request: HttpRequest) -> HttpResponse:
        """Every change that customers are told of, the newest first."""
        versions = PolicyVersion.objects.changes().order_by("-number")
        return self._page(request, "progress.html", {"versions": versions, "title": "Telling"})

    def progress_of(self, request: HttpRequest, version: int) -> HttpResponse:
        """How far the telling of one change has come, counted anew at each look."""
        change = get_object_or_404(PolicyVersion.objects.posted(), pk=version)
        report = notice_report(change)
        figures = [(label, getattr(report, name), meaning) for name, label, meaning in FIGURES]
        context = {
            "version": change,
            "report": report,
            "forecast": forecast_of(change, timezone.now()),
            "percent": f"{report.percent_told} %",
            "figures": figures,
            "title": str(change),
            "letters": self._letters_due(request, change),
        }
        return self._page(request, "progress_of.html", context)

    def _letters_due(self, request: HttpRequest, change: PolicyVersion) -> int | None:
        """Return how many letters are to be written, for whoever may write them."""
        if not request.user.has_perm(RIGHT) or change.status != PolicyVersion.Status.PUBLISHED:
            return None
        return int(letters_due(change).count()) if change.base_id else None

    def letters(self, request: StaffRequest, version: int) -> HttpResponse:
        """Whom no mail tells of a change, and the letters to them (CHANGE-2)."""
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        change = get_object_or_404(PolicyVersion.objects.changes(), pk=version)
        back = reverse("admin:notifications_progress_of", args=[version])
        return self.letters_about(request, change, request.path, back)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        everywhere = {**self.admin_site.each_context(request), "zone": policy_zone()}
        template = f"admin/notifications/{name}"
        return TemplateResponse(request, template, {**everywhere, "opts": self.opts, **context})


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ConfidentialAdmin):
    """The outbox. Customers are named by their number; their addresses stay out of it."""

    list_display = ("id", "campaign", "customer", "state", "attempts", "queued_at", "accepted_at")
    list_filter = ("state",)
    list_select_related = ("campaign", "customer")
    search_fields = ("customer__number__exact",)
    exclude = ("address",)
    ordering = ("-pk",)
    paginator = InfinitePaginator
    show_full_result_count = False


def _messages(customer: Customer) -> dict[str, Any]:
    mails = OutgoingMail.objects.visible_to(customer).order_by("-queued_at", "-pk")
    return {"mails": mails[:LATEST]}


add(
    Section(
        key="messages",
        title=_("Messages"),
        template="admin/notifications/record/messages.html",
        shows=_messages,
        place=50,
    )
)
