"""Whom a message to many may be for: a closed list of questions, each a query over customers.

An audience is never a list somebody keeps: it is asked anew when it is counted and when the
message is sent. Rooms above add what they know when they start (`AppConfig.ready`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.models import Address, Customer, CustomerQuerySet, StaffAccess
from consent.calendar import policy_zone
from consent.models import Disclosure, Recipient

MOST_NUMBERS = 5_000
NUMBER = re.compile(r"[A-Z0-9-]+")

EVERYONE = "everyone"


@dataclass(frozen=True)
class Audience:
    """A question about customers. `facts` are the form fields it needs an answer of."""

    key: str
    label: Any
    customers: Callable[[Mapping[str, Any]], CustomerQuerySet]
    facts: Callable[[], Mapping[str, forms.Field]] = dict


class UnknownAudience(Exception):
    """An audience that nobody declared."""


_audiences: dict[str, Audience] = {}


def register(audience: Audience) -> None:
    """Enter an audience into the list; called while the rooms start."""
    _audiences[audience.key] = audience


def audiences() -> tuple[Audience, ...]:
    """Return all audiences."""
    return tuple(_audiences.values())


def customers_of(key: str, facts: Mapping[str, Any]) -> CustomerQuerySet:
    """Return the customers of an audience whose account is not closed."""
    if key not in _audiences:
        raise UnknownAudience(key)
    return _audiences[key].customers(facts)


def _everyone(facts: Mapping[str, Any]) -> CustomerQuerySet:
    return Customer.objects.served()


def _living_in(facts: Mapping[str, Any]) -> CustomerQuerySet:
    there = Address.objects.filter(customer=OuterRef("pk"), country=facts["country"])
    return Customer.objects.served().filter(Exists(there))


def _joined_between(facts: Mapping[str, Any]) -> CustomerQuerySet:
    first, last = (date.fromisoformat(facts[name]) for name in ("joined_from", "joined_to"))
    return Customer.objects.served().filter(
        joined_at__gte=_start(first), joined_at__lt=_start(last + timedelta(days=1))
    )


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=policy_zone())


def _given_to(facts: Mapping[str, Any]) -> CustomerQuerySet:
    given = Disclosure.objects.filter(
        customer=OuterRef("pk"), recipient__key=facts["recipient"], kind=Disclosure.Kind.GIVEN
    )
    return Customer.objects.served().filter(Exists(given))


def _looked_at(facts: Mapping[str, Any]) -> CustomerQuerySet:
    first, last = (date.fromisoformat(facts[name]) for name in ("looked_from", "looked_to"))
    looks = StaffAccess.objects.filter(
        customer=OuterRef("pk"),
        actor_user__email=facts["staff"].lower(),
        recorded_at__gte=_start(first),
        recorded_at__lt=_start(last + timedelta(days=1)),
    )
    return Customer.objects.served().filter(Exists(looks))


def _listed(facts: Mapping[str, Any]) -> CustomerQuerySet:
    return Customer.objects.served().filter(number__in=facts["numbers"])


class NumbersField(forms.CharField):
    """Customer numbers, one a line, each of a customer there is."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        numbers = list(dict.fromkeys(NUMBER.findall(super().clean(value).upper())))
        if len(numbers) > MOST_NUMBERS:
            raise forms.ValidationError(_("At most 5000 numbers at a time."))
        known = set(Customer.objects.filter(number__in=numbers).values_list("number", flat=True))
        unknown = [number for number in numbers if number not in known]
        if unknown:
            raise forms.ValidationError(
                _("No customer has the number %(numbers)s."),
                params={"numbers": ", ".join(unknown[:10])},
            )
        return numbers


def _country() -> Mapping[str, forms.Field]:
    return {"country": forms.ChoiceField(choices=list(countries), label=_("Country"))}


def _two_days() -> Mapping[str, forms.Field]:
    calendar = forms.DateInput(attrs={"type": "date"})
    return {
        "joined_from": forms.DateField(label=_("Joined from"), widget=calendar),
        "joined_to": forms.DateField(label=_("to"), widget=calendar),
    }


def _looks() -> Mapping[str, forms.Field]:
    calendar = forms.DateInput(attrs={"type": "date"})
    return {
        "staff": forms.EmailField(label=_("E-mail address of the member of staff")),
        "looked_from": forms.DateField(label=_("Looked from"), widget=calendar),
        "looked_to": forms.DateField(label=_("to"), widget=calendar),
    }


def _recipient() -> Mapping[str, forms.Field]:
    field = forms.ModelChoiceField(
        Recipient.objects.order_by("name"), to_field_name="key", label=_("Recipient")
    )
    return {"recipient": field}


def _numbers() -> Mapping[str, forms.Field]:
    return {"numbers": NumbersField(label=_("Customer numbers, one a line"))}


register(Audience(EVERYONE, _("Everyone"), _everyone))
register(Audience("country", _("Customers in a country"), _living_in, _country))
register(Audience("joined", _("Customers who joined between two days"), _joined_between, _two_days))
register(Audience("given-to", _("Customers of whom a recipient was given"), _given_to, _recipient))
register(
    Audience("looked-at", _("Customers whose record somebody of our staff saw"), _looked_at, _looks)
)
register(Audience("numbers", _("Exactly these customers"), _listed, _numbers))
