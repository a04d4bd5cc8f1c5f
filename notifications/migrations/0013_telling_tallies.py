from django.db import migrations, models

from bizsecure.core.counting import counted, filled, one_row_a_count
from notifications.telling_tallies import COUNTERS, KEY, TALLY, everything


class Migration(migrations.Migration):
    dependencies = [("notifications", "0012_pace")]

    operations = [
        migrations.CreateModel(
            name="TellingTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("announcement", models.BigIntegerField()),
                ("what", models.CharField(max_length=16)),
                ("number", models.BigIntegerField()),
            ],
            options={"verbose_name_plural": "telling tallies"},
        ),
        migrations.AddIndex(
            model_name="tellingtally",
            index=models.Index(fields=["announcement", "what"], name="telling_tally_of_message"),
        ),
        one_row_a_count(TALLY, KEY),
        filled(everything),
        *map(counted, COUNTERS),
    ]
