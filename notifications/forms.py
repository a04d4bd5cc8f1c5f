"""What people write to us."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.validators import no_card_number, plain_line
from notifications.models import Case
from notifications.once import OnceForm

LONGEST = 10_000
TYPING = timedelta(seconds=3)
NOT_ENTIRELY_SECURE = _(
    "Nothing on the Internet is entirely secure: leave out passwords and card numbers. We never "
    "need them to help you."
)


def words(label: Any, **options: Any) -> forms.CharField:
    """Return the field of a text of some length."""
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        validators=[no_card_number],
        widget=forms.Textarea(attrs={"rows": 8}),
        **options,
    )


class ContactForm(OnceForm):
    """A message to us. Whoever is signed in need not say who they are."""

    shortest = TYPING

    topic = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[
            ("", _("Choose a topic")),
            # Whoever objects to a decision does so where they read of it.
            *(each for each in Case.Topic.choices if each[0] != Case.Topic.CONDUCT),
        ],
    )
    message = words(_("Your message"), help_text=NOT_ENTIRELY_SECURE)
    order = forms.CharField(
        label=_("Order number"),
        required=False,
        max_length=40,
        validators=[plain_line, no_card_number],
        help_text=_("If it is about an order: it stands on your receipt."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        validators=[plain_line, no_card_number],
        help_text=_("So that we can address you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("To send you the answer. We use it for nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # People do not see it; programs fill in whatever there is.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, customer: Customer | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if customer is not None:
            del self.fields["name"], self.fields["email"]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("Please leave this field empty."), code="trap")
        return ""


class FollowUpForm(OnceForm):
    """What the sender of a case writes next."""

    message = words(_("Write again"), help_text=NOT_ENTIRELY_SECURE)
