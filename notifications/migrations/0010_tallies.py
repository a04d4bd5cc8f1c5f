from django.db import migrations, models

from bizsecure.core.counting import counted, filled, one_row_a_count
from notifications.tallying import COUNTERS, KEY, TALLY, everything


class Migration(migrations.Migration):
    dependencies = [("notifications", "0009_right_to_letters")]

    operations = [
        migrations.CreateModel(
            name="MailTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("campaign", models.BigIntegerField()),
                ("state", models.CharField(max_length=16)),
                ("number", models.BigIntegerField()),
            ],
            options={"verbose_name_plural": "mail tallies"},
        ),
        migrations.AddIndex(
            model_name="mailtally",
            index=models.Index(fields=["campaign", "state"], name="mail_tally_of_campaign"),
        ),
        one_row_a_count(TALLY, KEY),
        filled(everything),
        *map(counted, COUNTERS),
    ]
