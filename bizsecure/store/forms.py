"""What the forms of the shop send."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import ADDRESS_FIELDS
from accounts.forms import PersonalInformationForm
from accounts.services.personal import PersonalDetails
from accounts.validators import plain_line
from bizsecure.store.cart import LONGEST_SLUG, Item, Refusal
from bizsecure.store.models import HeldService
from bizsecure.store.pricing import Period
from bizsecure.store.remarks import Remark
from bizsecure.store.services.checkout import Accepted
from bizsecure.store.ways_to_pay import WaysToPay
from bizsecure.vault.wallet import PayingCard

ACCEPTING = _(
    "I order what is listed above at the total shown, I accept the terms of sale, and I have read "
    "the privacy policy."
)
# What stands for a card that is typed on the provider's page.
ELSEWHERE = "elsewhere"
TYPED_ELSEWHERE = _("A card that I type on the page of our payment provider")
LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
HOST_NAME = re.compile(rf"(?:{LABEL}\.)+{LABEL}")


class ItemForm(forms.Form):
    """A product and the period it is bought for."""

    product = forms.SlugField(max_length=LONGEST_SLUG)
    period = forms.ChoiceField(choices=Period.choices)

    @property
    def item(self) -> Item:
        """The item that a valid form means."""
        return Item(self.cleaned_data["product"], self.cleaned_data["period"])

    @property
    def remark(self) -> Remark:
        """What to say of a form that is not valid. No page of ours sends one like that."""
        return Remark(Refusal.NOT_FOR_SALE)


class QuantityForm(ItemForm):
    """How many of an item are wanted; none takes it out of the cart."""

    quantity = forms.IntegerField()

    @property
    def remark(self) -> Remark:
        if self.errors.keys() == {"quantity"}:
            return Remark(Refusal.WRONG_QUANTITY, self.item.slug)
        return super().remark


class UndoForm(forms.Form):
    """The cart as it was when undoing was offered."""

    revision = forms.IntegerField(min_value=0)


class BillingAddressForm(PersonalInformationForm):
    """The address that goes on invoices, asked once: it stands in the personal information."""

    needed = ("name", "street", "city", "country")

    def __init__(self, known: PersonalDetails, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = known
        for name in self.fields.keys() - {"name", "revision", *ADDRESS_FIELDS}:
            del self.fields[name]
        for name in self.needed:
            self.fields[name].required = True

    @property
    def details(self) -> PersonalDetails:
        """What is known, with the address that was typed."""
        typed = {name: str(self.cleaned_data[name] or "") for name in ("name", *ADDRESS_FIELDS)}
        return replace(self._known, **typed)


class DraftForm(forms.Form):
    """Which draft a page of the checkout was about."""

    order = forms.UUIDField(widget=forms.HiddenInput)


class CardForm(forms.Form):
    """What an order is paid with: a card that is kept, or one that is typed elsewhere."""

    card = forms.TypedChoiceField(
        label=_("Pay with"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the card you want to pay with.")},
    )

    def __init__(self, ways: WaysToPay, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedChoiceField", self.fields["card"])
        field.choices = [(str(card.uid), card_label(card)) for card in ways.cards]
        if ways.elsewhere:
            field.choices = [*field.choices, (ELSEWHERE, TYPED_ELSEWHERE)]
        if len(field.choices) == 1:
            field.initial = next(iter(field.choices))[0]

    @property
    def chosen(self) -> UUID | None:
        """The card that was chosen; none if it is typed on the provider's page."""
        card = self.cleaned_data["card"]
        return None if card == ELSEWHERE else UUID(card)


class PlaceOrderForm(CardForm, DraftForm):
    """The last step: the card, and the terms, which nobody has ticked beforehand.

    The hidden fields say what stood on the page: what was accepted is that and nothing else.
    """

    total = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput)
    terms_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    policy_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    accept = forms.BooleanField(
        label=ACCEPTING,
        error_messages={"required": _("Accept the terms to order. Nothing was ordered yet.")},
    )

    @property
    def accepted(self) -> Accepted:
        """What the customer accepts by sending the form."""
        return Accepted(
            total=self.cleaned_data["total"],
            terms_hash=self.cleaned_data["terms_hash"],
            policy_hash=self.cleaned_data["policy_hash"],
            wording=str(ACCEPTING),
        )


class SiteForm(forms.Form):
    """The site a service is for, or the name that is to be registered."""

    site = forms.CharField(
        label=_("Site or name"),
        max_length=253,
        validators=[plain_line],
        help_text=_("As people type it, for example whitlock-press.com."),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )

    def clean_site(self) -> str:
        site = str(self.cleaned_data["site"]).strip().lower().removesuffix(".")
        try:
            ascii_name = site.encode("idna").decode()
        except UnicodeError:
            ascii_name = ""
        if not HOST_NAME.fullmatch(ascii_name):
            raise ValidationError(
                _("This is no name of a site. It reads like whitlock-press.com, without http://.")
            )
        return site


class CancelForm(forms.Form):
    """Why a service is cancelled; “I would rather not say” is an answer, too."""

    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=HeldService.CancelReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason. You need not tell us the real one.")},
    )


def card_label(card: PayingCard) -> str:
    """Return how a card reads among others."""
    return str(_("%(card)s, good until %(date)s") % {"card": card.label, "date": card.expiry})
