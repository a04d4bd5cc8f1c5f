"""A no that belongs to a mail address, whoever has it."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bizsecure.core.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0004_told_of_what_is_posted"),
        ("accounts", "0003_address_digest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="choice",
            name="method",
            field=models.CharField(
                choices=[
                    ("panel", "in your account"),
                    ("mail_link", "by the link in a mail"),
                    ("staff", "through our staff"),
                    ("earlier", "by what you told us earlier"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="AddressOptOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=40)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("panel", "in your account"),
                            ("mail_link", "by the link in a mail"),
                            ("staff", "through our staff"),
                            ("earlier", "by what you told us earlier"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("customer", "you"),
                            ("staff", "our staff"),
                            ("system", "the portal"),
                        ],
                        max_length=16,
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                (
                    "actor_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "use",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.use",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["digest", "use", "-recorded_at"], name="address_opt_out_latest"
                    )
                ],
            },
        ),
        append_only("consent_addressoptout"),
    ]
