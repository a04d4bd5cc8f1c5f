"""Addresses of providers' pages are long."""

from __future__ import annotations

from django.db import migrations, models

from bizsecure.core.triggers import frozen_columns, guard, lifted

# Guards of 0002: SQLite makes the table anew.
GUARDS = [
    frozen_columns(
        "vault_card",
        "of_one_customer",
        ["uid", "customer_id", "added_at"],
        "a card stays with its customer",
    ),
    guard(
        "vault_card",
        "forgotten_for_good",
        ["UPDATE"],
        "a card number that was forgotten does not come back",
        when="OLD.sealed_number IS NULL AND NEW.sealed_number IS NOT NULL",
    ),
    guard(
        "vault_card",
        "gone_for_good",
        ["UPDATE"],
        "a card that was refused or removed is not used again",
        when="OLD.state IN ('refused', 'removed') AND NEW.state NOT IN ('refused', 'removed')",
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("vault", "0002_guards"),
    ]

    operations = [
        *map(lifted, reversed(GUARDS)),
        migrations.AlterField(
            model_name="card",
            name="confirm_url",
            field=models.URLField(blank=True, max_length=2000),
        ),
        *GUARDS,
    ]
