"""Attempts to pay for an order, and the invoices of those that succeeded."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from moneyed import Money

from bizsecure.core.ledger import AppendOnlyRow
from bizsecure.store.gateways.interface import LONGEST_URL, Decline
from bizsecure.store.models.orders import Order
from bizsecure.store.states import FAILED_PAYMENTS, UNKNOWN_PAYMENTS, PaymentState
from bizsecure.vault.cards import Brand


class PaymentQuerySet(models.QuerySet[Any]):
    """Questions about payments."""

    def live(self) -> Self:
        """Payments that have not come to nothing; of each order there is at most one."""
        return self.exclude(state__in=FAILED_PAYMENTS)

    def unknown(self) -> Self:
        """Payments whose outcome only the gateway knows: to be asked again, never charged anew."""
        return self.filter(state__in=UNKNOWN_PAYMENTS)


class Payment(models.Model):
    """One attempt to pay for an order.

    The row is written before the gateway is called, and its `key` goes with every call, so that
    asking again is never paying again. An order has at most one payment that has not failed.
    Of the card it knows brand and last four digits alone.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    # Which attempt of this order it is, from 1.
    attempt = models.PositiveSmallIntegerField()
    state = models.CharField(
        _("status"), max_length=16, choices=PaymentState.choices, default=PaymentState.ASKED
    )
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    # Which gateway it goes through, and what the gateway calls it.
    gateway = models.CharField(max_length=32)
    reference = models.CharField(max_length=120, blank=True)
    # What the gateway calls the collecting of the money, which paying back refers to.
    capture_reference = models.CharField(max_length=120, null=True)  # noqa: DJ001  empty until then
    # The card's uid in the vault; none where the card is typed on the provider's page.
    card = models.UUIDField(null=True)
    # Where the customer confirms it, or types the card, while it is challenged.
    challenge_url = models.URLField(max_length=LONGEST_URL, blank=True)
    # The name of a member of gateways.interface.Decline.
    decline_reason = models.CharField(max_length=40, blank=True)
    card_brand = models.CharField(max_length=20, blank=True)
    card_last_four = models.CharField(max_length=4, blank=True)
    asked_at = models.DateTimeField()
    # When it last moved, and when it is to be looked at again.
    moved_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ("order", "attempt")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PaymentState.values), name="payment_in_a_known_state"
            ),
            models.UniqueConstraint(fields=["order", "attempt"], name="payment_attempt_once"),
            # Money is collected at most once for an order, whatever code runs.
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(state__in=["declined", "voided"]),
                name="payment_one_live_an_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["captured", "refunding", "refunded"], captured_at__isnull=False
                )
                | (
                    ~Q(state__in=["captured", "refunding", "refunded"])
                    & Q(captured_at__isnull=True)
                ),
                name="payment_captured_when",
            ),
            models.CheckConstraint(
                condition=Q(state="refunded", refunded_at__isnull=False)
                | (~Q(state="refunded") & Q(refunded_at__isnull=True)),
                name="payment_refunded_when",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_above_zero"),
        ]
        indexes = [models.Index(fields=["due_at"], name="payment_due")]

    def __str__(self) -> str:
        return f"payment {self.uid}"

    @property
    def key(self) -> str:
        """The idempotency key of this attempt."""
        return str(self.uid)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def is_typed_elsewhere(self) -> bool:
        """Whether the customer pays on the provider's own page."""
        return self.card is None

    @property
    def can_be_called_off(self) -> bool:
        """Whether it waits for the customer, who may think better of it."""
        return self.state == PaymentState.CHALLENGED

    @property
    def card_label(self) -> str:
        """The card it was paid with, as its customer tells it from others."""
        if not self.card_last_four:
            return ""
        brand = Brand(self.card_brand).label if self.card_brand in Brand.values else self.card_brand
        words = _("%(brand)s ending in %(digits)s")
        return str(words % {"brand": brand, "digits": self.card_last_four})

    @property
    def decline_sentence(self) -> str:
        """Why it was declined, in words."""
        reason = Decline.__members__.get(self.decline_reason, Decline.REFUSED)
        return str(reason.value)


class InvoiceCounter(models.Model):
    """The last number that was given to an invoice: one row, held while a number is taken."""

    last_number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last_number)


class Invoice(AppendOnlyRow):
    """The invoice of a paid order, or the credit note of one that was paid back.

    Numbers follow each other without a gap. Lines, amounts and address are those of the order,
    which are frozen; what could change otherwise, such as our own address, stands here.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT = "credit", _("Credit note")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    number = models.PositiveIntegerField(unique=True)
    issued_at = models.DateTimeField()
    seller = models.TextField()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="invoice_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="invoice_numbered"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The number as it is printed."""
        return f"BZ-{self.number:06d}"
