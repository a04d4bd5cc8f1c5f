from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from bizsecure.core.counting import counted, uncounted
from bizsecure.core.triggers import append_only, lifted
from notifications.telling_tallies import COUNTERS

TELLINGS = append_only("notifications_telling")
PROTECT = django.db.models.deletion.PROTECT


def _key() -> Any:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_closing_for_customers"),
        ("consent", "0017_letters_take_days"),
        ("notifications", "0015_too_many_mails"),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterRun",
            fields=[
                ("id", _key()),
                ("round", models.PositiveIntegerField(null=True)),
                ("made_at", models.DateTimeField()),
                ("posted_on", models.DateField(null=True)),
                ("recorded_at", models.DateTimeField(null=True)),
                (
                    "announcement",
                    models.ForeignKey(
                        null=True,
                        on_delete=PROTECT,
                        related_name="letter_runs",
                        to="notifications.announcement",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "posted_by",
                    models.ForeignKey(
                        null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=PROTECT,
                        related_name="letter_runs",
                        to="consent.policyversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            version__isnull=False, round__isnull=False, announcement__isnull=True
                        )
                        | Q(version__isnull=True, round__isnull=True, announcement__isnull=False),
                        name="letter_run_about_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=Q(posted_on=None, posted_by=None, recorded_at=None)
                        | Q(
                            posted_on__isnull=False,
                            posted_by__isnull=False,
                            recorded_at__isnull=False,
                        ),
                        name="letter_run_posted_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrintedLetter",
            fields=[
                ("id", _key()),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="letters", to="notifications.letterrun"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "run"), name="printed_letter_once_a_run"
                    ),
                ],
            },
        ),
        *map(uncounted, reversed(COUNTERS)),
        lifted(TELLINGS),
        migrations.RemoveConstraint(model_name="telling", name="telling_not_ahead_of_time"),
        migrations.AddConstraint(
            model_name="telling",
            constraint=models.CheckConstraint(
                condition=Q(told_at__lte=F("recorded_at")) | Q(channel="letter"),
                name="telling_not_ahead_of_time",
            ),
        ),
        TELLINGS,
        *map(counted, COUNTERS),
    ]
