from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="VisitCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hour", models.DateTimeField(verbose_name="hour")),
                (
                    "dimension",
                    models.CharField(
                        choices=[
                            ("page", "page"),
                            ("path", "page after page"),
                            ("referrer", "site the visit came from"),
                            ("network", "network"),
                            ("device", "device"),
                        ],
                        max_length=8,
                        verbose_name="what",
                    ),
                ),
                ("value", models.CharField(max_length=200, verbose_name="which")),
                ("number", models.PositiveIntegerField(verbose_name="how often")),
            ],
            options={
                "verbose_name": "count of visits",
                "verbose_name_plural": "counts of visits",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dimension", "hour", "value"), name="visit_count_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dimension__in", ["page", "path", "referrer", "network", "device"])
                        ),
                        name="visit_count_of_a_known_dimension",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gt", 0)), name="visit_count_of_something"
                    ),
                ],
            },
        ),
    ]
