"""Addresses of providers' pages are long, and a payment that was called off may be paid after all.

Beside it: who published terms of sale, and more that the log of an order can say.
"""

from __future__ import annotations

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bizsecure.core.triggers import frozen_columns, guard, lifted

before = import_module("bizsecure.store.migrations.0005_order_guards")

PAYMENT_MOVES = {**before.PAYMENT_MOVES, "voiding": ("voided", "authorised")}
# Guards of 0005 of the table that SQLite makes anew, and one that looks into it.
GUARDS = [
    guard(
        "store_order",
        "money",
        ["UPDATE"],
        "No order is paid without a captured payment",
        when="NEW.state = 'paid' AND NOT EXISTS "
        "(SELECT 1 FROM store_payment WHERE order_id = NEW.id AND state = 'captured')",
    ),
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
]


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0013_contact_data_goes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *map(lifted, reversed(GUARDS)),
        lifted(before.moves("store_payment", before.PAYMENT_MOVES)),
        migrations.AddField(
            model_name="termsversion",
            name="published_at",
            field=models.DateTimeField(null=True, verbose_name="published"),
        ),
        migrations.AddField(
            model_name="termsversion",
            name="published_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="published by",
            ),
        ),
        migrations.AlterField(
            model_name="orderevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("placed", "Ordered, terms accepted"),
                    ("declined", "Payment declined"),
                    ("tried-again", "Payment tried again"),
                    ("paid", "Paid"),
                    ("delivering", "Setting up"),
                    ("delivered", "Everything is set up"),
                    ("cancelled", "Cancelled"),
                    ("refund-asked", "Being paid back"),
                    ("refund-refused", "The card company did not pay back"),
                    ("refunded", "Paid back"),
                    ("service-ordered", "Service ordered"),
                    ("handed-over", "Handed over to the partner"),
                    ("handover-failed", "The partner did not take the order"),
                    ("asked-again", "The partner is asked again"),
                    ("named", "Site or name given"),
                    ("activated", "Service active"),
                    ("suspended", "Service suspended"),
                    ("renewed", "Service renewed"),
                    ("cancellation-asked", "Cancellation asked for"),
                    ("cancellation-taken-back", "Cancellation taken back"),
                    ("ended", "Service ended"),
                ],
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="challenge_url",
            field=models.URLField(blank=True, max_length=2000),
        ),
        before.moves("store_payment", PAYMENT_MOVES),
        *GUARDS,
    ]
