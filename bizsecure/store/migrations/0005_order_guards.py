"""What must hold for orders, payments and services whatever code runs."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import migrations

from bizsecure.core.triggers import append_only, frozen_columns, guard

ORDER_MOVES = {
    "draft": ("awaiting-payment", "cancelled"),
    "awaiting-payment": ("paid", "declined", "cancelled"),
    "declined": ("awaiting-payment", "cancelled"),
    "paid": ("in-delivery", "refunded"),
    "in-delivery": ("delivered", "refunded"),
    "delivered": ("refunded",),
}
PAYMENT_MOVES = {
    "asked": ("challenged", "authorised", "declined", "voiding"),
    "challenged": ("authorised", "declined", "voiding"),
    "authorised": ("capturing", "voiding"),
    "capturing": ("captured", "declined"),
    "captured": ("refunding",),
    "voiding": ("voided",),
    "refunding": ("refunded", "captured"),
}
SERVICE_MOVES = {
    "ordered": ("active", "ended"),
    "active": ("suspended", "ended"),
    "suspended": ("active", "ended"),
}


def moves(table: str, allowed: Mapping[str, tuple[str, ...]]) -> migrations.RunPython:
    """Let a state change into one of those listed for it, and into no other."""
    ways = [
        f"(OLD.state = '{old}' AND NEW.state IN ({', '.join(repr(new) for new in news)}))"
        for old, news in allowed.items()
    ]
    wrong = f"OLD.state <> NEW.state AND NOT ({' OR '.join(ways)})"
    return guard(table, "moves", ["UPDATE"], f"{table} does not move so", when=wrong)


STATE_OF_NEW = "(SELECT state FROM store_order WHERE id = NEW.order_id)"
STATE_OF_OLD = "(SELECT state FROM store_order WHERE id = OLD.order_id)"


class Migration(migrations.Migration):
    dependencies = [("store", "0004_orders_and_services")]

    operations = [
        append_only("store_termsversion"),
        append_only("store_orderterms"),
        append_only("store_orderevent"),
        append_only("store_invoice"),
        # Orders
        moves("store_order", ORDER_MOVES),
        guard(
            "store_order",
            "begins",
            ["INSERT"],
            "An order begins as a draft",
            when="NEW.state <> 'draft'",
        ),
        guard(
            "store_order",
            "terms",
            ["UPDATE"],
            "No order without accepted terms",
            when="NEW.state NOT IN ('draft', 'cancelled') AND NOT EXISTS "
            "(SELECT 1 FROM store_orderterms WHERE order_id = NEW.id)",
        ),
        guard(
            "store_order",
            "money",
            ["UPDATE"],
            "No order is paid without a captured payment",
            when="NEW.state = 'paid' AND NOT EXISTS "
            "(SELECT 1 FROM store_payment WHERE order_id = NEW.id AND state = 'captured')",
        ),
        frozen_columns(
            "store_order",
            "frozen",
            ["uid", "number", "customer_id", "currency", "net", "tax", "total", "placed_at"],
            "A placed order does not change",
            when="OLD.state <> 'draft'",
        ),
        guard(
            "store_order",
            "kept",
            ["DELETE"],
            "A placed order is kept",
            when="OLD.placed_at IS NOT NULL",
        ),
        guard(
            "store_orderline",
            "added",
            ["INSERT"],
            "A placed order does not change",
            when=f"{STATE_OF_NEW} <> 'draft'",
        ),
        guard(
            "store_orderline",
            "changed",
            ["UPDATE", "DELETE"],
            "A placed order does not change",
            when=f"{STATE_OF_OLD} <> 'draft'",
        ),
        guard(
            "store_billingdetails",
            "changed",
            ["UPDATE"],
            "A placed order does not change",
            when=f"{STATE_OF_OLD} <> 'draft'",
        ),
        # Payments
        moves("store_payment", PAYMENT_MOVES),
        guard(
            "store_payment",
            "begins",
            ["INSERT"],
            "A payment is about an order that awaits it, and about all of it",
            when="NEW.state <> 'asked' OR NOT EXISTS (SELECT 1 FROM store_order WHERE "
            "id = NEW.order_id AND state = 'awaiting-payment' AND total = NEW.amount)",
        ),
        frozen_columns(
            "store_payment",
            "frozen",
            ["uid", "order_id", "attempt", "amount", "currency", "gateway", "asked_at"],
            "What is to be paid does not change",
        ),
        guard("store_payment", "kept", ["DELETE"], "Payments are kept"),
        # Services
        moves("store_heldservice", SERVICE_MOVES),
        guard(
            "store_heldservice",
            "begins",
            ["INSERT"],
            "A service begins with a paid order",
            when="(SELECT state FROM store_order WHERE id = "
            "(SELECT order_id FROM store_orderline WHERE id = NEW.line_id)) "
            "NOT IN ('paid', 'in-delivery')",
        ),
        guard("store_heldservice", "kept", ["DELETE"], "Services are kept"),
    ]
