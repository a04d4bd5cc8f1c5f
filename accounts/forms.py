"""What a customer types about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.address_format import AddressFormat, format_of
from accounts.collected import Collected
from accounts.fields import ADDRESS_FIELDS, POSTAL_FIELDS
from accounts.long_lists import LongSelect, country_choices, time_zone_choices
from accounts.services.personal import PersonalDetails
from accounts.validators import no_card_number, plain_line

LONGEST_TELEPHONE = 40
NOT_DIALABLE = _(
    "This is no telephone number we could call. Begin with + and the country code, "
    "as in +1 201 555 0123."
)
BOTH = _(
    "You typed a postal address, and said that it is the same as the billing address. "
    "Take one of them back."
)
ADDRESS_ORDER = ("country", "street", "extra", "city", "region", "postcode")
# Of an address, the first line says why it is asked for and since when it is known.
ADDRESSES = {"": ADDRESS_FIELDS, "postal_": POSTAL_FIELDS}


def _line(
    label: Any, longest: int, autocomplete: str, *, also: Any = (no_card_number,), **options: Any
) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(
        label=label, max_length=longest, widget=widget, validators=[plain_line, *also], **options
    )


def _address(prefix: str, place: str, reason: Any) -> dict[str, forms.Field]:
    """The lines of an address; what they are called depends on its country."""
    country = LongSelect(country_choices, attrs={"autocomplete": f"{place} country"})
    return {
        f"{prefix}country": forms.ChoiceField(
            label=_("Country"), choices=country_choices, widget=country, required=False
        ),
        f"{prefix}street": _line(
            _("Street and number"), 200, f"{place} address-line1", required=False, help_text=reason
        ),
        f"{prefix}extra": _line(
            _("Apartment or building"), 200, f"{place} address-line2", required=False
        ),
        f"{prefix}city": _line(_("City"), 120, f"{place} address-level2", required=False),
        f"{prefix}region": _line(
            _("State or region"), 120, f"{place} address-level1", required=False
        ),
        f"{prefix}postcode": _line(_("Postal code"), 20, f"{place} postal-code", required=False),
    }


class AddressForm(forms.Form):
    """Two addresses, each after the rules of its country."""

    postal_same = forms.BooleanField(label=_("The same as the billing address"), required=False)
    field_order = (*ADDRESS_ORDER, "postal_same", *(f"postal_{name}" for name in ADDRESS_ORDER))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        bills = _("The address goes on your bills. Kept encrypted.")
        letters = _("Letters go there. Kept encrypted.")
        self.fields |= _address("", "billing", bills) | _address("postal_", "shipping", letters)
        self.order_fields(self.field_order)
        for prefix in ADDRESSES:
            rules = self._rules(prefix)
            for name in ("city", "region", "postcode"):
                self.fields[f"{prefix}{name}"].label = rules.label(name)

    @property
    def billing_lines(self) -> list[forms.BoundField]:
        """City, region and postal code in the order of the country."""
        return self._lines("")

    @property
    def postal_lines(self) -> list[forms.BoundField]:
        return self._lines("postal_")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        changed = set(self.changed_data)
        if cleaned.get("postal_same"):
            if any(cleaned.get(name) for name in changed.intersection(POSTAL_FIELDS)):
                self.add_error("postal_same", ValidationError(BOTH, code="both"))
            else:
                cleaned |= dict.fromkeys(POSTAL_FIELDS, "")
        for prefix, names in ADDRESSES.items():
            # What stands there from before is no reason to refuse a change of something else.
            if changed.intersection(names):
                self._check(prefix, cleaned)
        return cleaned

    def _check(self, prefix: str, cleaned: Mapping[str, Any]) -> None:
        country = str(cleaned.get(f"{prefix}country") or "")
        if not country:
            return
        rules = format_of(country)
        region, postcode = cleaned.get(f"{prefix}region"), cleaned.get(f"{prefix}postcode")
        if region and not rules.is_region(region):
            self._refuse(f"{prefix}region", _("There is no such region in this country."))
        if postcode and not rules.is_postcode(postcode):
            message = _("No postal code in this country looks like that. One is %(example)s.")
            self._refuse(f"{prefix}postcode", message, example=rules.postcode_example)
        if cleaned.get(f"{prefix}street"):
            for name in rules.order:
                if name in rules.needed and cleaned.get(f"{prefix}{name}") == "":
                    self._refuse(f"{prefix}{name}", _("An address in this country needs this."))

    def _refuse(self, name: str, message: Any, **facts: str) -> None:
        self.add_error(name, ValidationError(message, code="address", params=facts))

    def _rules(self, prefix: str) -> AddressFormat:
        return format_of(str(self[f"{prefix}country"].value() or "")[:2])

    def _lines(self, prefix: str) -> list[forms.BoundField]:
        rules = self._rules(prefix)
        # A line that the country does not use is shown where something stands in it.
        others = [name for name in ("city", "region", "postcode") if name not in rules.order]
        kept = [name for name in others if self[f"{prefix}{name}"].value()]
        return [self[f"{prefix}{name}"] for name in (*rules.order, *kept)]


class PersonalInformationForm(AddressForm):
    """All a customer tells us, each piece with the reason why we ask (DATA-1)."""

    name = _line(_("Name"), 200, "name", help_text=_("To address you and to bill you."))
    company = _line(
        _("Company"),
        200,
        "organization",
        required=False,
        help_text=_("Stands on your bills, if you are a customer as a company. Kept encrypted."),
    )
    telephone = _line(
        _("Telephone"),
        LONGEST_TELEPHONE,
        "tel",
        # Some numbers of telephones would pass for one of a card.
        also=(),
        required=False,
        help_text=_("To reach you when your service is in trouble. Kept encrypted."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("We write to you in it."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        widget=LongSelect(time_zone_choices),
        help_text=_("We show times as your clock does."),
    )
    field_order = ("name", "company", "telephone", *AddressForm.field_order)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(
        self, *args: Any, collected: Mapping[str, Collected] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._collected = collected or {}
        self._say_since_when(self._collected)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("telephone"):
            number = _dialable(cleaned["telephone"], str(cleaned.get("country") or ""))
            if number:
                cleaned["telephone"] = number
            else:
                self.add_error("telephone", ValidationError(NOT_DIALABLE, code="telephone"))
        return cleaned

    @property
    def email_since(self) -> str:
        """Since when the address is known that is shown beside the fields."""
        known = self._collected.get("email")
        return _since(known) if known else ""

    @property
    def details(self) -> PersonalDetails:
        """What was typed, checked."""
        typed = {name: str(value or "") for name, value in self.cleaned_data.items()}
        return PersonalDetails(
            **{name: typed[name] for name in PersonalDetails.__dataclass_fields__}
        )

    def _say_since_when(self, collected: Mapping[str, Collected]) -> None:
        """Add to each reason since when the piece is known, and under which policy."""
        of_addresses = {
            f"{prefix}street": [collected[name] for name in names if name in collected]
            for prefix, names in ADDRESSES.items()
        }
        for name, field in self.fields.items():
            known = of_addresses.get(name) or [collected[name]] if name in collected else []
            if field.help_text and known and self.initial.get(name):
                latest = max(known, key=lambda each: each.at)
                field.help_text = format_lazy("{} {}", field.help_text, _since(latest))


def _since(known: Collected) -> str:
    day = date_format(timezone.localtime(known.at), "DATE_FORMAT")
    if known.policy_number is None:
        return _t("Known since %(day)s.") % {"day": day}
    facts = {"day": day, "number": known.policy_number}
    return _t("Collected %(day)s under version %(number)s of our privacy policy.") % facts


class ClaimForm(forms.Form):
    """Customer number and code, as they stand in the letter."""

    number = _line(_("Customer number"), 40, "off", help_text=_("Like BZ-2345ABCD."))
    code = _line(
        _("Code"), 60, "one-time-code", help_text=_("Capital letters or small ones, as you like.")
    )


class CloseAccountForm(forms.Form):
    """The customer's own number, typed, so that nobody closes an account by a slip."""

    number = _line(
        _("Your customer number"),
        40,
        "off",
        help_text=_("Type it, to show that you mean it."),
        error_messages={"required": _("Type your customer number to close the account.")},
    )

    def __init__(self, number: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._number = number

    def clean_number(self) -> str:
        typed: str = self.cleaned_data["number"]
        if typed.strip().upper() != self._number:
            raise ValidationError(
                _("This is not your customer number, which is %(number)s."),
                code="number",
                params={"number": self._number},
            )
        return typed


def _dialable(typed: str, country: str) -> str:
    """Return a number as one dials it from anywhere, or nothing if it cannot be one."""
    try:
        number = phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    # An extension is written out, so a number may grow beyond what the field takes back.
    return written if len(written) <= LONGEST_TELEPHONE else ""
