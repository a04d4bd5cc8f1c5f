"""Versions of a policy for staff: the list, and the page on which a draft is written.

A page here is a view like any other. What may be done is for consent.services.publishing to
say; what is done is logged under the name of the member of staff.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import action, display

from accounts.actors import Actor
from bizsecure.core.admin import FewRows
from bizsecure.core.errors import Refused
from consent.admin.buttons import PublishingButtons
from consent.admin.forms import UseForm, UseFormSet, VersionForm
from consent.calendar import in_policy_zone, policy_zone
from consent.drafts import Rehearsal, as_draft, preview
from consent.models import PRIVACY, DeclaredUse, PolicyVersion
from consent.services.publishing import save_draft

State = PolicyVersion.State
POSTED = (("published_at", "withdrawn_at"), ("round", "text_hash"))


class Previewed(Exception):
    """That a draft was tried and not saved, with what publishing it would do."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        super().__init__()
        self.rehearsal = rehearsal


class DeclaredUseInline(FewRows, StackedInline):  # type: ignore[misc]
    """The uses a version declares, and with them what each use is."""

    model = DeclaredUse
    fk_name = "version"
    form = UseForm
    formset = UseFormSet
    max_num = 40
    verbose_name = _("declared use")
    verbose_name_plural = _("declared uses")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("key", "position"),
                    ("purpose", "data"),
                    ("recipient", "ground"),
                    "basis",
                    "question",
                    ("if_yes", "if_no"),
                    "explanation",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeclaredUse]:
        """No rows: the service replaces the uses as a whole, so the form begins with their words.

        Rows would have changed under the hands of whoever saves a draft after somebody else.
        """
        return DeclaredUse.objects.none()

    # Whoever may write a version may write its uses: PolicyVersionAdmin.get_inlines sees to that.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if request.method == "POST" else len(_uses_to_begin_with(obj))


@admin.register(PolicyVersion)
class PolicyVersionAdmin(PublishingButtons, ModelAdmin):  # type: ignore[misc]
    """Drafts are written here; what is published is read-only, with buttons for what is left."""

    form = VersionForm
    inlines = (DeclaredUseInline,)
    list_display = ("title", "number", "state", "updated_on", "effective_at", "new_uses")
    list_filter = ("slug", "status")
    search_fields = ("title", "=number")
    search_help_text = _("Title or number")
    ordering = ("slug", "-number")
    actions_submit_line = ("preview",)
    change_form_outer_before_template = "admin/consent/preview.html"
    warn_unsaved_form = True
    compressed_fields = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        own = Q(declared_uses__introduced_by=F("pk"))
        versions: QuerySet[PolicyVersion] = PolicyVersion.objects.with_state(timezone.now())
        return versions.annotate(new_use_count=Count("declared_uses", filter=own))

    @display(  # type: ignore[untyped-decorator]
        description=_("state"),
        label={State.IN_FORCE: "success", State.COMING: "warning", State.WITHDRAWN: "danger"},
    )
    def state(self, version: PolicyVersion) -> tuple[str, str]:
        return version.state, version.state_label

    @display(description=_("new uses"))  # type: ignore[untyped-decorator]
    def new_uses(self, version: Any) -> str:
        # Which uses of a draft are new is computed when it is published.
        return "" if version.state == State.DRAFT else str(version.new_use_count)

    @display(description=_("declared uses"))  # type: ignore[untyped-decorator]
    def uses(self, version: PolicyVersion) -> str:
        declared = version.declared_uses.select_related("use", "introduced_by")
        return render_to_string("admin/consent/uses.html", {"declared_uses": declared})

    @display(description=_("text"))  # type: ignore[untyped-decorator]
    def words(self, version: PolicyVersion) -> str:
        return render_to_string("admin/consent/words.html", {"text": version.text})

    # Writing a draft

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.status != PolicyVersion.Status.DRAFT:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        head = [("slug", "number"), "title", ("updated_on", "effective_at"), "summary"]
        if obj is None or self.has_change_permission(request, obj):
            return [(None, {"fields": [*head, "text", "notes", "seen"]})]
        return [(None, {"fields": [*head, *POSTED, "uses", "words", "notes"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug", "number", "uses", "words", *flatten(POSTED)) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> tuple[type[Any], ...]:
        writes = obj is None or self.has_change_permission(request, obj)
        return self.inlines if writes else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version begins with the words of the latest one."""
        today = timezone.localdate(timezone=policy_zone())
        latest = _latest()
        words = {name: getattr(latest, name) for name in ("title", "text", "notes") if latest}
        number = latest.number + 1 if latest else 1
        given = super().get_changeform_initial_data(request)
        return {"number": number, "updated_on": today, **words, **given}

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        # Not for what comes back: a form that is sent unchanged would count as left empty.
        if request.method != "POST":
            kwargs["initial"] = _uses_to_begin_with(obj)
        return kwargs

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        if obj is None or obj.state == State.DRAFT:
            return None
        return str(obj.get_absolute_url())

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[VersionForm]:
        form: type[VersionForm] = super().get_form(request, obj, **kwargs)
        form.refused = getattr(request, "refused", None)
        form.is_previewed = hasattr(request, "rehearsal")
        return form

    @action(description=_("Preview"), icon="visibility")  # type: ignore[untyped-decorator]
    def preview(self, request: HttpRequest, obj: Any) -> None:
        """Leave it to save_related, which finds out which button was pressed."""

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer the preview to whoever may write this version."""
        version = self.get_object(request, str(object_id)) if object_id else None
        may_write = self.has_change_permission(request, version)
        return super().get_actions_submit_line(request, object_id) if may_write else []

    @in_policy_zone
    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, *args, **kwargs)
        return response

    @in_policy_zone
    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra: Any = None
    ) -> HttpResponse:
        extra = {"actions_submit_line": self.get_actions_submit_line(request, object_id)} | (
            extra or {}
        )
        show = partial(super().changeform_view, request, object_id, form_url)
        response: HttpResponse
        try:
            response = show(extra)
        except Refused as refused:
            # Nothing was saved. The same form is shown again, with the reason on top.
            request.refused = refused
            response = show(extra)
        except Previewed as previewed:
            # Nor here: it is shown again with everything that was typed, below the preview.
            request.rehearsal = previewed.rehearsal
            response = show(extra | {"rehearsal": previewed.rehearsal})
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, *args: Any) -> None:
        """Leave it to save_related: the service saves a draft whole, with its uses."""

    def save_related(self, request: Any, form: Any, formsets: Any, *args: Any) -> None:
        draft, actor = form.draft(formsets[0].drafts()), Actor.staff(request.user)
        if f"{self.opts.label_lower.replace('.', '_')}_preview" in request.POST:
            raise Previewed(preview(draft, actor))
        version = save_draft(draft=draft, actor=actor)
        form.instance.pk = version.pk

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, *args: Any
    ) -> Any:
        # The formsets were not saved by themselves, so they do not know what changed.
        return super().construct_change_message(request, form, [], *args)


def _latest() -> PolicyVersion | None:
    return PolicyVersion.objects.of(PRIVACY).published().order_by("-number").first()


def _uses_to_begin_with(version: PolicyVersion | None) -> list[dict[str, Any]]:
    """The uses of a draft; for a new version those of the latest one."""
    origin = version if version and version.pk else _latest()
    uses = as_draft(origin).uses if origin else ()
    return [{**vars(use), "position": place} for place, use in enumerate(uses, start=1)]
