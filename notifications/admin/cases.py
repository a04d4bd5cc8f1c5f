"""The inbox: what people wrote to us, the oldest unread message first (MAIL-1)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator

from accounts.admin import ConfidentialAdmin
from accounts.admin.record import StaffRequest
from accounts.admin.sections import Section, add
from accounts.models import Customer
from notifications.admin.case_page import CasePages
from notifications.answering_times import answering_times
from notifications.models import CannedAnswer, Case, CaseEvent

LATEST = 20


class Queue(admin.SimpleListFilter):
    """Which cases are listed: those that wait for us, unless somebody asks for others."""

    title = gettext_lazy("what is to be done")
    parameter_name = "queue"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("Overdue")),
            ("mine", _("Assigned to me")),
            ("review", _("Answered, to be kept or discarded")),
            ("all", _("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        """Name what is listed without a choice: it is not everything."""
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Waiting for us")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen ones. Who searches by number looks everywhere."""
        match self.value():
            case "overdue":
                return queryset.overdue(timezone.now())
            case "mine":
                return queryset.waiting().filter(assigned_to=request.user.pk)
            case "review":
                return queryset.to_review()
            case "all":
                return queryset
            case _:
                return queryset if request.GET.get("q") else queryset.waiting()


@admin.register(Case)
class CaseAdmin(CasePages):
    """All cases. Who wrote stands on the page of a case; customers are named by their number."""

    list_display = (
        "number",
        "topic",
        "standing",
        "waits",
        "customer",
        "assigned_to",
        "received_at",
    )
    list_filter = (Queue, "topic")
    list_select_related = ("assigned_to", "customer")
    search_fields = ("number__iexact",)
    search_help_text = gettext_lazy("Case number")
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    actions_list = ("times",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """All cases, in the order in which they are to be looked at."""
        return Case.objects.in_order()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Leave that order as it is."""
        return ()

    @display(  # type: ignore[untyped-decorator]
        description=gettext_lazy("state"),
        label={
            Case.State.RECEIVED: "danger",
            Case.State.READ: "warning",
            Case.State.ANSWERED: "success",
        },
    )
    def standing(self, case: Case) -> tuple[str, str]:
        unread = case.state == Case.State.RECEIVED
        return case.state, _("Unread") if unread else case.get_state_display()

    @display(  # type: ignore[untyped-decorator]
        description=gettext_lazy("waits"), label={"overdue": "danger", "in time": "info"}
    )
    def waits(self, case: Case) -> tuple[str, str]:
        if case.waiting_since is None:
            return "", ""
        now = timezone.now()
        waited = timesince(case.waiting_since, now, depth=1)
        if case.due_at and case.due_at < now:
            return "overdue", _("%s, overdue") % waited
        return "in time", waited

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Answering times"), url_path="times", icon="avg_pace"
    )
    def times(self, request: StaffRequest) -> HttpResponse:
        """How long people wait for an answer, week by week: a chart, and the same as a table."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": _("Answering times"), "times": answering_times(timezone.now())}
        return self.page(request, "admin/notifications/times.html", context)


@admin.register(CaseEvent)
class CaseEventAdmin(ConfidentialAdmin):
    """What was done with each case, and by whom. Nobody can change it."""

    list_display = ("case", "kind", "actor_kind", "actor_user", "recorded_at")
    list_filter = ("kind",)
    list_select_related = ("case", "actor_user")
    search_fields = ("case__number__iexact",)
    search_help_text = gettext_lazy("Case number")
    ordering = ("-pk",)
    paginator = InfinitePaginator
    show_full_result_count = False


@admin.register(CannedAnswer)
class CannedAnswerAdmin(ModelAdmin):  # type: ignore[misc]
    """Words that answers often begin with. One that is no longer used is kept, and not offered."""

    list_display = ("title", "is_in_use")
    list_filter = ("is_in_use",)
    search_fields = ("title",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _cases(customer: Customer) -> dict[str, Any]:
    return {"cases": Case.objects.visible_to(customer).order_by("-received_at", "-pk")[:LATEST]}


add(
    Section(
        key="cases",
        title=gettext_lazy("What the customer wrote to us"),
        template="admin/notifications/record/cases.html",
        shows=_cases,
        place=45,
    )
)
