"""Changes of the address one signs in with."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.db import migrations, models

import bizsecure.core.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_looks_at_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "old_address",
                    bizsecure.core.sealing.SealedCharField(
                        max_length=254, verbose_name="old address"
                    ),
                ),
                (
                    "new_address",
                    bizsecure.core.sealing.SealedCharField(
                        max_length=254, verbose_name="new address"
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="asked for")),
                ("proven_at", models.DateTimeField(null=True, verbose_name="proven")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled")),
                (
                    "was_put_back",
                    models.BooleanField(default=False, verbose_name="old address put back"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="address_changes",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("proven_at__isnull", True),
                            ("proven_at__gte", models.F("requested_at")),
                            _connector="OR",
                        ),
                        name="address_change_proven_after_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cancelled_at__isnull", True),
                            ("cancelled_at__gte", models.F("requested_at")),
                            _connector="OR",
                        ),
                        name="address_change_cancelled_after_request",
                    ),
                ],
            },
        ),
    ]
