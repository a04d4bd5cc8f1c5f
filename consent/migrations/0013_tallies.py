from django.db import migrations, models

from bizsecure.core.counting import counted, filled, one_row_a_count
from consent.tallying import COUNTERS, KEY, TALLY, everything


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_closing_for_customers"),
        ("consent", "0012_transfers_of_business"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("served", "Served"),
                            ("told", "Told"),
                            ("granted", "Yes"),
                            ("refused", "No"),
                        ],
                        max_length=8,
                    ),
                ),
                ("version", models.BigIntegerField()),
                ("round", models.PositiveIntegerField()),
                ("use", models.BigIntegerField()),
                ("bucket", models.BigIntegerField()),
                ("number", models.BigIntegerField()),
            ],
            options={"verbose_name_plural": "tallies"},
        ),
        migrations.AddIndex(
            model_name="tally",
            index=models.Index(
                fields=["what", "version", "round", "use", "bucket"], name="tally_of_figure"
            ),
        ),
        one_row_a_count(TALLY, KEY),
        migrations.RemoveConstraint(model_name="notice", name="notice_once_a_message"),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("message_id", ""), _negated=True), ("retracts__isnull", True)
                ),
                fields=("message_id", "customer"),
                name="notice_once_a_message",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("retracts__isnull", False)),
                fields=["version", "round", "customer"],
                name="notice_taken_back",
            ),
        ),
        filled(everything),
        *map(counted, COUNTERS),
    ]
