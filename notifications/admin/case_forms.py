"""What staff type on the page of a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin.asking import StaffForm
from accounts.models import User
from accounts.roles import RIGHTS
from notifications.models import CannedAnswer, Case
from notifications.once import OnceForm
from notifications.services.answering import RIGHT

LONGEST = 20_000


class WordsForm(OnceForm, StaffForm):
    """Words of a member of staff about a case. Sent twice they are there once."""

    text = forms.CharField(
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "class": "wide-words"}),
    )

    def __init__(self, data: Any, *, case: Case, staff: User) -> None:
        super().__init__(
            data,
            reader=f"{staff.pk}:{case.pk}",
            auto_id=f"id_{type(self).__name__.removesuffix('Form').lower()}_%s",
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What the service is told."""
        return {name: self.cleaned_data[name] for name in ("text", "form_id")}


class AnswerForm(WordsForm):
    """An answer, which may begin with words that are often needed."""

    canned = forms.ModelChoiceField(
        label=_("Canned answer"),
        queryset=CannedAnswer.objects.filter(is_in_use=True),
        required=False,
        empty_label=_("Choose one"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["text"].label = _("Answer")
        self.fields["text"].help_text = _(
            "Goes out by mail after a greeting by name. A hyphen begins a line of a list."
        )
        if "insert" in self.data:
            self._insert()

    def _insert(self) -> None:
        """Add the chosen words to what is typed, and send nothing."""
        chosen = CannedAnswer.objects.filter(pk=_number(self.data.get("canned"))).first()
        typed: Any = self.data.copy()  # type: ignore[attr-defined]
        parts = [typed.get("text", "").strip(), chosen.text if chosen else ""]
        typed["text"] = "\n\n".join(part for part in parts if part)
        self.data = typed


class NoteForm(WordsForm):
    """A note that the sender does not see here."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["text"].label = _("Internal note")
        self.fields["text"].help_text = _(
            "Not shown to the sender. A customer who downloads everything gets it, too."
        )
        self.fields["text"].widget.attrs["rows"] = 3


class AssignForm(StaffForm):
    """Who looks after a case."""

    assignee = forms.ModelChoiceField(
        label=_("Looked after by"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody yet"),
    )

    def __init__(self, data: Any, *, case: Case) -> None:
        super().__init__(data, initial={"assignee": case.assigned_to_id})
        able = User.objects.filter(is_staff=True, is_active=True, groups__name__in=RIGHTS[RIGHT])
        self.fields["assignee"].queryset = able.distinct().order_by("email")  # type: ignore[attr-defined]

    @property
    def facts(self) -> dict[str, Any]:
        """What the service is told."""
        return {"assignee": self.cleaned_data["assignee"]}


def _number(text: Any) -> int:
    return int(text) if str(text).isascii() and str(text).isdecimal() else 0
