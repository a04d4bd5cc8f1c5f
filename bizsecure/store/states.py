"""The states of orders, payments and services, and every move there is between them.

Pure tables without clock or database. Services move a row by compare-and-set and ask here
first; the database has the orders' table as a trigger of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderState(models.TextChoices):
    """What has become of an order."""

    DRAFT = "draft", _("Being checked out")
    AWAITING_PAYMENT = "awaiting-payment", _("Awaiting payment")
    DECLINED = "declined", _("Payment declined")
    PAID = "paid", _("Paid")
    IN_DELIVERY = "in-delivery", _("Being set up")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Refunded")


class PaymentState(models.TextChoices):
    """How far one attempt to pay has come.

    ASKED, CAPTURING, VOIDING and REFUNDING are written before the gateway is called: whoever
    finds a payment in one of them does not know the outcome and asks the gateway again, under
    the same key.
    """

    ASKED = "asked", _("Being authorized")
    CHALLENGED = "challenged", _("Waits for you to confirm it")
    AUTHORISED = "authorised", _("Authorized")
    CAPTURING = "capturing", _("Being collected")
    CAPTURED = "captured", _("Paid")
    DECLINED = "declined", _("Declined")
    VOIDING = "voiding", _("Being called off")
    VOIDED = "voided", _("Called off")
    REFUNDING = "refunding", _("Being paid back")
    REFUNDED = "refunded", _("Paid back")


class ServiceState(models.TextChoices):
    """Whether what was bought works."""

    ORDERED = "ordered", _("Being set up")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")


ORDER_MOVES: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.DRAFT: frozenset({OrderState.AWAITING_PAYMENT, OrderState.CANCELLED}),
    OrderState.AWAITING_PAYMENT: frozenset(
        {OrderState.PAID, OrderState.DECLINED, OrderState.CANCELLED}
    ),
    OrderState.DECLINED: frozenset({OrderState.AWAITING_PAYMENT, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.IN_DELIVERY, OrderState.REFUNDED}),
    OrderState.IN_DELIVERY: frozenset({OrderState.DELIVERED, OrderState.REFUNDED}),
    OrderState.DELIVERED: frozenset({OrderState.REFUNDED}),
    OrderState.CANCELLED: frozenset(),
    OrderState.REFUNDED: frozenset(),
}

PAYMENT_MOVES: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.ASKED: frozenset(
        {
            PaymentState.CHALLENGED,
            PaymentState.AUTHORISED,
            PaymentState.DECLINED,
            PaymentState.VOIDING,
        }
    ),
    PaymentState.CHALLENGED: frozenset(
        {PaymentState.AUTHORISED, PaymentState.DECLINED, PaymentState.VOIDING}
    ),
    PaymentState.AUTHORISED: frozenset({PaymentState.CAPTURING, PaymentState.VOIDING}),
    PaymentState.CAPTURING: frozenset({PaymentState.CAPTURED, PaymentState.DECLINED}),
    PaymentState.CAPTURED: frozenset({PaymentState.REFUNDING}),
    # Whoever confirmed in the last moment has paid after all.
    PaymentState.VOIDING: frozenset({PaymentState.VOIDED, PaymentState.AUTHORISED}),
    PaymentState.REFUNDING: frozenset({PaymentState.REFUNDED, PaymentState.CAPTURED}),
    PaymentState.DECLINED: frozenset(),
    PaymentState.VOIDED: frozenset(),
    PaymentState.REFUNDED: frozenset(),
}

SERVICE_MOVES: Mapping[ServiceState, frozenset[ServiceState]] = {
    ServiceState.ORDERED: frozenset({ServiceState.ACTIVE, ServiceState.ENDED}),
    ServiceState.ACTIVE: frozenset({ServiceState.SUSPENDED, ServiceState.ENDED}),
    ServiceState.SUSPENDED: frozenset({ServiceState.ACTIVE, ServiceState.ENDED}),
    ServiceState.ENDED: frozenset(),
}

# Orders a customer still owes money for, or has begun to pay.
UNPAID = frozenset({OrderState.AWAITING_PAYMENT, OrderState.DECLINED})
# Orders whose money has come in and stayed.
SETTLED = frozenset({OrderState.PAID, OrderState.IN_DELIVERY, OrderState.DELIVERED})
# Payments that came to nothing; an order has at most one that did not.
FAILED_PAYMENTS = frozenset({PaymentState.DECLINED, PaymentState.VOIDED})
# Payments of which only the gateway knows the outcome.
UNKNOWN_PAYMENTS = frozenset(
    {PaymentState.ASKED, PaymentState.CAPTURING, PaymentState.VOIDING, PaymentState.REFUNDING}
)
# Payments with which money has changed hands.
COLLECTED_PAYMENTS = frozenset(
    {PaymentState.CAPTURED, PaymentState.REFUNDING, PaymentState.REFUNDED}
)
# Services that go on until they are cancelled or lapse.
RUNNING_SERVICES = frozenset({ServiceState.ORDERED, ServiceState.ACTIVE, ServiceState.SUSPENDED})
