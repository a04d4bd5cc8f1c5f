"""What staff write into the register of disclosures. The rules are the services'."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.functional import lazystr
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import Customer
from accounts.validators import plain_line
from bizsecure.core.errors import Refused
from consent.grounds import (
    BY_STAFF,
    CONTENTS,
    FOR_CONTENTS,
    FOR_INFORMATION,
    DataField,
    LegalGround,
    Purpose,
)
from consent.models import Declaration, DisclosureOutcome, Recipient
from consent.models.entries import Telling
from consent.reasons import Reason
from consent.services.entering import Proposal, check

# At which field the sentence stands when the service refuses.
PLACES = {
    Reason.NO_PARTY: "party",
    Reason.NO_REFERENCE: "reference",
    Reason.NOTHING_NAMED: "fields_given",
    Reason.NOT_DECLARED: "fields_given",
    Reason.NEEDS_DATE: "tell_on",
    Reason.NEEDS_LAW: "barred_by",
}
HANDED_OVER = (DisclosureOutcome.Outcome.DELIVERED, DisclosureOutcome.Outcome.FAILED)


def _line(label: Any, help_text: Any = "", **more: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=label, help_text=help_text, widget=widget, validators=[plain_line], **more
    )


def _day(label: Any, help_text: Any = "", **more: Any) -> forms.DateField:
    widget = UnfoldAdminSingleDateWidget()
    return forms.DateField(label=label, help_text=help_text, widget=widget, **more)


def _choices(members: Any) -> list[tuple[str, Any]]:
    return [(member.value, lazystr(capfirst(str(member.label)))) for member in members]


def _recipients() -> list[tuple[str, str]]:
    declared = Declaration.objects.filter(ground__in=BY_STAFF).values("recipient")
    rows = Recipient.objects.filter(pk__in=declared)
    return [("", "—"), *((row.key, capfirst(row.name)) for row in rows)]


def _purposes() -> list[tuple[str, Any]]:
    declared = set(
        Declaration.objects.filter(ground__in=BY_STAFF).values_list("purpose", flat=True)
    )
    return [("", "—"), *_choices(each for each in Purpose if each in declared)]


def _fields() -> list[Any]:
    declared = set(Declaration.objects.filter(ground__in=BY_STAFF).values_list("field", flat=True))
    return [
        (
            _("Personal information"),
            _choices(each for each in DataField if each in declared - set(CONTENTS)),
        ),
        (_("Contents of communications"), _choices(CONTENTS)),
    ]


class EntryForm(forms.Form):
    """A disclosure as a member of staff proposes it."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    customer = _line(_("Customer number"), max_length=20)
    recipient = forms.ChoiceField(
        label=_("Recipient"), choices=_recipients, widget=UnfoldAdminSelectWidget
    )
    party = _line(
        _("Who exactly"),
        _("The court, office or company by its name. The customer reads it."),
        max_length=200,
    )
    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[
            (_("Personal information"), _choices(FOR_INFORMATION)),
            (_("Contents of communications"), _choices(FOR_CONTENTS)),
        ],
        widget=UnfoldAdminRadioSelectWidget,
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=_purposes, widget=UnfoldAdminSelectWidget
    )
    fields_given = forms.MultipleChoiceField(
        label=_("What is given"),
        choices=_fields,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("No more than was asked for."),
    )
    reference = _line(
        _("Document"), _("Its number and date, such as those of the order."), max_length=120
    )
    telling = forms.ChoiceField(
        label=_("The customer is told"),
        choices=_choices(Telling),
        initial=Telling.NOW.value,
        widget=UnfoldAdminRadioSelectWidget,
    )
    tell_on = _day(_("From which day"), _("If it is told from a date on."), required=False)
    barred_by = _line(
        _("Law that forbids it"),
        _("If the law forbids telling: the section, as in 18 U.S.C. 2705(b)."),
        max_length=200,
        required=False,
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid4()})

    def clean_customer(self) -> Customer:
        number = self.cleaned_data["customer"].strip().upper()
        customer = Customer.objects.filter(number=number).first()
        if customer is None:
            raise forms.ValidationError(_("There is no customer of this number."))
        return customer

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check(proposal=self.proposal(), now=timezone.now())
            except Refused as refused:
                place = PLACES.get(Reason(refused.reason.value))
                self.add_error(place, refused.sentence)
        return cleaned

    def proposal(self) -> Proposal:
        """Return what was written as the service takes it. What a choice rules out is dropped."""
        data = self.cleaned_data
        telling = Telling(data["telling"])
        return Proposal(
            key=data["key"],
            recipient=data["recipient"],
            party=data["party"],
            purpose=Purpose(data["purpose"]),
            ground=LegalGround(data["ground"]),
            fields=[DataField(name) for name in data["fields_given"]],
            reference=data["reference"],
            telling=telling,
            tell_on=data["tell_on"] if telling == Telling.DEFERRED else None,
            barred_by=data["barred_by"] if telling == Telling.BARRED else "",
        )


class RejectForm(forms.Form):
    """Why an entry is turned down."""

    why = _line(_("Why"), _("For whoever wrote it."), max_length=200)


class HandedOverForm(forms.Form):
    """How the handing over of paper went."""

    outcome = forms.ChoiceField(
        label=_("What happened"), choices=_choices(HANDED_OVER), widget=UnfoldAdminRadioSelectWidget
    )
    their_reference = _line(
        _("Their reference"),
        _("The number on their receipt, if there is one."),
        max_length=120,
        required=False,
    )


class LiftForm(forms.Form):
    """From when the customer may be told after all."""

    tell_on = _day(_("The customer may know from"))
    reference = _line(_("Document that lifts the bar"), max_length=120)
