"""What customers hold: the services their orders brought them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from bizsecure.store.models.catalogue import Kind, Product
from bizsecure.store.models.orders import OrderLine
from bizsecure.store.pricing import Period
from bizsecure.store.states import RUNNING_SERVICES, ServiceState


class HeldServiceQuerySet(models.QuerySet[Any]):
    """Questions about services held."""

    def visible_to(self, customer: Customer) -> Self:
        return self.filter(customer=customer)

    def running(self) -> Self:
        """Services that have not ended, whether they work yet or not."""
        return self.filter(state__in=RUNNING_SERVICES)

    def waiting(self) -> Self:
        """Services that were paid for and do not work yet."""
        return self.filter(state=ServiceState.ORDERED)

    def delivered_by_partners(self) -> Self:
        return self.exclude(delivered_by="")

    def to_hand_over(self, now: datetime) -> Self:
        """Services a partner is to be asked for, new or prolonged, whose time has come."""
        return (
            self.running()
            .delivered_by_partners()
            .filter(handed_over_at__isnull=True, due_at__lte=now)
            .order_by("due_at", "pk")
        )

    def stuck(self) -> Self:
        """Services whose partner has not taken the order although it was asked: for staff."""
        return self.running().filter(handed_over_at__isnull=True, attempts__gt=0)


class HeldService(models.Model):
    """One thing a customer holds, from the moment its order is paid.

    It moves as states.SERVICE_MOVES says, each time with a row in the log of orders. One that
    a partner delivers stays ordered until the partner has taken the order.
    """

    class CancelReason(models.TextChoices):
        NOT_NEEDED = "not-needed", _("I do not need it any more")
        TOO_EXPENSIVE = "too-expensive", _("It costs too much")
        UNHAPPY = "unhappy", _("I am not happy with it")
        ELSEWHERE = "elsewhere", _("I go to another provider")
        UNSAID = "unsaid", _("I would rather not say")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="services")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="services")
    # Which of the line's quantity this one is, from 1.
    unit = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("service"), max_length=100)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    period = models.CharField(_("for each"), max_length=8, choices=Period.choices)
    delivered_by = models.CharField(_("delivered by"), max_length=100, blank=True)
    # The site it serves or the name it registers, once the customer has said so.
    site = models.CharField(_("site"), max_length=253, blank=True)
    state = models.CharField(
        _("status"), max_length=16, choices=ServiceState.choices, default=ServiceState.ORDERED
    )
    ordered_at = models.DateTimeField(_("ordered"))
    activated_at = models.DateTimeField(_("active since"), null=True)
    # Until when it is paid; none for what is bought once.
    paid_until = models.DateTimeField(_("paid until"), null=True)
    # The end that the customer was reminded of.
    reminded_of = models.DateTimeField(null=True)
    # Since when a decision of our staff keeps it from working. Paying does not lift that.
    withheld_at = models.DateTimeField(_("withheld"), null=True)
    # When the customer's cancellation takes effect.
    cancels_at = models.DateTimeField(_("ends"), null=True)
    cancel_reason = models.CharField(max_length=16, choices=CancelReason.choices, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    # The hand-over to a partner: when to try, how often it was tried, what came back.
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_failure = models.CharField(max_length=60, blank=True)
    handed_over_at = models.DateTimeField(null=True)
    partner_reference = models.CharField(max_length=120, blank=True)

    objects = HeldServiceQuerySet.as_manager()

    class Meta:
        ordering = ("ordered_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["line", "unit"], name="held_service_once"),
            models.CheckConstraint(
                condition=Q(state__in=ServiceState.values), name="held_service_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="held_service_ended_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ordered", "ended"]) | Q(activated_at__isnull=False),
                name="held_service_active_since",
            ),
            models.CheckConstraint(
                condition=Q(cancels_at__isnull=True, cancel_reason="")
                | (Q(cancels_at__isnull=False) & ~Q(cancel_reason="")),
                name="held_service_cancelled_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "state"], name="held_service_of_customer"),
            models.Index(fields=["paid_until"], name="held_service_paid_until"),
            models.Index(fields=["due_at"], name="held_service_due"),
        ]

    def __str__(self) -> str:
        return f"service {self.uid}"

    def get_absolute_url(self) -> str:
        return reverse("service", args=[self.uid])

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING_SERVICES
