"""What must hold for cards whatever code runs."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import append_only, frozen_columns, guard


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]

    operations = [
        append_only("vault_cardevent"),
        frozen_columns(
            "vault_card",
            "of_one_customer",
            ["uid", "customer_id", "added_at"],
            "a card stays with its customer",
        ),
        # A number may be forgotten or sealed under a newer key, and never comes back.
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
