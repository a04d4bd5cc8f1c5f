"""The terms of sale, for staff: every version as it was published, and a page for the next one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextareaWidget

from accounts.actors import Actor
from accounts.admin.record import StaffRequest
from bizsecure.core.admin import AskingPages, ReadOnlyAdmin, sent
from bizsecure.store.models import TermsVersion
from bizsecure.store.services.terms import publish_terms


class TermsForm(forms.Form):
    """The next version: its text, beginning with that of the last one, and when it counts."""

    text = forms.CharField(
        label=gettext_lazy("Text"),
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 24}),
        help_text=gettext_lazy("Markdown. Once published it never changes; add a version instead."),
    )
    valid_from = forms.SplitDateTimeField(
        label=gettext_lazy("Valid from"),
        required=False,
        help_text=gettext_lazy("Empty: from now on."),
        widget=UnfoldAdminSplitDateTimeWidget(),
    )


@admin.register(TermsVersion)
class TermsVersionAdmin(AskingPages, ReadOnlyAdmin):
    """Published versions are read; the button leads to the page of the next one."""

    list_display = ("number", "valid_from", "published_at", "published_by")
    ordering = ("-number",)
    actions_list = ("publish",)
    fields = ("number", "valid_from", "published_at", "published_by", "text_hash", "words")
    readonly_fields = ("words",)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("store.add_termsversion"))

    @display(description=gettext_lazy("text"))  # type: ignore[untyped-decorator]
    def words(self, terms: TermsVersion) -> str:
        return str(terms.text)

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Publish a new version"),
        url_path="publish",
        permissions=["publish"],
        icon="add",
    )
    def publish(self, request: StaffRequest) -> HttpResponse:
        """Publish the next version; nobody changes one that is published."""
        latest = TermsVersion.objects.first()
        initial: dict[str, Any] = {"text": latest.text if latest else ""}
        form = TermsForm(sent(request), initial=initial)

        def change() -> None:
            publish_terms(**form.cleaned_data, actor=Actor.staff(request.user))

        back = reverse("admin:store_termsversion_changelist")
        return self.ask(
            request,
            "admin/store/terms.html",
            form,
            change=change,
            then=back,
            said=_("Published. Orders are placed under it from its day on."),
            context={"title": _("New terms of sale"), "back": back},
        )
