"""That a letter told of a decision whom no mail reaches."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bizsecure.core.triggers import append_only, guard

LETTER = "conduct_decisionletter"


class Migration(migrations.Migration):
    dependencies = [
        ("conduct", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="conduct.decision",
                    ),
                ),
                (
                    "review",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter",
                        to="conduct.review",
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("review__isnull", True)),
                        fields=("decision",),
                        name="decision_letter_once",
                    ),
                ],
            },
        ),
        append_only(LETTER),
        guard(
            LETTER,
            "of_own_review",
            ["INSERT"],
            "a letter tells of what became of its own decision",
            when="NEW.review_id IS NOT NULL AND NEW.decision_id <> "
            "(SELECT decision_id FROM conduct_review WHERE id = NEW.review_id)",
        ),
    ]
