"""What customers asked our staff to do, and that staff change nothing without it."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bizsecure.core.triggers import append_only, frozen_columns, guard

# Names of our own tables and nothing else stand in the text.
ASKED_BY_THIS_CUSTOMER = (
    "COALESCE((SELECT customer_id FROM accounts_mandate WHERE id = NEW.mandate_id), 0)"
    " <> NEW.customer_id"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_staff_access"),
    ]

    operations = [
        migrations.AlterField(
            model_name="profilechange",
            name="channel",
            field=models.CharField(
                choices=[
                    ("panel", "in the control panel"),
                    ("phone", "on the customer's request by telephone"),
                    ("mail", "on the customer's request by e-mail"),
                    ("letter", "on the customer's request by letter"),
                    ("visit", "on the customer's request in person"),
                    ("import", "by an import of records"),
                    ("mail_proof", "by following the link in a mail"),
                    ("order", "with an order"),
                    ("portal", "by the portal itself"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="Mandate",
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
                (
                    "matter",
                    models.CharField(
                        choices=[
                            ("details", "change of personal information"),
                            ("decision", "decision about a use of information"),
                            ("factor", "removal of the second factor"),
                        ],
                        max_length=16,
                        verbose_name="matter",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("panel", "in the control panel"),
                            ("phone", "on the customer's request by telephone"),
                            ("mail", "on the customer's request by e-mail"),
                            ("letter", "on the customer's request by letter"),
                            ("visit", "on the customer's request in person"),
                            ("import", "by an import of records"),
                            ("mail_proof", "by following the link in a mail"),
                            ("order", "with an order"),
                            ("portal", "by the portal itself"),
                        ],
                        max_length=16,
                        verbose_name="asked",
                    ),
                ),
                ("asked_on", models.DateField(verbose_name="on")),
                ("reference", models.CharField(max_length=80, verbose_name="reference")),
                (
                    "actor_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "request of a customer",
                "verbose_name_plural": "requests of customers",
            },
        ),
        migrations.CreateModel(
            name="FactorRemoval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("is_agreed", models.BooleanField(null=True, verbose_name="agreed")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factor_removals",
                        to="accounts.customer",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mandate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.mandate",
                    ),
                ),
            ],
            options={
                "verbose_name": "removal of a second factor",
                "verbose_name_plural": "removals of second factors",
            },
        ),
        migrations.AddField(
            model_name="profilechange",
            name="mandate",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.mandate",
            ),
        ),
        migrations.AddIndex(
            model_name="mandate",
            index=models.Index(fields=["customer", "-recorded_at", "-id"], name="mandate_newest"),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.UniqueConstraint(
                fields=("customer", "sequence"), name="mandate_place_in_chain"
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sequence__gte", 1),
                    models.Q(("row_hash", models.F("previous_hash")), _negated=True),
                ),
                name="mandate_chained",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("actor_kind", "staff"), ("actor_user__isnull", False)),
                name="mandate_taken_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("reference", ""), _negated=True), name="mandate_can_be_found"
            ),
        ),
        migrations.AddConstraint(
            model_name="factorremoval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at__isnull", True)),
                fields=("customer",),
                name="factor_removal_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="factorremoval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("decided_by__isnull", True),
                        ("is_agreed__isnull", True),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("is_agreed__isnull", False),
                        models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="factor_removal_takes_two",
            ),
        ),
        append_only("accounts_mandate"),
        guard(
            "accounts_profilechange",
            "asked_for",
            ["INSERT"],
            "staff change what a customer asked them to change",
            when=f"NEW.actor_kind = 'staff' AND {ASKED_BY_THIS_CUSTOMER}",
        ),
        frozen_columns(
            "accounts_factorremoval",
            "asked",
            ["customer_id", "mandate_id", "asked_by_id", "asked_at"],
            "what was asked for stays as it was asked",
        ),
        frozen_columns(
            "accounts_factorremoval",
            "decided",
            ["decided_by_id", "decided_at", "is_agreed"],
            "what was decided stays decided",
            when="OLD.decided_at IS NOT NULL",
        ),
    ]
