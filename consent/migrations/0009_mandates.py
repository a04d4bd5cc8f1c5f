"""No yes that staff write down without the request of the customer."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from bizsecure.core.triggers import guard


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_mandates"),
        ("consent", "0008_declared_recipients"),
    ]

    operations = [
        migrations.AddField(
            model_name="choice",
            name="mandate",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.mandate",
            ),
        ),
        guard(
            "consent_choice",
            "asked_for",
            ["INSERT"],
            "staff write down a yes that the customer asked for, and no other",
            when=(
                "NEW.decision = 'granted' AND (NEW.actor_kind = 'staff' OR NEW.method = 'staff')"
                " AND COALESCE("
                "(SELECT customer_id FROM accounts_mandate WHERE id = NEW.mandate_id), 0"
                ") <> NEW.customer_id"
            ),
        ),
    ]
