"""The register of disclosures for staff: entries, their second person, and what became of them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts.actors import Actor
from accounts.admin import ConfidentialAdmin
from accounts.admin.record import StaffRequest
from bizsecure.core.admin import ReadOnlyAdmin, sent
from consent.admin.entry_forms import EntryForm, HandedOverForm, LiftForm, RejectForm
from consent.admin.ledgers import LedgerAdmin
from consent.calendar import in_policy_zone
from consent.disclosed import outcome_in_words
from consent.models import Disclosure, DisclosureEntry, DisclosureOutcome, Recipient
from consent.models.entries import Telling
from consent.services.disclosing import record_outcome_of
from consent.services.entering import approve, lift_bar, propose, reject

State, Outcome = DisclosureEntry.State, DisclosureOutcome.Outcome
LABELS = {State.PROPOSED: "warning", State.APPROVED: "success", State.REJECTED: "danger"}
WHAT = ("customer", "recipient", "party", "purpose", "ground", "given", "reference")
WHEN_TOLD = ("telling", "tell_on", "barred_by")


class Given:
    """How the list of fields reads."""

    @display(description=gettext_lazy("What is given"))  # type: ignore[untyped-decorator]
    def given(self, row: Any) -> str:
        return str(
            capfirst(get_text_list([str(field.label) for field in row.field_list], _("and")))
        )


@admin.register(DisclosureEntry)
class DisclosureEntryAdmin(Given, ConfidentialAdmin):
    """Entries: one writes, another decides, and nothing may be given before (DISC-1, DISC-2)."""

    list_display = (
        "reference",
        "customer",
        "party",
        "ground",
        "proposed_by",
        "stands",
        "proposed_at",
    )
    list_filter = ("state", "ground", "recipient")
    list_select_related = ("customer", "recipient", "proposed_by")
    search_fields = ("customer__number__exact", "reference")
    search_help_text = gettext_lazy("Customer number or document")
    ordering = ("-pk",)
    actions_detail = ("approve", "reject")
    fields = (
        *(*WHAT, *WHEN_TOLD),
        *("state", "proposed_by", "proposed_at", "decided_by", "decided_at", "why_rejected"),
    )

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("consent.add_disclosureentry")

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("consent.approve_disclosureentry")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer the decision to whoever may make it: never to the one who wrote the entry."""
        entry = self.get_object(request, str(object_id))
        if entry is None or entry.state != State.PROPOSED or entry.proposed_by == request.user:
            return []
        actions: list[Any] = super().get_actions_detail(request, object_id)
        return actions

    @display(description=gettext_lazy("state"), label=LABELS)  # type: ignore[untyped-decorator]
    def stands(self, entry: DisclosureEntry) -> tuple[str, str]:
        return entry.state, entry.get_state_display()

    @in_policy_zone
    def add_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Enter a disclosure, for somebody else to decide about."""
        if not self.has_add_permission(request):
            raise Http404
        form = EntryForm(sent(request))
        back = reverse("admin:consent_disclosureentry_changelist")

        def enter() -> None:
            customer, proposal = form.cleaned_data["customer"], form.proposal()
            propose(customer=customer, proposal=proposal, actor=Actor.staff(request.user))

        return self.door(request) or self.ask(
            request,
            "admin/consent/enter.html",
            form,
            change=enter,
            then=back,
            said=_("Entered. It counts once somebody else has approved it."),
            context={"title": _("Enter a disclosure"), "back": back},
        )

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Approve"),
        permissions=["decide"],
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
    )
    def approve(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Let it count: from then on it is in the register, and may be handed over."""
        entry = self._found(request, object_id)
        change = partial(approve, entry=entry, actor=Actor.staff(request.user))
        said = _("Approved. It is in the register and may be handed over.")
        return self._decide(request, entry, forms.Form(sent(request)), change, said, "approve.html")

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Reject"),
        permissions=["decide"],
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def reject(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Turn it down, with the reason."""
        entry = self._found(request, object_id)
        form = RejectForm(sent(request))

        def change() -> None:
            why = form.cleaned_data["why"]
            reject(entry=entry, why=why, actor=Actor.staff(request.user))

        return self._decide(request, entry, form, change, _("Rejected."), "reject.html")

    def _decide(
        self,
        request: StaffRequest,
        entry: DisclosureEntry,
        form: forms.Form,
        change: Any,
        said: str,
        template: str,
    ) -> HttpResponse:
        back = reverse("admin:consent_disclosureentry_change", args=[entry.pk])
        return self.door(request) or self.ask(
            request,
            f"admin/consent/{template}",
            form,
            change=change,
            then=back,
            said=said,
            context={
                "entry": entry,
                "given": self.given(entry),
                "title": entry.reference,
                "back": back,
            },
        )

    def _found(self, request: HttpRequest, object_id: str) -> DisclosureEntry:
        entry: DisclosureEntry | None = self.get_object(request, object_id)
        if entry is None:
            raise Http404
        return entry


@admin.register(Disclosure)
class DisclosureAdmin(Given, LedgerAdmin):
    """The register: all that left, or was allowed to leave (THIRD-3)."""

    list_display = ("recorded_at", "customer", "party", "ground", "reference", "went", "telling")
    list_filter = ("kind", "ground", "telling", "recipient")
    list_select_related = ("customer", "recipient")
    search_fields = ("customer__number__exact", "reference__exact")
    search_help_text = gettext_lazy("Customer number, order or document")
    actions_detail = ("handed_over", "lift")
    # A line says much: a hundred of them would weigh more than a page may.
    list_per_page = 50
    fields = (
        *(*WHAT, "kind", "how_it_went", *WHEN_TOLD, "actor_kind", "actor_user", "approved_by"),
        *("recorded_at", "uid", "sequence", "previous_hash", "row_hash"),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_outcome()

    def has_enter_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("consent.add_disclosureentry")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what is still to be done about a disclosure by staff."""
        row = self.get_object(request, str(object_id))
        if row is None or row.entry_id is None:
            return []
        is_barred = row.telling == Telling.BARRED and not hasattr(row, "bar_lifted")
        fitting = {"handed_over": row.outcome is None, "lift": is_barred}
        actions = super().get_actions_detail(request, object_id)
        return [action for action in actions if fitting.get(action.path)]

    @display(  # type: ignore[untyped-decorator]
        description=gettext_lazy("outcome"),
        label={
            Outcome.DELIVERED: "success",
            Outcome.REFUSED: "danger",
            Outcome.FAILED: "danger",
            Outcome.UNKNOWN: "warning",
        },
    )
    def went(self, row: Disclosure) -> tuple[str | None, str]:
        return row.outcome, outcome_in_words(row.outcome)

    @display(description=gettext_lazy("outcome"))  # type: ignore[untyped-decorator]
    def how_it_went(self, row: Disclosure) -> str:
        return str(capfirst(outcome_in_words(row.outcome)))

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Handed over"), permissions=["enter"], icon="outbox"
    )
    def handed_over(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Say how the handing over went."""
        row = self._by_staff(request, object_id)
        form = HandedOverForm(sent(request))

        def change() -> None:
            record_outcome_of(
                disclosure_id=row.pk,
                outcome=Outcome(form.cleaned_data["outcome"]),
                their_reference=form.cleaned_data["their_reference"],
                actor=Actor.staff(request.user),
            )

        return self._ask(request, row, form, change, _("Recorded."), _("Handing over"))

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Lift the bar"), permissions=["enter"], icon="lock_open"
    )
    @in_policy_zone
    def lift(self, request: StaffRequest, object_id: str) -> HttpResponse:
        """Say from when the customer may know after all."""
        row = self._by_staff(request, object_id)
        form = LiftForm(sent(request))

        def change() -> None:
            lift_bar(disclosure=row, actor=Actor.staff(request.user), **form.cleaned_data)

        said = _("Recorded. The customer sees it from that day on.")
        return self._ask(request, row, form, change, said, _("Lift the bar"))

    def _ask(
        self,
        request: StaffRequest,
        row: Disclosure,
        form: forms.Form,
        change: Any,
        said: str,
        title: str,
    ) -> HttpResponse:
        back = reverse("admin:consent_disclosure_change", args=[row.pk])
        context = {"entry": row, "given": self.given(row), "title": title, "back": back}
        template = "admin/consent/record.html"
        return self.door(request) or self.ask(
            request, template, form, change=change, then=back, said=said, context=context
        )

    def _by_staff(self, request: HttpRequest, object_id: str) -> Disclosure:
        row: Disclosure | None = self.get_object(request, object_id)
        if row is None or row.entry_id is None:
            raise Http404
        return row


@admin.register(Recipient)
class RecipientAdmin(ReadOnlyAdmin):
    """Who may be given anything at all. A new one takes a change of the program (THIRD-3)."""

    list_display = ("name", "kind", "key")
    list_filter = ("kind",)
    search_fields = ("name", "key")
    fields = ("name", "kind", "key", "website", "declared")

    @display(description=gettext_lazy("May be given"))  # type: ignore[untyped-decorator]
    def declared(self, recipient: Recipient) -> str:
        lines: dict[tuple[str, str], list[str]] = {}
        for row in recipient.declarations.all():
            what = lines.setdefault((row.get_purpose_display(), row.get_ground_display()), [])
            what.append(str(row.get_field_display()))
        return format_html_join(
            "",
            "<p>{}<br><span class='staff-quiet'>{}: {}</span></p>",
            (
                (get_text_list(fields, _("and")), ground, purpose)
                for (purpose, ground), fields in lines.items()
            ),
        )
