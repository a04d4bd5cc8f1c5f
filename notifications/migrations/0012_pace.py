from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0011_mails_that_came_in")]

    operations = [
        migrations.CreateModel(
            name="Pace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain", models.CharField(blank=True, max_length=255, unique=True)),
                ("per_minute", models.FloatField(null=True)),
                ("free_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={"verbose_name_plural": "paces"},
        ),
        migrations.CreateModel(
            name="SendingPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(unique=True)),
                ("epoch", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
            ],
        ),
    ]
