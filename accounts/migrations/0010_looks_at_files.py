"""A look that compares records with a file."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_sessions_without_addresses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="staffaccess",
            name="way",
            field=models.CharField(
                choices=[
                    ("opened", "opened on a page"),
                    ("exported", "exported to a file"),
                    ("compared", "compared with a file"),
                ],
                default="opened",
                max_length=16,
                verbose_name="way",
            ),
        ),
    ]
