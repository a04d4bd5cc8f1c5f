"""Forms of the staff pages: what a customer asked for, and the look of every field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    CHECKBOX_CLASSES,
    INPUT_CLASSES,
    SELECT_CLASSES,
    UnfoldAdminRadioSelectWidget,
)

from accounts.actors import Channel
from accounts.services.acting import Asked
from accounts.validators import plain_line

# Read after "The customer asked".
WAYS = [
    (Channel.PHONE.value, _("by telephone")),
    (Channel.MAIL.value, _("by e-mail")),
    (Channel.LETTER.value, _("by letter")),
    (Channel.VISIT.value, _("in person")),
]


class StaffForm(forms.Form):
    """A form that looks like the others of the admin, whatever its fields are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.RadioSelect) or "class" in widget.attrs:
                continue
            classes = INPUT_CLASSES
            if isinstance(widget, forms.CheckboxInput):
                classes = CHECKBOX_CLASSES
            elif isinstance(widget, forms.Select):
                classes = SELECT_CLASSES
                # With the sign that there is more to choose from.
                widget.template_name = "unfold/widgets/select.html"
            widget.attrs["class"] = " ".join(classes)


class AskedForm(StaffForm):
    """How, when and under which reference the customer asked. Nothing is done without."""

    channel = forms.ChoiceField(
        label=_("The customer asked"),
        choices=[("", _("Choose how")), *WAYS],
    )
    asked_on = forms.DateField(
        label=_("On"), widget=forms.DateInput(attrs={"type": "date"}), initial=timezone.localdate
    )
    reference = forms.CharField(
        label=_("Reference"),
        max_length=80,
        validators=[plain_line],
        help_text=_("Where the request is kept: a case, a call, a letter. The customer reads it."),
    )

    def clean_asked_on(self) -> Any:
        day = self.cleaned_data["asked_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."), code="future")
        return day

    @property
    def asked(self) -> Asked:
        """What was typed about the request, checked."""
        typed = self.cleaned_data
        return Asked(Channel(typed["channel"]), typed["asked_on"], typed["reference"])


def radio(label: Any, choices: list[tuple[str, Any]], **options: Any) -> forms.ChoiceField:
    """Return a field of a few choices that are all seen at once."""
    return forms.ChoiceField(
        label=label, choices=choices, widget=UnfoldAdminRadioSelectWidget, **options
    )
