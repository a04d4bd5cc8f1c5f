"""Orders: what a customer bought, under which terms, and everything that happened since."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from moneyed import Money

from accounts.models import Customer, CustomerRow, User
from accounts.models.customers import NUMBER_ALPHABET
from bizsecure.core.ledger import AppendOnlyRow, ledger_constraints
from bizsecure.core.sealing import SealedCharField
from bizsecure.store.models.catalogue import Kind, Price, Product
from bizsecure.store.pricing import SELLING_CURRENCY, Period
from bizsecure.store.states import SETTLED, UNPAID, OrderState
from consent.models import PolicyVersion

NUMBER_LENGTH = 10
HALF_A_CENT = Decimal("0.005")
PAID_FOR = ["paid", "in-delivery", "delivered", "refunded"]


def new_order_number() -> str:
    """Return an order number that tells nothing, not even how much is sold."""
    return "O-" + "".join(secrets.choice(NUMBER_ALPHABET) for _each in range(NUMBER_LENGTH))


class OrderQuerySet(models.QuerySet["Order"]):
    """Questions about orders."""

    def visible_to(self, customer: Customer) -> Self:
        """What this customer has ordered; what is merely being checked out is no order yet."""
        return self.filter(customer=customer).exclude(placed_at__isnull=True)

    def drafts_of(self, customer: Customer) -> Self:
        return self.filter(customer=customer, state=OrderState.DRAFT)

    def unpaid(self) -> Self:
        return self.filter(state__in=UNPAID)

    def settled(self) -> Self:
        return self.filter(state__in=SETTLED)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Order(models.Model):
    """What a customer buys at once. Frozen from the moment it is placed, but for its state.

    A draft is the copy of the cart that is being checked out. It becomes an order by the
    customer's accepting the terms, and moves on as states.ORDER_MOVES says.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(
        _("order number"), max_length=16, default=new_order_number, unique=True, editable=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(
        _("status"), max_length=16, choices=OrderState.choices, default=OrderState.DRAFT
    )
    currency = models.CharField(max_length=3, default=SELLING_CURRENCY.code)
    net = models.DecimalField(_("before tax"), max_digits=12, decimal_places=2, default=Decimal(0))
    tax = models.DecimalField(_("tax"), max_digits=12, decimal_places=2, default=Decimal(0))
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2, default=Decimal(0))
    created_at = models.DateTimeField(_("begun"))
    placed_at = models.DateTimeField(_("ordered"), null=True)
    paid_at = models.DateTimeField(_("paid"), null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OrderState.values), name="order_in_a_known_state"
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(state="draft"), name="order_one_draft_a_customer"
            ),
            # To the cent: SQLite adds in binary fractions.
            models.CheckConstraint(
                condition=Q(total__gt=F("net") + F("tax") - HALF_A_CENT)
                & Q(total__lt=F("net") + F("tax") + HALF_A_CENT),
                name="order_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(placed_at__isnull=False),
                name="order_placed_when",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", placed_at__isnull=True) | ~Q(state="draft"),
                name="order_draft_is_not_placed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PAID_FOR, paid_at__isnull=False)
                | (~Q(state__in=PAID_FOR) & Q(paid_at__isnull=True)),
                name="order_paid_when",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-created_at"], name="order_of_customer"),
            models.Index(fields=["state", "created_at"], name="order_in_state"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("order", args=[self.number])

    @property
    def money(self) -> Money:
        """What the customer pays for the order."""
        return Money(self.total, self.currency)

    @property
    def net_money(self) -> Money:
        return Money(self.net, self.currency)

    @property
    def tax_money(self) -> Money:
        return Money(self.tax, self.currency)

    @property
    def is_unpaid(self) -> bool:
        return self.state in UNPAID

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED


class OrderLine(models.Model):
    """So many of a product for a period, at the price that was agreed. Frozen with its order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    period = models.CharField(max_length=8, choices=Period.choices)
    quantity = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3, default=SELLING_CURRENCY.code)
    net = models.DecimalField(max_digits=12, decimal_places=2)
    tax_name = models.CharField(max_length=60, blank=True)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    tax = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    # Who delivers it, and what that partner receives, in the words the customer read.
    delivered_by = models.CharField(max_length=100, blank=True)
    partner_receives = models.CharField(max_length=200, blank=True)
    # The service that this line prolongs, if it begins no new one.
    renews = models.ForeignKey(
        "store.HeldService", null=True, on_delete=models.PROTECT, related_name="renewals"
    )

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_once"),
            models.UniqueConstraint(
                fields=["order", "product", "period"],
                condition=Q(renews__isnull=True),
                name="order_line_of_each_item_once",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_of_something"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, tax__gte=0), name="order_line_costs_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"

    @property
    def unit_money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def net_money(self) -> Money:
        return Money(self.net, self.currency)


class BillingDetails(models.Model):
    """Whom an order is billed to, and where, as it was when the order was placed (DATA-1).

    Everything of the address but the country is sealed (SEC-1). Name, e-mail address and this
    address are what a partner may receive, and nothing else (THIRD-2).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="billing")
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"), max_length=254)
    street = SealedCharField(_("street and number"), max_length=200, null=True)
    extra = SealedCharField(_("apartment, building"), max_length=200, null=True)
    city = SealedCharField(_("city"), max_length=120, null=True)
    region = SealedCharField(_("state or region"), max_length=120, null=True)
    postcode = SealedCharField(_("postal code"), max_length=20, null=True)
    country = CountryField(_("country"))

    class Meta:
        verbose_name_plural = "billing details"

    def __str__(self) -> str:
        return f"billing {self.uid}"

    @property
    def lines(self) -> list[str]:
        """The address as it is written on a letter, without the name."""
        place = " ".join(filter(None, [self.city, self.region, self.postcode]))
        return [line for line in (self.street, self.extra, place, self.country.name) if line]


class TermsVersionQuerySet(models.QuerySet["TermsVersion"]):
    """Questions about the terms of sale."""

    def in_force(self, at: datetime) -> TermsVersion | None:
        """The terms one buys under at `at`: the latest that have begun."""
        return self.filter(valid_from__lte=at).order_by("-number").first()


class TermsVersion(AppendOnlyRow):
    """A text of the terms of sale. Only ever added: what was agreed to can always be read."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    text = models.TextField(_("text"))
    text_hash = models.CharField(max_length=64)
    valid_from = models.DateTimeField(_("valid from"))
    # By whom and when; the first version came with the shop.
    published_by = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published"), null=True)

    objects = TermsVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the terms of sale")
        verbose_name_plural = _("terms of sale")
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"Terms of sale, version {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("terms_version", args=[self.number])


class OrderTerms(AppendOnlyRow):
    """What a customer accepted with an order: the texts by version and hash, and the words ticked.

    The database places no order without it.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="terms")
    terms = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="+")
    terms_hash = models.CharField(max_length=64)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    policy_hash = models.CharField(max_length=64)
    wording = models.TextField()
    language = models.CharField(max_length=16)
    accepted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"terms of {self.order_id}"


class RefundReason(models.TextChoices):
    """Why an order is paid back. The customer reads it in the mail and in the log."""

    CHANGED_MIND = "changed-mind", _("you changed your mind in time")
    NOT_DELIVERED = "not-delivered", _("we could not deliver it")
    FAULTY = "faulty", _("it did not do what we promised")
    TWICE = "twice", _("you had ordered the same twice")
    NOT_YOURS = "not-yours", _("somebody else had used your card or your account")
    COURTESY = "courtesy", _("as a courtesy")


class OrderEventQuerySet(models.QuerySet[Any]):
    """Questions about the log of orders and services."""

    def newest_first(self) -> Self:
        return self.order_by("-sequence")


class OrderEvent(CustomerRow):
    """That an order or a service changed: from which state into which, why, when, by whom."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Ordered, terms accepted")
        DECLINED = "declined", _("Payment declined")
        TRIED_AGAIN = "tried-again", _("Payment tried again")
        PAID = "paid", _("Paid")
        DELIVERING = "delivering", _("Setting up")
        DELIVERED = "delivered", _("Everything is set up")
        CANCELLED = "cancelled", _("Cancelled")
        REFUND_ASKED = "refund-asked", _("Being paid back")
        REFUND_REFUSED = "refund-refused", _("The card company did not pay back")
        REFUNDED = "refunded", _("Paid back")
        SERVICE_ORDERED = "service-ordered", _("Service ordered")
        HANDED_OVER = "handed-over", _("Handed over to the partner")
        HANDOVER_FAILED = "handover-failed", _("The partner did not take the order")
        ASKED_AGAIN = "asked-again", _("The partner is asked again")
        NAMED = "named", _("Site or name given")
        ACTIVATED = "activated", _("Service active")
        SUSPENDED = "suspended", _("Service suspended")
        RENEWED = "renewed", _("Service renewed")
        CANCELLATION_ASKED = "cancellation-asked", _("Cancellation asked for")
        CANCELLATION_TAKEN_BACK = "cancellation-taken-back", _("Cancellation taken back")
        ENDED = "ended", _("Service ended")

    hashed = (
        "order_id",
        "service_id",
        "kind",
        "old_state",
        "new_state",
        "reason",
        "actor_kind",
        "actor_user_id",
        "recorded_at",
    )

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    service = models.ForeignKey(
        "store.HeldService", null=True, on_delete=models.PROTECT, related_name="events"
    )
    kind = models.CharField(max_length=32, choices=Kind.choices)
    old_state = models.CharField(max_length=16, blank=True)
    new_state = models.CharField(max_length=16, blank=True)
    # A word from a closed list or a reason the customer chose; never personal information.
    reason = models.CharField(max_length=60, blank=True)

    objects = OrderEventQuerySet.as_manager()

    class Meta:
        constraints = ledger_constraints("order_event")

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"
