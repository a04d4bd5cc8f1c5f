"""What staff type about a message to many. The rules are the services'."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from notifications.announcement_words import other_languages
from notifications.audiences import audiences
from notifications.kinds import ANNOUNCED, KINDS, KindKey
from notifications.models import Announcement
from notifications.services.releasing import AnnouncementDraft


def calendar() -> forms.DateInput:
    """Return the field of a day, by the browser's own calendar and in no other clock than ours."""
    attributes = {"type": "date", "class": " ".join(INPUT_CLASSES)}
    return forms.DateInput(format="%Y-%m-%d", attrs=attributes)


class AnnouncementForm(forms.Form):
    """The words of a message, and whom it is for. Each audience has questions of its own."""

    kind = forms.ChoiceField(label=_("Kind"), widget=UnfoldAdminSelectWidget)
    subject = forms.CharField(label=_("Subject"), max_length=150, widget=UnfoldAdminTextInputWidget)
    text = forms.CharField(
        label=_("Text"),
        max_length=20_000,
        help_text=_("Markdown: blank lines part paragraphs, hyphens make a list. No pictures."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 16, "class": "wide-words monospace"}),
    )
    buyer = forms.CharField(
        label=_("Buyer"),
        max_length=200,
        required=False,
        help_text=_("For a transfer of business: who takes over."),
        widget=UnfoldAdminTextInputWidget,
    )
    part = forms.CharField(
        label=_("Part of the business"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    happens_on = forms.DateField(label=_("Date of the transfer"), required=False, widget=calendar())
    audience = forms.ChoiceField(label=_("For whom"), widget=UnfoldAdminSelectWidget)

    def __init__(self, announcement: Announcement | None, *args: Any, **kwargs: Any) -> None:
        if announcement is not None:
            kwargs["initial"] = _as_initial(announcement)
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(key, _kind_in_words(key)) for key in ANNOUNCED]  # type: ignore[attr-defined]
        self._add_translations()
        self.fields["audience"].choices = [(each.key, each.label) for each in audiences()]  # type: ignore[attr-defined]
        self._facts: dict[str, list[str]] = {}
        for audience in audiences():
            for name, field in audience.facts().items():
                field.required = False
                field.label = f"{audience.label}: {field.label}"
                _dress(field)
                self.fields[name] = field
                self._facts.setdefault(audience.key, []).append(name)

    def _add_translations(self) -> None:
        """Ask for subject and text in each further language, behind the binding ones."""
        names = list(self.fields)
        behind = names.index("text") + 1
        for code in other_languages():
            language = dict(settings.LANGUAGES)[code]
            for name, label, field in (
                ("subject", _("Subject"), self.fields["subject"]),
                ("text", _("Text"), self.fields["text"]),
            ):
                translated = deepcopy(field)
                translated.required = False
                translated.label = f"{label} ({language})"
                translated.help_text = _("For who reads this language. Both empty: none.")
                self.fields[f"{name}_{code}"] = translated
                names.insert(behind, f"{name}_{code}")
                behind += 1
        self.order_fields(names)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self._refuse_half_of_a_translation(cleaned)
        for name in self._facts.get(cleaned.get("audience", ""), []):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("This audience needs an answer here."))
        if cleaned.get("kind") == KindKey.BUSINESS_TRANSFER:
            for name in ("buyer", "part", "happens_on"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("A transfer of business needs this."))
        return cleaned

    def _refuse_half_of_a_translation(self, cleaned: dict[str, Any]) -> None:
        for code in other_languages():
            for name, other in (("subject", "text"), ("text", "subject")):
                if cleaned.get(f"{other}_{code}") and not cleaned.get(f"{name}_{code}"):
                    self.add_error(f"{name}_{code}", _("A translation has a subject and a text."))

    @property
    def draft(self) -> AnnouncementDraft:
        """What was written."""
        cleaned = self.cleaned_data
        is_transfer = cleaned["kind"] == KindKey.BUSINESS_TRANSFER
        names = self._facts.get(cleaned["audience"], [])
        return AnnouncementDraft(
            kind=cleaned["kind"],
            subject=cleaned["subject"],
            text=cleaned["text"].replace("\r\n", "\n"),
            audience=cleaned["audience"],
            audience_facts={name: _as_fact(cleaned[name]) for name in names},
            buyer=cleaned["buyer"] if is_transfer else "",
            part=cleaned["part"] if is_transfer else "",
            happens_on=cleaned["happens_on"] if is_transfer else None,
            translations={
                code: {
                    "subject": cleaned[f"subject_{code}"],
                    "text": cleaned[f"text_{code}"].replace("\r\n", "\n"),
                }
                for code in other_languages()
                if cleaned[f"subject_{code}"]
            },
        )


class PlanForm(forms.Form):
    """When it is to be sent; now, if nothing is said."""

    at = forms.DateTimeField(
        label=_("Send at"),
        required=False,
        help_text=_("Empty means now. In the policy's own time."),
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M",
            attrs={"type": "datetime-local", "class": " ".join(INPUT_CLASSES)},
        ),
    )


def _dress(field: forms.Field) -> None:
    """Give a field the look of the staff pages."""
    if isinstance(field, forms.ChoiceField):
        field.widget = UnfoldAdminSelectWidget(choices=field.choices)
    elif isinstance(field, forms.DateField):
        field.widget = calendar()
    elif isinstance(field.widget, forms.Textarea):
        field.widget = UnfoldAdminTextareaWidget(attrs={"rows": 5})
    elif isinstance(field, forms.EmailField):
        field.widget = UnfoldAdminEmailInputWidget()


def _kind_in_words(key: KindKey) -> str:
    kind = KINDS[key]
    way = _("can be switched off") if kind.use else _("essential: needs a second person")
    return f"{kind.label} ({way})"


def _as_fact(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "key", None) or getattr(value, "slug", None) or value


def _as_initial(announcement: Announcement) -> dict[str, Any]:
    names = ("kind", "subject", "text", "buyer", "part", "happens_on", "audience")
    facts = dict(announcement.audience_facts)
    if "numbers" in facts:
        facts["numbers"] = "\n".join(facts["numbers"])
    translated = {
        f"{name}_{code}": said
        for code, words in announcement.translations.items()
        for name, said in words.items()
    }
    return {**{name: getattr(announcement, name) for name in names}, **facts, **translated}
