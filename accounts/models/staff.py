"""What staff promise, and the trace they leave when they look at a customer's record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import confidentiality
from accounts.actors import Channel
from accounts.models.customers import Customer
from accounts.models.ledgers import CustomerRow
from accounts.models.users import User
from accounts.roles import Role
from bizsecure.core.ledger import AppendOnlyRow, ledger_constraints

# The ways by which a customer asks us to do something for them.
ASKED_BY = (Channel.PHONE, Channel.MAIL, Channel.LETTER, Channel.VISIT)
# For so long a record stays open to whoever gave a reason.
LOOK_LASTS = timedelta(minutes=30)


class ConfidentialityTerms(AppendOnlyRow):
    """A version of the terms staff accept, as it was posted."""

    number = models.PositiveIntegerField(unique=True)
    words = models.TextField()
    words_hash = models.CharField(max_length=64)
    posted_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "confidentiality terms"

    def __str__(self) -> str:
        return f"version {self.number}"


class AcceptanceQuerySet(models.QuerySet["ConfidentialityAcceptance"]):
    """Questions about who accepted the terms."""

    def standing(self, staff: User, now: datetime) -> Self:
        """This person's acceptances of the newest terms that are not too old."""
        return self.filter(
            user=staff,
            terms__number=confidentiality.NEWEST,
            accepted_at__gt=confidentiality.accepted_since(now),
        )


class ConfidentialityAcceptance(AppendOnlyRow):
    """That a member of staff accepted the terms. It counts for a year."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    terms = models.ForeignKey(ConfidentialityTerms, on_delete=models.PROTECT, related_name="+")
    words_hash = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()

    objects = AcceptanceQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-accepted_at"], name="confidentiality_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.terms_id} accepted {self.accepted_at:%Y-%m-%d}"


class StaffAccessQuerySet(models.QuerySet["StaffAccess"]):
    """Questions about who looked at whose record."""

    def standing(self, staff: User, customer: Customer, now: datetime) -> Self:
        """Openings of this record by this person that still last."""
        return self.filter(
            actor_user=staff,
            customer=customer,
            way=StaffAccess.Way.OPENED,
            recorded_at__gt=now - LOOK_LASTS,
        )

    def visible_to(self, customer: Customer) -> Self:
        """What a customer sees of who looked at their record."""
        return self.filter(customer=customer)


class StaffAccess(CustomerRow):
    """That a member of staff looked at a customer's record: in which role, and why (SEC-2).

    Written before anything of the record shows. The customer reads role, reason, words and case
    number, so none of them holds more than the customer may know.
    """

    class Way(models.TextChoices):
        OPENED = "opened", _("opened on a page")
        EXPORTED = "exported", _("exported to a file")
        COMPARED = "compared", _("compared with a file")

    class Reason(models.TextChoices):
        QUESTION = "question", _("to answer a question or complaint")
        REQUEST = "request", _("to carry out a request")
        PAYMENT = "payment", _("to settle an invoice or a payment")
        FAULT = "fault", _("to find or repair a fault of a service")
        SECURITY = "security", _("to look into misuse or a danger to the account")
        LAW = "law", _("to meet a duty under the law")
        QUALITY = "quality", _("to check that our records are right")
        OTHER = "other", _("for another reason")

    hashed = (
        "way",
        "role",
        "reason",
        "words",
        "case_number",
        "actor_kind",
        "actor_user_id",
        "recorded_at",
    )

    way = models.CharField(_("way"), max_length=16, choices=Way.choices, default=Way.OPENED)
    role = models.CharField(_("role"), max_length=32, choices=Role.choices)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    words = models.CharField(_("in words"), max_length=200, blank=True)
    case_number = models.CharField(_("case number"), max_length=40, blank=True)

    objects = StaffAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("look of our staff")
        verbose_name_plural = _("looks of our staff")
        permissions = [
            ("open_record", "May open a customer's record, with a reason"),
            ("change_details", "May change personal information for a customer who asked"),
            ("record_decision", "May record what a customer decided"),
            ("suspend_account", "May suspend an account and reinstate it"),
            ("close_account", "May close an account for a customer who asked"),
            ("send_letters", "May write letters about what was done for customers"),
            ("remove_factor", "May ask for, or agree to, removing a second factor"),
            ("export_customers", "May export customers"),
            ("import_customers", "May import customers"),
            ("give_roles", "May give roles to staff"),
        ]
        constraints = [
            *ledger_constraints("staff_access"),
            models.CheckConstraint(
                condition=Q(actor_kind="staff", actor_user__isnull=False),
                name="staff_access_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(words="") | ~Q(case_number=""), name="staff_access_explained"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-recorded_at", "-id"], name="staff_access_newest"),
            models.Index(fields=["actor_user", "recorded_at"], name="staff_access_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.recorded_at:%Y-%m-%d}"


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Questions about what customers asked our staff to do."""

    def to_be_told_by_letter(self) -> Self:
        """Requests of customers whom no mail reaches, and who got no letter about it yet."""
        return self.filter(
            customer__user__isnull=True,
            customer__email_verified_at__isnull=True,
            letter__isnull=True,
        ).exclude(customer__status=Customer.Status.CLOSED)


class Mandate(CustomerRow):
    """What a customer asked our staff to do for them: how, on which day, and where it is kept.

    Whatever staff change in a customer's place refers to one (OPT-4); the database takes neither
    a yes nor a change of personal information from them without it.
    """

    class Matter(models.TextChoices):
        DETAILS = "details", _("change of personal information")
        DECISION = "decision", _("decision about a use of information")
        FACTOR = "factor", _("removal of the second factor")
        CLOSING = "closing", _("closing of the account")
        KEEPING = "keeping", _("keeping the account after all")

    hashed = (
        *("matter", "channel", "asked_on", "reference"),
        *("actor_kind", "actor_user_id", "recorded_at"),
    )

    matter = models.CharField(_("matter"), max_length=16, choices=Matter.choices)
    channel = models.CharField(_("asked"), max_length=16, choices=Channel.choices)
    asked_on = models.DateField(_("on"))
    reference = models.CharField(_("reference"), max_length=80)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("request of a customer")
        verbose_name_plural = _("requests of customers")
        constraints = [
            *ledger_constraints("mandate"),
            models.CheckConstraint(
                condition=Q(actor_kind="staff", actor_user__isnull=False),
                name="mandate_taken_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="mandate_can_be_found"),
        ]
        indexes = [
            models.Index(fields=["customer", "-recorded_at", "-id"], name="mandate_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.matter} {self.asked_on:%Y-%m-%d}"


class MandateLetter(AppendOnlyRow):
    """That a customer whom no mail reaches was told by letter what our staff did for them."""

    mandate = models.OneToOneField(Mandate, on_delete=models.PROTECT, related_name="letter")
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        verbose_name = _("letter about a request")
        verbose_name_plural = _("letters about requests")

    def __str__(self) -> str:
        return f"{self.mandate_id} {self.sent_at:%Y-%m-%d}"


class FactorRemovalQuerySet(models.QuerySet["FactorRemoval"]):
    """Questions about removals of second factors."""

    def waiting(self) -> Self:
        """Those that a second member of staff has not decided."""
        return self.filter(decided_at__isnull=True)


class FactorRemoval(models.Model):
    """That a customer's second factor be removed: asked by one of our staff, decided by another.

    The database holds them to be two. Decided once, it never changes.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="factor_removals")
    mandate = models.OneToOneField(Mandate, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    is_agreed = models.BooleanField(_("agreed"), null=True)

    objects = FactorRemovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("removal of a second factor")
        verbose_name_plural = _("removals of second factors")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(decided_at__isnull=True),
                name="factor_removal_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by__isnull=True, decided_at__isnull=True, is_agreed__isnull=True
                )
                | (
                    Q(
                        decided_by__isnull=False,
                        decided_at__isnull=False,
                        is_agreed__isnull=False,
                    )
                    & ~Q(decided_by=F("asked_by"))
                ),
                name="factor_removal_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.asked_at:%Y-%m-%d}"
