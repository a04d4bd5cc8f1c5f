"""What staff see of the telling: how far it has come, and each mail's fate. All of it read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import ChoicesFieldListFilter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts.admin import ConfidentialAdmin
from accounts.admin.record import StaffRequest
from accounts.admin.sections import Section, add
from accounts.models import Customer
from bizsecure.core.charts import lines
from consent.calendar import in_policy_zone, policy_zone
from consent.models import PolicyVersion
from notifications.admin.letters import LetterPages
from notifications.dry_run import dry_run
from notifications.forecast import forecast_of
from notifications.health import funnel, opt_outs, queue_health
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
    search_fields = ("subject",)
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
        others = [
            path("health/", self.admin_site.admin_view(self.health), name="notifications_health"),
            path(
                "dry-run/<int:version>/",
                self.admin_site.admin_view(self.dry_run),
                name="notifications_dry_run",
            ),
        ]
        return [*progress, *others, *super().get_urls()]

    @in_policy_zone
    def health(self, request: HttpRequest) -> HttpResponse:
        """How the outbox and the opt-outs go, in pictures with a table each."""
        now = timezone.now()
        queue = queue_health(now)
        waits = timesince(now - queue.age, now, depth=1) if queue.age else _("nothing waits")
        figures = (
            (_("Waiting"), queue.waiting, _("Mails that are still to be handed over.")),
            (_("The oldest waits for"), waits, _("Of what is due and no worker holds.")),
            (_("Accepted in the last whole hour"), queue.per_hour, _("By the servers of readers.")),
            (_("Failed in a day"), queue.failures, _("No server took them, or they came back.")),
        )
        context = {
            "queue": queue,
            "figures": figures,
            "opt_outs": opt_outs(now),
            "title": _("Mail and answers"),
        }
        return self._page(request, "health.html", context)

    def dry_run(self, request: HttpRequest, version: int) -> HttpResponse:
        """Who would be told of a draft, and how. Counting writes nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        draft = get_object_or_404(PolicyVersion, pk=version)
        if draft.status != PolicyVersion.Status.DRAFT:
            return redirect("admin:notifications_progress_of", version)
        run = dry_run(draft, timezone.now())
        ways = [
            (_("Affected"), run.affected),
            (_("By mail"), run.by_mail),
            (_("On this site, when they sign in"), run.on_screen),
            (_("By letter"), run.by_letter),
        ]
        context = {
            "version": draft,
            "run": run,
            "lines": lines(ways, of=run.affected),
            "title": str(draft),
        }
        return self._page(request, "dry_run.html", context)

    def progress(self, request: HttpRequest) -> HttpResponse:
        """Every change that customers are told of, the newest first."""
        versions = PolicyVersion.objects.changes().order_by("-number")
        return self._page(request, "progress.html", {"versions": versions, "title": "Telling"})

    def progress_of(self, request: HttpRequest, version: int) -> HttpResponse:
        """How far the telling of one change has come, counted anew at each look."""
        change, now = get_object_or_404(PolicyVersion.objects.posted(), pk=version), timezone.now()
        report = notice_report(change)
        figures = [(label, getattr(report, name), meaning) for name, label, meaning in FIGURES]
        context = {
            "version": change,
            "report": report,
            "forecast": forecast_of(change, now),
            "percent": f"{report.percent_told} %",
            "figures": figures,
            "days_left": max((change.effective_at - now).days, 0) if change.effective_at else 0,
            "funnel": funnel(change, report),
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


class StateFilter(ChoicesFieldListFilter):
    """Mails in one state, found without reading all the others."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Say as well what every mail in that state has in common, for the index that knows it."""
        chosen: Any = super().queryset(request, queryset)
        states = set(self.lookup_val or [])
        if states and states <= set(OutgoingMail.LIVE):
            return chosen.in_live_batches()
        if states and not states & {*OutgoingMail.LIVE, OutgoingMail.State.ACCEPTED}:
            return chosen.came_to_nothing()
        return chosen


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ConfidentialAdmin):
    """The outbox. Customers are named by their number; their addresses stay out of it."""

    list_display = ("id", "campaign", "customer", "state", "attempts", "queued_at", "accepted_at")
    list_filter = (("state", StateFilter),)
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
