from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_staff_among_users"),
        ("notifications", "0017_announcements_in_languages"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueueSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quarter", models.DateTimeField(unique=True)),
                ("waiting", models.BigIntegerField()),
                ("age_seconds", models.BigIntegerField()),
                ("accepted", models.BigIntegerField()),
                ("returned", models.BigIntegerField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="outgoingmail",
            name="outgoing_mail_returned",
        ),
        migrations.AlterField(
            model_name="case",
            name="topic",
            field=models.CharField(
                choices=[
                    ("question", "A question about our services"),
                    ("billing", "An order, an invoice or a payment"),
                    ("privacy", "My personal information"),
                    ("security", "A question about security"),
                    ("opt-out", "Messages I do not want"),
                    ("feedback", "A comment on this site"),
                    ("conduct", "A decision about my conduct"),
                    ("other", "Something else"),
                ],
                max_length=16,
                verbose_name="topic",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingmail",
            index=models.Index(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True),
                    models.Q(("state", "queued"), _negated=True),
                    models.Q(("state", "deferred"), _negated=True),
                    models.Q(("state", "dropped"), _negated=True),
                ),
                fields=["campaign", "customer"],
                name="outgoing_mail_returned",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingmail",
            index=models.Index(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True),
                    models.Q(("state", "queued"), _negated=True),
                    models.Q(("state", "deferred"), _negated=True),
                ),
                fields=["state", "-id"],
                name="outgoing_mail_in_state",
            ),
        ),
    ]
