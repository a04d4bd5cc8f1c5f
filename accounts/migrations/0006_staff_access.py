"""Who accepted the confidentiality terms, and who looked at whose record."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bizsecure.core.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_account_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConfidentialityTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                ("words", models.TextField()),
                ("words_hash", models.CharField(max_length=64)),
                ("posted_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "confidentiality terms",
            },
        ),
        migrations.CreateModel(
            name="ConfidentialityAcceptance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words_hash", models.CharField(max_length=64)),
                ("accepted_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.confidentialityterms",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-accepted_at"], name="confidentiality_of_user")
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffAccess",
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
                    "way",
                    models.CharField(
                        choices=[
                            ("opened", "opened on a page"),
                            ("exported", "exported to a file"),
                        ],
                        default="opened",
                        max_length=16,
                        verbose_name="way",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("Billing", "billing"),
                            ("Support", "support"),
                            ("Privacy officer", "privacy officer"),
                            ("Marketing", "marketing"),
                            ("Auditor", "auditor"),
                            ("Administrator", "administrator"),
                        ],
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("question", "to answer a question or complaint"),
                            ("request", "to carry out a request"),
                            ("payment", "to settle an invoice or a payment"),
                            ("fault", "to find or repair a fault of a service"),
                            ("security", "to look into misuse or a danger to the account"),
                            ("law", "to meet a duty under the law"),
                            ("quality", "to check that our records are right"),
                            ("other", "for another reason"),
                        ],
                        max_length=16,
                        verbose_name="reason",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="in words")),
                (
                    "case_number",
                    models.CharField(blank=True, max_length=40, verbose_name="case number"),
                ),
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
                "verbose_name": "look of our staff",
                "verbose_name_plural": "looks of our staff",
                "permissions": [
                    ("open_record", "May open a customer's record, with a reason"),
                    ("change_details", "May change personal information for a customer who asked"),
                    ("record_decision", "May record what a customer decided"),
                    ("suspend_account", "May suspend an account and reinstate it"),
                    ("remove_factor", "May ask for, or agree to, removing a second factor"),
                    ("export_customers", "May export customers"),
                    ("import_customers", "May import customers"),
                    ("give_roles", "May give roles to staff"),
                ],
                "indexes": [
                    models.Index(
                        fields=["customer", "-recorded_at", "-id"], name="staff_access_newest"
                    ),
                    models.Index(fields=["actor_user", "recorded_at"], name="staff_access_of_user"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "sequence"), name="staff_access_place_in_chain"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sequence__gte", 1),
                            models.Q(("row_hash", models.F("previous_hash")), _negated=True),
                        ),
                        name="staff_access_chained",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("actor_kind", "staff"), ("actor_user__isnull", False)),
                        name="staff_access_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("words", ""), _negated=True),
                            models.Q(("case_number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="staff_access_explained",
                    ),
                ],
            },
        ),
        append_only("accounts_confidentialityterms"),
        append_only("accounts_confidentialityacceptance"),
        append_only("accounts_staffaccess"),
    ]
