from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_staff_among_users"),
        ("consent", "0018_two_people_publish"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="choice",
            index=models.Index(
                condition=models.Q(("decision", "refused")),
                fields=["recorded_at", "method", "use"],
                name="choice_refused_when",
            ),
        ),
    ]
