"""The account log: what happened, and from what to what information changed."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bizsecure.core.sealing
from bizsecure.core.triggers import append_only, frozen_columns, lifted

# A guard of 0002: SQLite makes the table anew, so it is taken off before and laid again after.
CHANGES_GUARD = append_only("accounts_profilechange")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_downloads_closings_claims"),
    ]

    operations = [
        lifted(CHANGES_GUARD),
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveIntegerField(editable=False)),
                ("previous_hash", models.CharField(editable=False, max_length=64)),
                ("row_hash", models.CharField(editable=False, max_length=64)),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("customer", "you"),
                            ("staff", "our staff"),
                            ("system", "the portal"),
                        ],
                        max_length=16,
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                ("kind", models.CharField(max_length=32)),
                ("device", models.CharField(blank=True, max_length=80)),
                ("subject", models.CharField(blank=True, max_length=80)),
                ("reference", models.CharField(blank=True, max_length=64)),
                ("count", models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CustomerKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", bizsecure.core.sealing.SealedCharField(max_length=64, null=True)),
                ("destroyed_at", models.DateTimeField(editable=False, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="customer",
            name="company",
            field=bizsecure.core.sealing.SealedCharField(
                max_length=200, null=True, verbose_name="company"
            ),
        ),
        migrations.AddField(
            model_name="profilechange",
            name="channel",
            field=models.CharField(
                choices=[
                    ("panel", "in the control panel"),
                    ("phone", "on the customer's request by telephone"),
                    ("mail", "on the customer's request by e-mail"),
                    ("letter", "on the customer's request by letter"),
                    ("import", "by an import of records"),
                    ("mail_proof", "by following the link in a mail"),
                    ("order", "with an order"),
                    ("portal", "by the portal itself"),
                ],
                default="panel",
                max_length=16,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="profilechange",
            name="new_value",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="profilechange",
            name="old_value",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="profilechange",
            name="policy_number",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="profilechange",
            name="revision",
            field=models.PositiveIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="address",
            name="kind",
            field=models.CharField(
                choices=[("billing", "Billing address"), ("postal", "Postal address")],
                default="billing",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="profilechange",
            index=models.Index(
                fields=["customer", "-recorded_at", "-id"], name="profile_change_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="profilechange",
            index=models.Index(fields=["customer", "revision"], name="profile_change_together"),
        ),
        migrations.AddField(
            model_name="accountevent",
            name="actor_user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="accountevent",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="accounts.customer",
            ),
        ),
        migrations.AddField(
            model_name="customerkey",
            name="customer",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="data_key",
                to="accounts.customer",
            ),
        ),
        migrations.AddIndex(
            model_name="accountevent",
            index=models.Index(
                fields=["customer", "-recorded_at", "-id"], name="account_event_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="accountevent",
            index=models.Index(fields=["kind", "id"], name="account_event_of_kind"),
        ),
        migrations.AddConstraint(
            model_name="accountevent",
            constraint=models.UniqueConstraint(
                fields=("customer", "sequence"), name="account_event_place_in_chain"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sequence__gte", 1),
                    models.Q(("row_hash", models.F("previous_hash")), _negated=True),
                ),
                name="account_event_chained",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("destroyed_at__isnull", False), ("key__isnull", True)),
                    models.Q(("destroyed_at__isnull", True), ("key__isnull", False)),
                    _connector="OR",
                ),
                name="customer_key_there_or_destroyed",
            ),
        ),
        CHANGES_GUARD,
        append_only("accounts_accountevent"),
        frozen_columns(
            "accounts_customerkey",
            "whose",
            ["uid", "customer_id"],
            "a key belongs to one customer",
        ),
        frozen_columns(
            "accounts_customerkey",
            "kept_destroyed",
            ["key", "destroyed_at"],
            "a destroyed key stays destroyed",
            when="OLD.destroyed_at IS NOT NULL",
        ),
    ]
