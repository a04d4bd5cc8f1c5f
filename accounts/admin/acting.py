"""What staff do for a customer from the record, each thing on a page of its own (OPT-4)."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.admin.asking import AskedForm, StaffForm
from accounts.admin.looking import LookingPages
from accounts.admin.record import StaffRequest
from accounts.event_kinds import Grievance
from accounts.forms import ADDRESS_ORDER, PersonalInformationForm
from accounts.models import Customer
from accounts.services.acting import CHANGE_DETAILS, change_details_for
from accounts.services.personal import PersonalDetails, personal_details
from accounts.services.suspending import SUSPEND, reinstate_account, suspend_account
from accounts.validators import plain_line
from bizsecure.core.admin import sent

REQUEST = ("channel", "asked_on", "reference")
PERSON = ("name", "company", "email", "telephone", "language", "time_zone")
BILLING = ADDRESS_ORDER
POSTAL = ("postal_same", *(f"postal_{name}" for name in ADDRESS_ORDER))


class DetailsForm(AskedForm, PersonalInformationForm):
    """Personal information as the customer edits it, and the request to change it.

    The mail address is there for customers without a sign-in alone.
    """

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("It counts as proven again once the customer has proven it."),
    )

    def __init__(self, *args: Any, has_sign_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_sign_in:
            del self.fields["email"]
        for name in {*PERSON, *POSTAL, *BILLING} & self.fields.keys() - {"email"}:
            # Why a piece is asked for is said to the customer there, and to nobody here.
            self.fields[name].help_text = ""

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields as they belong together, each group with its title."""
        titled = (
            (gettext_lazy("The request"), REQUEST),
            (gettext_lazy("The customer"), PERSON),
            (gettext_lazy("Billing address"), BILLING),
            (gettext_lazy("Postal address"), POSTAL),
        )
        return [
            (title, [self[name] for name in names if name in self.fields])
            for title, names in titled
        ]

    @property
    def details(self) -> PersonalDetails:
        """What was typed of the person, without what was typed of the request."""
        names = [field.name for field in fields(PersonalDetails)]
        return PersonalDetails(**{name: str(self.cleaned_data[name] or "") for name in names})

    @property
    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        email = self.cleaned_data.get("email") if "email" in self.fields else None
        return {
            "details": self.details,
            "email": email,
            "revision": self.cleaned_data["revision"],
            "asked": self.asked,
        }


class StandingForm(StaffForm):
    """Why an account is suspended or reinstated."""

    grievance = forms.ChoiceField(
        label=gettext_lazy("Because"),
        choices=[("", gettext_lazy("Choose a reason")), *Grievance.choices],
        help_text=gettext_lazy("The customer is told."),
    )
    case_number = forms.CharField(
        label=gettext_lazy("Number of the case"), max_length=40, validators=[plain_line]
    )


class ActingPages(LookingPages):
    """The pages behind the buttons of a record."""

    def get_urls(self) -> list[Any]:
        """Add the pages of acting to those of the rows."""
        view = self.admin_site.admin_view
        acting = [
            path("<int:object_id>/details/", view(self.details), name="accounts_customer_details"),
            path(
                "<int:object_id>/standing/",
                view(self.standing_page),
                name="accounts_customer_standing",
            ),
        ]
        return [*acting, *super().get_urls()]

    def details(self, request: StaffRequest, object_id: int) -> HttpResponse:
        """Change what a customer asked us to change."""
        customer = self.for_acting(request, object_id, CHANGE_DETAILS)
        if closed := self.door(request, customer):
            return closed
        known = personal_details(customer)
        form = DetailsForm(
            sent(request),
            initial={
                **asdict(known),
                "email": customer.email,
                "revision": customer.revision,
            },
            has_sign_in=customer.user_id is not None,
        )
        actor = Actor.staff(request.user)
        return self.ask(
            request,
            "admin/accounts/details.html",
            form,
            change=lambda: change_details_for(customer=customer, actor=actor, **form.facts),
            then=record_of(customer),
            said=_("Saved. The customer is told what was changed."),
            context={"title": _("Change what we know"), **about(customer)},
        )

    def standing_page(self, request: StaffRequest, object_id: int) -> HttpResponse:
        """Suspend an account, or put it back in good standing."""
        customer = self.for_acting(request, object_id, SUSPEND)
        if closed := self.door(request, customer):
            return closed
        suspended = customer.status == Customer.Status.SUSPENDED
        form = StandingForm(sent(request))
        if suspended:
            del form.fields["grievance"]
        actor = Actor.staff(request.user)

        def change() -> None:
            move(customer, form.cleaned_data, actor)

        return self.ask(
            request,
            "admin/accounts/standing.html",
            form,
            change=change,
            then=record_of(customer),
            said=_("The account is in good standing again.") if suspended else _("Suspended."),
            context={
                "title": _("Reinstate the account") if suspended else _("Suspend the account"),
                "suspended": suspended,
                **about(customer),
            },
        )

    def for_acting(self, request: HttpRequest, object_id: int, right: str) -> Customer:
        """Return the customer, to somebody with the right to act for them."""
        customer: Customer = self.found(request, object_id)
        if not request.user.has_perm(right) or not self.has_view_permission(request, customer):
            raise PermissionDenied
        return customer


def move(customer: Customer, typed: dict[str, Any], actor: Actor) -> None:
    """Suspend or reinstate, as the page that was shown said."""
    case = typed["case_number"]
    if "grievance" in typed:
        grievance = Grievance(typed["grievance"])
        suspend_account(customer=customer, grievance=grievance, case_number=case, actor=actor)
    else:
        reinstate_account(customer=customer, case_number=case, actor=actor)


def record_of(customer: Customer) -> str:
    """Return the address of a customer's record."""
    return reverse("admin:accounts_customer_change", args=[customer.pk])


def about(customer: Customer) -> dict[str, Any]:
    """Return what each page about one customer shows of them, and the way back."""
    return {"customer": customer, "back": record_of(customer)}
