"""Signed heads over all ledgers."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from bizsecure.core.triggers import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="number")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("body", models.TextField()),
                ("head_hash", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128)),
                ("public_key", models.CharField(max_length=64)),
                ("seen", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "signed head",
                "verbose_name_plural": "signed heads",
                "ordering": ("-number",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="head_counted_from_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ledger", models.CharField(max_length=64)),
                ("index", models.PositiveIntegerField()),
                ("first_row", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                (
                    "head",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="proofs.head",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ledger", "first_row"), name="part_begins_once"
                    ),
                    models.UniqueConstraint(
                        fields=("head", "ledger", "index"), name="part_of_a_head_once"
                    ),
                ],
            },
        ),
        append_only("proofs_head"),
        append_only("proofs_part"),
    ]
