"""What staff write when they take a decision about conduct, or look at one again."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import StaffForm
from accounts.models import Customer
from accounts.validators import no_card_number
from bizsecure.conduct.grounds import Ground, Step
from bizsecure.conduct.services.deciding import Act
from bizsecure.store.models import HeldService
from bizsecure.store.services.withholding import WORKING
from consent.calendar import policy_zone

LONGEST = 4_000
THE_CUSTOMER_READS_IT = _(
    "The customer reads it. Leave out who complained: nobody learns from us who did."
)


def _text(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        validators=[no_card_number],
        widget=forms.Textarea(attrs={"rows": 5}),
        **options,
    )


class ActForm(StaffForm):
    """What is done, on which ground, how long, and what it rests on."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    step = forms.ChoiceField(
        label=_("What is done"), choices=[("", _("Choose the mildest step")), *Step.choices]
    )
    ground = forms.ChoiceField(
        label=_("Because of"),
        choices=[("", _("Choose a ground")), *Ground.choices],
        help_text=_("Our acceptable use policy has these grounds and no other."),
    )
    happened_on = forms.DateField(
        label=_("It happened on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    service = forms.ModelChoiceField(
        label=_("Service"),
        queryset=HeldService.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("To suspend one, say which."),
    )
    last_day = forms.DateField(
        label=_("Lasts until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until it is lifted. What is reviewed or deleted has no end."),
    )
    matter = _text(_("What it is about"), help_text=THE_CUSTOMER_READS_IT)
    evidence = _text(_("What it rests on"), help_text=THE_CUSTOMER_READS_IT)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"key": uuid4(), "happened_on": timezone.localdate(), **self.initial}
        services: Any = self.fields["service"]
        services.queryset = HeldService.objects.filter(customer=customer, state__in=WORKING)
        services.label_from_instance = lambda service: f"{service.name} {service.site}".strip()

    @property
    def act(self) -> Act:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        last_day = typed["last_day"]
        return Act(
            key=typed["key"],
            step=Step(typed["step"]),
            ground=Ground(typed["ground"]),
            happened_on=typed["happened_on"],
            matter=typed["matter"],
            evidence=typed["evidence"],
            service=typed["service"],
            ends_at=datetime.combine(last_day, time.max, policy_zone()) if last_day else None,
        )


class ReviewForm(StaffForm):
    """Why a decision is lifted, or upheld."""

    words = _text(_("Why"), help_text=_("The customer reads it."))
