"""One chain for each append-only table whose rows belong to no customer."""

from __future__ import annotations

from django.db import migrations, models

from bizsecure.core.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("proofs", "0001_heads")]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stream", models.CharField(max_length=64)),
                ("place", models.PositiveBigIntegerField()),
                ("row", models.BigIntegerField()),
                ("columns", models.TextField()),
                ("linked_at", models.DateTimeField()),
                ("previous_hash", models.CharField(max_length=64)),
                ("row_hash", models.CharField(max_length=64)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("stream", "place"), name="link_place_in_stream"
                    ),
                    models.UniqueConstraint(fields=("stream", "row"), name="link_once_a_row"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("place__gte", 1),
                            models.Q(("row_hash", models.F("previous_hash")), _negated=True),
                        ),
                        name="link_chained",
                    ),
                ],
            },
        ),
        append_only("proofs_link"),
    ]
