"""What must hold for customers whatever code runs."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import append_only, frozen_columns


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        append_only("accounts_profilechange"),
        # Moving it would make somebody look like one who joined under a newer policy.
        frozen_columns(
            "accounts_customer",
            "joined_for_good",
            ["uid", "number", "joined_at"],
            "a customer keeps number and date of joining",
        ),
    ]
