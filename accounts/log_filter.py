"""Which part of the account log somebody wants to see."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.account_log import LogKind, Place, kinds_given

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(9000, 1, 1)


def _day(label: Any, **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, **options)


def _kinds() -> list[tuple[str, Any]]:
    return [("", _("Everything")), *((kind.value, kind.label) for kind in kinds_given())]


class LogFilterForm(forms.Form):
    """Kind and range of days, both optional; the days are those of the reader's zone."""

    kind = forms.ChoiceField(label=_("Show"), required=False, choices=_kinds)
    since = _day(_("From"))
    until = _day(_("To"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("since", "until"):
            if cleaned.get(name) and not FIRST_DAY <= cleaned[name] <= LAST_DAY:
                self.add_error(name, ValidationError(_("There is nothing on that day.")))
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            message = _("This day is before the one from which to show.")
            self.add_error("until", ValidationError(message, code="order"))
        return cleaned

    @property
    def kinds(self) -> list[LogKind]:
        return [LogKind(self.cleaned_data["kind"])] if self.cleaned_data["kind"] else []

    @property
    def beginning(self) -> datetime | None:
        """The first moment that is wanted."""
        since = self.cleaned_data["since"]
        return _midnight(since) if since else None

    @property
    def end(self) -> Place | None:
        """The place before which everything is wanted: the end of the last day."""
        until = self.cleaned_data["until"]
        return Place(_midnight(until + timedelta(days=1))) if until else None

    @property
    def is_narrow(self) -> bool:
        return any(self.cleaned_data.values())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
