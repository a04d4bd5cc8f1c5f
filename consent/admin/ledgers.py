"""What customers were told, accepted and chose. Customers are named by their number alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import ChoicesFieldListFilter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts.admin import ConfidentialAdmin
from bizsecure.core.admin import ReadOnlyAdmin
from consent.admin.record import DecidingPages
from consent.models import Acceptance, Choice, Notice, VersionEvent


class LedgerAdmin(ConfidentialAdmin):
    """A ledger of many rows: the newest first, found by the number of a customer.

    Rows are not counted, because counting millions of them takes longer than showing a page.
    """

    ordering = ("-pk",)
    list_select_related: tuple[str, ...] = ("customer", "version")
    search_fields: tuple[str, ...] = ("customer__number__exact",)
    search_help_text = _("Customer number")
    paginator = InfinitePaginator
    show_full_result_count = False


class ChannelFilter(ChoicesFieldListFilter):
    """Proofs of one way, found without reading the many of mails."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Say as well that they are of no mail, for the index that knows it."""
        chosen: Any = super().queryset(request, queryset)
        channels: Any = self.lookup_val or []
        by_mail = not channels or Notice.Channel.MAIL in channels
        return chosen if by_mail else chosen.without_mails()


@admin.register(Notice)
class NoticeAdmin(LedgerAdmin):
    """Proofs of being told, and their retractions (CHANGE-2)."""

    list_display = ("customer", "version", "round", "channel", "told_at", "retracts")
    list_filter = (("channel", ChannelFilter),)
    fields = (
        *("customer", "version", "round", "channel", "told_at", "retracts", "actor_kind"),
        *("recorded_at", "sequence", "previous_hash", "row_hash"),
    )


@admin.register(Choice)
class ChoiceAdmin(DecidingPages, LedgerAdmin):
    """Every yes and no (CHANGE-3)."""

    list_display = ("customer", "use", "decision", "method", "version", "recorded_at")
    list_filter = ("decision", "method", "use")
    list_select_related = ("customer", "use", "version")
    fields = (
        *("customer", "use", "decision", "method", "version", "question_hash", "language"),
        *("actor_kind", "recorded_at", "sequence", "previous_hash", "row_hash"),
    )


@admin.register(Acceptance)
class AcceptanceAdmin(LedgerAdmin):
    """Under which version of the policy each customer joined (CHANGE-4)."""

    list_display = ("customer", "version", "recorded_at")
    fields = (
        *("customer", "version", "text_hash", "actor_kind"),
        *("recorded_at", "sequence", "previous_hash", "row_hash"),
    )


@admin.register(VersionEvent)
class VersionEventAdmin(ReadOnlyAdmin):
    """Who wrote, agreed to, published, moved or withdrew a version, and when (CHANGE-1)."""

    list_display = ("version", "kind", "effective_at", "actor_user", "recorded_at")
    list_filter = ("kind",)
    search_fields = ("version__title", "=version__number", "actor_user__email")
    search_help_text = _("Version, or who did it")
    ordering = ("-pk",)
    list_select_related = ("version", "actor_user")
