"""The one form where a card number enters the house."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.validators import no_card_number, plain_line
from bizsecure.core.digits import holds_card_number
from bizsecure.vault.cards import (
    CardDetails,
    CardNumber,
    Expiry,
    NotACard,
    SecurityCode,
)
from bizsecure.vault.models import LONGEST_HOLDER

# More than any card has, so that spaces and a slip of the finger are told from each other.
LONGEST_TYPED = 60


class NeverShownAgain(forms.TextInput):
    """A field that stays empty when the form comes back: its digits go no way but one."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class NotACardShownAgain(forms.TextInput):
    """A field that comes back as it was typed, unless somebody typed the card number there."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        shown = None if value and holds_card_number(str(value)) else value
        return super().get_context(name, shown, attrs)


def _digits(autocomplete: str, example: str) -> NeverShownAgain:
    return NeverShownAgain(
        attrs={
            "autocomplete": autocomplete,
            "inputmode": "numeric",
            "spellcheck": "false",
            "placeholder": example,
        }
    )


class NumberField(forms.CharField):
    """A card number: a text that becomes one as soon as it is read."""

    @sensitive_variables()
    def clean(self, value: Any) -> Any:
        try:
            return CardNumber.typed(super().clean(value))
        except NotACard as problem:
            raise ValidationError(problem.mistake.value, code="card") from None


class CardForm(forms.Form):
    """A card, each field with the reason why we ask (DATA-1).

    What is cleaned shows four digits of itself. Number and code are not shown again when
    something is wrong: they would stand in the page, and in the browser's memory of it.
    """

    number = NumberField(
        label=_("Card number"),
        max_length=LONGEST_TYPED,
        widget=_digits("cc-number", ""),
        help_text=_("To pay what you buy. Kept encrypted; our pages show its last four digits."),
    )
    expiry = forms.CharField(
        label=_("Good until"),
        max_length=LONGEST_TYPED,
        widget=NotACardShownAgain(attrs={"autocomplete": "cc-exp", "placeholder": "04/28"}),
        help_text=_("Month and year, as they stand on the card."),
    )
    code = forms.CharField(
        label=_("Security code"),
        max_length=LONGEST_TYPED,
        widget=_digits("cc-csc", ""),
        help_text=_("Three digits on the back, four on American Express. Used once, never kept."),
    )
    holder = forms.CharField(
        label=_("Name on the card"),
        max_length=LONGEST_HOLDER,
        widget=NotACardShownAgain(attrs={"autocomplete": "cc-name"}),
        validators=[plain_line, no_card_number],
        help_text=_("Your bank compares it. Kept encrypted."),
    )

    def clean_expiry(self) -> Expiry:
        try:
            return Expiry.typed(self.cleaned_data["expiry"], timezone.now().date())
        except NotACard as problem:
            raise ValidationError(problem.mistake.value, code="card") from None

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        typed, number = cleaned.pop("code", None), cleaned.get("number")
        if typed is not None and number is not None:
            try:
                cleaned["code"] = SecurityCode.typed(typed, number.brand)
            except NotACard as problem:
                self.add_error("code", ValidationError(problem.mistake.value, code="card"))
        return cleaned

    @property
    def details(self) -> CardDetails:
        """What was typed, checked."""
        return CardDetails(
            number=self.cleaned_data["number"],
            expiry=self.cleaned_data["expiry"],
            holder=self.cleaned_data["holder"],
        )

    @property
    def security_code(self) -> SecurityCode:
        """What is used once."""
        code: SecurityCode = self.cleaned_data["code"]
        return code
