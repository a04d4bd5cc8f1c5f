"""Decisions about conduct, what became of them, and objections. Rows are only ever added."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, CustomerRow, User
from accounts.models.customers import NUMBER_ALPHABET, NUMBER_LENGTH
from bizsecure.conduct.grounds import LASTING, Ground, Step
from bizsecure.core.ledger import AppendOnlyRow, ledger_constraints
from bizsecure.store.models import HeldService
from consent.models import PolicyVersion
from notifications.models import Case

# What the values of each column are sealed for, under the customer's own key.
MATTER, EVIDENCE = "conduct_decision.matter", "conduct_decision.evidence"
WORDS = "conduct_review.words"


def new_decision_number() -> str:
    """Return a number that tells nothing, not even how many decisions there are."""
    return "D-" + "".join(secrets.choice(NUMBER_ALPHABET) for _each in range(NUMBER_LENGTH))


class DecisionQuerySet(models.QuerySet[Any]):
    """Questions about decisions."""

    def visible_to(self, customer: Customer) -> Self:
        """What was decided about this customer, the newest first."""
        rows = self.filter(customer=customer).select_related("policy", "service")
        return rows.order_by("-sequence")

    def standing(self) -> Self:
        """Decisions that were neither lifted nor are over."""
        over = Review.objects.filter(decision=OuterRef("pk"), kind__in=Review.ENDING)
        return self.filter(~Exists(over))

    def in_effect(self) -> Self:
        """Those of them that keep something from working."""
        return self.standing().filter(step__in=LASTING)

    def due(self, now: datetime) -> Self:
        """Standing decisions whose time is over, the oldest first."""
        return self.standing().filter(ends_at__lte=now).order_by("ends_at", "pk")

    def of_whom_no_mail_reaches(self) -> Self:
        """Decisions about customers whom we write letters: neither a sign-in nor a proven address.

        Whose account was erased is told nothing more: neither name nor address is left.
        """
        return self.filter(
            customer__user__isnull=True, customer__email_verified_at__isnull=True
        ).exclude(customer__status=Customer.Status.CLOSED)

    def to_be_told_by_letter(self) -> Self:
        """Those of them which no letter has told, or not of what became of them."""
        told = DecisionLetter.objects.filter(decision=OuterRef("pk"), review__isnull=True)
        untold = Review.objects.filter(decision=OuterRef("pk"), letter__isnull=True)
        return self.of_whom_no_mail_reaches().filter(~Exists(told) | Exists(untold))

    def objected_to(self) -> Self:
        """Standing decisions with an objection that nobody has answered by looking again."""
        return self.standing().filter(objection__isnull=False, reviews__isnull=True)


class Decision(CustomerRow):
    """What a member of staff did about a communication or a service, and on which ground.

    `policy` is the version that was in force on the day on which it happened. What it is about
    and what it rests on are sealed under the customer's own key.
    """

    hashed = (
        *("uid", "number", "step", "ground", "policy_id", "section", "service_id"),
        *("happened_on", "ends_at", "matter", "evidence"),
        *("actor_kind", "actor_user_id", "recorded_at"),
    )

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=16, default=new_decision_number, unique=True)
    step = models.CharField(_("step"), max_length=16, choices=Step.choices)
    ground = models.CharField(_("ground"), max_length=16, choices=Ground.choices)
    policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("policy")
    )
    # Its number in that version, such as 3.
    section = models.CharField(_("section"), max_length=16)
    service = models.ForeignKey(
        HeldService, null=True, on_delete=models.PROTECT, related_name="decisions"
    )
    happened_on = models.DateField(_("happened on"))
    # Empty: until it is lifted, or done once and for all.
    ends_at = models.DateTimeField(_("until"), null=True)
    matter = models.BinaryField(null=True, editable=False)
    evidence = models.BinaryField(null=True, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about conduct")
        verbose_name_plural = _("decisions about conduct")
        permissions = [
            ("take_decision", "Can act on the grounds of the acceptable use policy"),
            ("review_decision", "Can look again at decisions about conduct, and lift them"),
        ]
        constraints = [
            *ledger_constraints("decision"),
            models.CheckConstraint(
                condition=Q(step__in=Step.values, ground__in=Ground.values, section__gt=""),
                name="decision_from_the_closed_lists",
            ),
            models.CheckConstraint(
                condition=Q(actor_kind="staff", actor_user__isnull=False),
                name="decision_by_a_member_of_staff",
            ),
            models.CheckConstraint(
                condition=Q(step="suspended", service__isnull=False)
                | (~Q(step="suspended") & Q(service__isnull=True)),
                name="decision_suspends_a_service",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(step__in=["blocked", "suspended"], ends_at__gt=F("recorded_at")),
                name="decision_lasts_until_a_later_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], name="decision_ends", condition=Q(ends_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("decision", args=[self.number])


class Review(CustomerRow):
    """That somebody looked at a decision again, or that its time is over."""

    class Kind(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        LIFTED = "lifted", _("Lifted")
        ENDED = "ended", _("Over")

    # After which the decision stands no more.
    ENDING = (Kind.LIFTED, Kind.ENDED)

    hashed = (
        *("decision_id", "kind", "words"),
        *("actor_kind", "actor_user_id", "recorded_at"),
    )

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(_("outcome"), max_length=16, choices=Kind.choices)
    # What the customer is told about it.
    words = models.BinaryField(null=True, editable=False)

    class Meta:
        constraints = [
            *ledger_constraints("review"),
            models.UniqueConstraint(
                fields=["decision"],
                condition=Q(kind__in=["lifted", "ended"]),
                name="review_ends_a_decision_once",
            ),
            models.UniqueConstraint(
                fields=["decision"], condition=Q(kind="upheld"), name="review_upholds_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="ended", actor_kind="system")
                | Q(kind__in=["upheld", "lifted"], actor_kind="staff", actor_user__isnull=False),
                name="review_by_staff_or_by_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.kind}"


class DecisionLetter(AppendOnlyRow):
    """That a letter told of a decision, or of what became of it, whom no mail reaches."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="letters")
    review = models.OneToOneField(
        Review, null=True, on_delete=models.PROTECT, related_name="letter"
    )
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision"],
                condition=Q(review__isnull=True),
                name="decision_letter_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.sent_at:%Y-%m-%d}"


class Objection(AppendOnlyRow):
    """That the customer objects to a decision. What was written is the case's."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="objection")
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="objection")
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.decision_id} {self.case_id}"
