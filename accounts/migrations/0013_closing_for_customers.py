"""Closing an account for a customer who asked our staff to, and letters about such requests."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bizsecure.core.triggers import append_only, guard

# Names of our own tables and nothing else stand in the text.
ASKED_BY_THIS_CUSTOMER = (
    "COALESCE((SELECT customer_id FROM accounts_mandate WHERE id = NEW.mandate_id), 0)"
    " <> NEW.customer_id"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_order_of_the_list_of_customers"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="staffaccess",
            options={
                "permissions": [
                    ("open_record", "May open a customer's record, with a reason"),
                    ("change_details", "May change personal information for a customer who asked"),
                    ("record_decision", "May record what a customer decided"),
                    ("suspend_account", "May suspend an account and reinstate it"),
                    ("close_account", "May close an account for a customer who asked"),
                    ("send_letters", "May write letters about what was done for customers"),
                    ("remove_factor", "May ask for, or agree to, removing a second factor"),
                    ("export_customers", "May export customers"),
                    ("import_customers", "May import customers"),
                    ("give_roles", "May give roles to staff"),
                ],
                "verbose_name": "look of our staff",
                "verbose_name_plural": "looks of our staff",
            },
        ),
        migrations.AddField(
            model_name="closing",
            name="mandate",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.mandate",
            ),
        ),
        migrations.AlterField(
            model_name="mandate",
            name="matter",
            field=models.CharField(
                choices=[
                    ("details", "change of personal information"),
                    ("decision", "decision about a use of information"),
                    ("factor", "removal of the second factor"),
                    ("closing", "closing of the account"),
                    ("keeping", "keeping the account after all"),
                ],
                max_length=16,
                verbose_name="matter",
            ),
        ),
        migrations.CreateModel(
            name="MandateLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sent_at", models.DateTimeField(verbose_name="sent")),
                (
                    "mandate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter",
                        to="accounts.mandate",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "letter about a request",
                "verbose_name_plural": "letters about requests",
            },
        ),
        append_only("accounts_mandateletter"),
        guard(
            "accounts_closing",
            "asked_for",
            ["INSERT"],
            "staff close what a customer asked them to close",
            when=f"NEW.actor_kind = 'staff' AND {ASKED_BY_THIS_CUSTOMER}",
        ),
    ]
