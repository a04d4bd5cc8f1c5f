from django.db import migrations, models

from bizsecure.core.counting import counted
from notifications.revisiting import COUNTERS


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_staff_among_users"),
        ("consent", "0019_when_customers_refused"),
        ("notifications", "0019_count_each_customers_tellings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Revisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("customer", models.BigIntegerField()),
                ("taken", models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name="campaign",
            name="looked_through_at",
            field=models.DateTimeField(null=True),
        ),
        *map(counted, COUNTERS),
    ]
