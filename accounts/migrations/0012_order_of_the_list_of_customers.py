"""Indexes in the order in which staff see customers."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_changes_of_address"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="customer",
            name="customer_joined_at",
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["joined_at", "id"], name="customer_joined"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["status", "joined_at", "id"], name="customer_status_joined"),
        ),
    ]
