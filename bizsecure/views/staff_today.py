"""What needs a person today: the first page of our staff.

Each duty belongs to a right: whoever may not act on it does not see its number. How far a change
of policy has come is shown beside, as a picture with its table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Min, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import FactorRemoval, Mandate, User
from bizsecure.conduct.models import Decision
from bizsecure.core.charts import Line
from bizsecure.store.models import HeldService
from consent.calendar import policy_zone
from consent.counting import counts_of
from consent.deadlines import told_before
from consent.models import PRIVACY, DisclosureEntry, PolicyVersion, VersionEvent
from notifications.forecast import Forecast, forecast_of
from notifications.health import funnel
from notifications.letter_list import letters_due
from notifications.models import Announcement, Case, InboundMail, OutgoingMail
from notifications.reporting import NoticeReport, notice_report

LATELY = timedelta(days=7)
AT_MOST = 99
"""Numbers are counted this far: beyond it, more is only more."""


@dataclass(frozen=True)
class Duty:
    """Something that waits for a member of staff, found by a query and known by its oldest row."""

    title: Any
    icon: str
    page: str
    right: str
    rows: Callable[[datetime], QuerySet[Any]]
    since: str


def _changes_with_letters(now: datetime) -> QuerySet[PolicyVersion]:
    """Changes that were not replaced, of which no mail tells some of those affected."""
    coming = PolicyVersion.objects.changes().with_state(now).exclude(state="replaced")
    # The database keeps count of who is told: where that is everybody, nobody is looked for.
    counted = ((version, counts_of(version)) for version in coming)
    untold = [version for version, told in counted if told.told_in_all < told.affected]
    due = [version.pk for version in untold if letters_due(version).exists()]
    return PolicyVersion.objects.filter(pk__in=due)


DUTIES = (
    Duty(
        _("Messages that wait for our answer"),
        "inbox",
        "notifications_case_changelist",
        "notifications.answer_case",
        lambda _now: Case.objects.waiting(),
        "waiting_since",
    ),
    Duty(
        _("Mails that came in and could not be handled"),
        "report",
        "notifications_inboundmail_changelist",
        "notifications.answer_case",
        lambda _now: InboundMail.objects.stuck(),
        "received_at",
    ),
    Duty(
        _("Disclosures that wait for a second person"),
        "gavel",
        "consent_disclosureentry_changelist",
        "consent.approve_disclosureentry",
        lambda _now: DisclosureEntry.objects.filter(state=DisclosureEntry.State.PROPOSED),
        "proposed_at",
    ),
    Duty(
        _("Drafts of policies that wait for a second person"),
        "policy",
        "consent_policyversion_changelist",
        "consent.publish_policyversion",
        lambda _now: VersionEvent.objects.of_waiting_drafts(),
        "recorded_at",
    ),
    Duty(
        _("Objections to decisions about conduct"),
        "balance",
        "conduct_decision_changelist",
        "conduct.review_decision",
        lambda _now: Decision.objects.objected_to(),
        "objection__recorded_at",
    ),
    Duty(
        _("Essential messages that wait for agreement"),
        "forward_to_inbox",
        "notifications_announcement_changelist",
        "notifications.agree_announcement",
        lambda _now: Announcement.objects.to_agree(),
        "written_at",
    ),
    Duty(
        _("Letters about what was done for customers"),
        "mail",
        "accounts_customer_letters_page",
        "accounts.send_letters",
        lambda _now: Mandate.objects.to_be_told_by_letter(),
        "recorded_at",
    ),
    Duty(
        _("Letters about decisions about conduct"),
        "mail",
        "conduct_decision_letters_page",
        "conduct.view_decision",
        lambda _now: Decision.objects.to_be_told_by_letter(),
        "recorded_at",
    ),
    Duty(
        _("Changes of policy that some must be told of by letter"),
        "mail",
        "notifications_progress",
        "notifications.write_letters",
        _changes_with_letters,
        "published_at",
    ),
    Duty(
        _("Second factors that customers want removed"),
        "lock_reset",
        "accounts_factorremoval_changelist",
        "accounts.remove_factor",
        lambda _now: FactorRemoval.objects.waiting(),
        "asked_at",
    ),
    Duty(
        _("Services that a partner has not taken"),
        "dns",
        "store_heldservice_changelist",
        "store.change_heldservice",
        lambda _now: HeldService.objects.stuck(),
        "due_at",
    ),
    Duty(
        _("Mails of this week that did not arrive"),
        "unsubscribe",
        "notifications_outgoingmail_changelist",
        "notifications.view_outgoingmail",
        lambda now: OutgoingMail.objects.returned().filter(queued_at__gte=now - LATELY),
        "queued_at",
    ),
)


@dataclass(frozen=True)
class Waiting:
    """A duty with what waits: how many, and since when."""

    duty: Duty
    number: int
    since: datetime | None

    @property
    def url(self) -> str:
        return reverse(f"admin:{self.duty.page}")

    @property
    def is_more(self) -> bool:
        """Whether more wait than were counted."""
        return self.number > AT_MOST

    @property
    def shown(self) -> int:
        return min(self.number, AT_MOST)


@dataclass(frozen=True)
class Telling:
    """A coming change, and how far its telling has come."""

    version: PolicyVersion
    report: NoticeReport
    days_left: int
    tell_by: datetime
    """Whoever is told before this instant can be bound on the announced date."""
    is_late: bool
    forecast: Forecast | None = None
    """Whether the date can be kept for everyone if the telling goes on as it does."""

    @property
    def steps(self) -> list[Line]:
        """From the affected to those who answered. Answers are per use, and so may be their sum."""
        return funnel(self.version, self.report)


def today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the first page of the staff what waits for whoever looks (called by unfold)."""
    user, now = cast("User", request.user), timezone.now()
    mine = [duty for duty in DUTIES if user.has_perm(duty.right)]
    context["waiting"] = list(_waiting(mine, now))
    context["has_duties"] = bool(mine)
    context["policy_zone"] = policy_zone()
    if user.has_perm("notifications.view_campaign"):
        context["tellings"] = list(_tellings(now))
    return context


def _waiting(duties: list[Duty], now: datetime) -> Iterator[Waiting]:
    for duty in duties:
        rows = duty.rows(now)
        if number := rows.order_by()[: AT_MOST + 1].count():
            yield Waiting(duty, number, rows.aggregate(since=Min(duty.since))["since"])


def _tellings(now: datetime) -> Iterator[Telling]:
    versions = PolicyVersion.objects.of(PRIVACY).posted()
    for version in versions.coming(now).order_by("effective_at"):
        # The database has no published version without a date.
        effective_at = cast("datetime", version.effective_at)
        tell_by = told_before(effective_at, policy_zone())
        report, left = notice_report(version), effective_at - now
        forecast = forecast_of(version, now)
        yield Telling(version, report, left.days, tell_by, tell_by <= now, forecast)
