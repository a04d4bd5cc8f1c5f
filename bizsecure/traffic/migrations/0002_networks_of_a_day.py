"""How many different networks come on a day, by hashes whose key is destroyed with them."""

from __future__ import annotations

import uuid

from django.db import migrations, models

import bizsecure.core.sealing


def key() -> models.BigAutoField[int, int]:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [("traffic", "0001_counts_of_visits")]

    operations = [
        migrations.CreateModel(
            name="DayKey",
            fields=[
                ("id", key()),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("day", models.DateField(unique=True)),
                ("key", bizsecure.core.sealing.SealedCharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="NetworkSeen",
            fields=[
                ("id", key()),
                ("day", models.DateField()),
                ("token", models.CharField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "token"), name="network_seen_once_a_day"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DayCount",
            fields=[
                ("id", key()),
                ("day", models.DateField(unique=True)),
                ("networks", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("networks__gt", 0)), name="day_count_of_something"
                    ),
                ],
            },
        ),
    ]
