"""What staff write about a version of a policy. The rules are the services'."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from bizsecure.core.errors import Refused
from consent.drafts import fingerprint
from consent.models import DeclaredUse, PolicyVersion, Use
from consent.policy_file import needs_question
from consent.reasons import sentence
from consent.services.publishing import UseDraft, VersionDraft

ZONE_HINT = format_lazy(_("In the policy's own time: {zone}."), zone=settings.POLICY_TIME_ZONE)

WORDS = ("slug", "number", "title", "updated_on", "effective_at", "summary", "text", "notes")
IDENTITY = ("key", "purpose", "data", "recipient")
TERMS = ("ground", "basis", "question", "if_yes", "if_no", "explanation")


class LinesField(forms.CharField):
    """Text of many lines, with line ends as files hold them: browsers send another kind."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text


class VersionForm(forms.ModelForm):  # type: ignore[type-arg]
    """The words and dates of a draft.

    `seen` is what the draft held when the page was opened, so that two editors notice each
    other. `refused` is set when the service said no to what the form holds, `is_previewed` when
    it is shown below its preview: it is right, and goes on being written.
    """

    refused: Refused | None = None
    is_previewed = False

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = PolicyVersion
        fields = WORDS
        field_classes = {"summary": LinesField, "text": LinesField, "notes": LinesField}
        help_texts = {"effective_at": ZONE_HINT}
        widgets = {
            "summary": UnfoldAdminTextareaWidget(attrs={"rows": 4, "class": "wide-words"}),
            "text": UnfoldAdminTextareaWidget(attrs={"rows": 40, "class": "wide-words monospace"}),
            "notes": UnfoldAdminTextareaWidget(attrs={"rows": 20, "class": "wide-words monospace"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = fingerprint(self.instance)

    def is_valid(self) -> bool:
        """Whether it is to be saved."""
        return super().is_valid() and not self.is_previewed

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.refused:
            raise forms.ValidationError(sentence(self.refused))
        if self.instance.pk and cleaned.get("seen") != self.initial["seen"]:
            self.data = with_value(self.data, "seen", self.initial["seen"])
            raise forms.ValidationError(
                _(
                    "Somebody else changed this draft while you were writing. Look at it in "
                    "another window; saving again puts your words in the place of theirs."
                )
            )
        return cleaned

    def draft(self, uses: tuple[UseDraft, ...]) -> VersionDraft:
        """Return the draft as the service takes it."""
        return VersionDraft(**{name: getattr(self.instance, name) for name in WORDS}, uses=uses)


def column_of_use(name: str) -> Any:
    """Return the form field for a column of Use, in the dress of the staff pages."""
    column: Any = Use._meta.get_field(name)
    return column.formfield(widget=UnfoldAdminTextInputWidget())


class UseForm(forms.ModelForm):  # type: ignore[type-arg]
    """A use as a version declares it: what it is, and on which terms."""

    key = column_of_use("key")
    purpose = column_of_use("purpose")
    data = column_of_use("data")
    recipient = column_of_use("recipient")
    position = forms.IntegerField(
        label=_("Place in the list"),
        required=False,
        min_value=1,
        help_text=_("Empty: at the end."),
        widget=UnfoldAdminIntegerFieldWidget(),
    )

    class Meta:
        model = DeclaredUse
        fields = TERMS
        widgets = {"explanation": UnfoldAdminExpandableTextareaWidget()}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        basis = cleaned.get("basis")
        if basis and needs_question(basis) and not cleaned.get("question"):
            self.add_error("question", _("Only an essential use asks nothing."))
        return cleaned

    def draft(self) -> UseDraft:
        """Return the use as the service takes it."""
        return UseDraft(**{name: self.cleaned_data[name] for name in IDENTITY + TERMS})


class UseFormSet(PaginationInlineFormSet):  # type: ignore[misc]
    """The uses that a version declares."""

    def clean(self) -> None:
        super().clean()
        keys = [form.cleaned_data.get("key") for form in self._kept()]
        for key in sorted({key for key in keys if key and keys.count(key) > 1}):
            raise forms.ValidationError(_("“%(key)s” stands twice.") % {"key": key})

    def drafts(self) -> tuple[UseDraft, ...]:
        """Return the uses as the service takes them, in the order of their positions."""
        kept = sorted(self._kept(), key=lambda form: form.cleaned_data["position"] or math.inf)
        return tuple(form.draft() for form in kept)

    def _kept(self) -> list[UseForm]:
        filled = [form for form in self.forms if getattr(form, "cleaned_data", None)]
        return [form for form in filled if not form.cleaned_data.get("DELETE")]


class ConfirmForm(forms.Form):
    """A yes to publishing exactly what was shown."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, version: PolicyVersion, data: Any = None) -> None:
        self.shown = fingerprint(version)
        super().__init__(data, initial={"seen": self.shown})

    def clean_seen(self) -> str:
        seen: str = self.cleaned_data["seen"]
        if seen != self.shown:
            self.data = with_value(self.data, "seen", self.shown)
            raise forms.ValidationError(
                _("The draft changed while you were reading. Please look at it again.")
            )
        return seen


class DateForm(forms.Form):
    """From when a version takes effect."""

    effective_at = forms.SplitDateTimeField(
        label=_("New date"),
        help_text=ZONE_HINT,
        widget=UnfoldAdminSplitDateTimeWidget(),
    )


def with_value(sent: Any, name: str, value: str) -> Any:
    """Return what was sent with another value for one field."""
    changed = sent.copy()
    changed[name] = value
    return changed
