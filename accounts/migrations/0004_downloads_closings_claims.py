"""Downloads of everything, the closing of accounts, and codes to get a sign-in."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bizsecure.core.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_address_digest"),
    ]

    operations = [
        migrations.CreateModel(
            name="Download",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Being put together"),
                            ("ready", "Ready"),
                            ("failed", "Did not work"),
                            ("gone", "Deleted"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("epoch", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("steps_done", models.PositiveSmallIntegerField(default=0)),
                ("steps", models.PositiveSmallIntegerField(default=0)),
                ("rows_written", models.PositiveIntegerField(default=0)),
                ("key", bizsecure.core.sealing.SealedCharField(max_length=64, null=True)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloads",
                        to="accounts.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DownloadPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "download",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="accounts.download",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClaimCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code_digest", models.CharField(max_length=40)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("letter", "by letter to the postal address on file"),
                            ("billing", "given by the billing department"),
                        ],
                        max_length=16,
                    ),
                ),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claim_codes",
                        to="accounts.customer",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("replaced_at__isnull", True), ("used_at__isnull", True)
                        ),
                        fields=("customer",),
                        name="claim_code_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("issued_at"))),
                        name="claim_code_expires",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tries__lte", 5)), name="claim_code_tried_seldom"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="asked for")),
                ("erase_at", models.DateTimeField(verbose_name="erased from")),
                (
                    "status_before",
                    models.CharField(
                        choices=[
                            ("active", "In good standing"),
                            ("suspended", "Suspended"),
                            ("closing", "Being closed"),
                            ("closed", "Closed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True, verbose_name="undone")),
                ("erased_at", models.DateTimeField(null=True, verbose_name="erased")),
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
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closings",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["erase_at"], name="closing_due")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("erased_at__isnull", True), ("undone_at__isnull", True)
                        ),
                        fields=("customer",),
                        name="closing_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("undone_at__isnull", True),
                            ("erased_at__isnull", True),
                            _connector="OR",
                        ),
                        name="closing_undone_or_carried_out",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_at__isnull", True),
                            ("erased_at__gte", models.F("erase_at")),
                            _connector="OR",
                        ),
                        name="closing_not_before_its_time",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="download",
            index=models.Index(fields=["state", "expires_at"], name="download_by_state"),
        ),
        migrations.AddConstraint(
            model_name="download",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=("customer",),
                name="download_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="download",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ready"), _negated=True),
                    models.Q(
                        ("expires_at__isnull", False),
                        ("key__isnull", False),
                        ("ready_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="download_ready_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="downloadpart",
            constraint=models.UniqueConstraint(
                fields=("download", "number"), name="download_part_once"
            ),
        ),
    ]
