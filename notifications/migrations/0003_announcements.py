import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_downloads_closings_claims"),
        ("notifications", "0002_single_mails"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                ("subject", models.CharField(max_length=150, verbose_name="subject")),
                ("text", models.TextField(help_text="Markdown.", verbose_name="text")),
                ("audience", models.CharField(max_length=32, verbose_name="audience")),
                ("audience_facts", models.JSONField(default=dict)),
                ("buyer", models.CharField(blank=True, max_length=200, verbose_name="buyer")),
                (
                    "part",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="part of the business"
                    ),
                ),
                (
                    "happens_on",
                    models.DateField(blank=True, null=True, verbose_name="date of the transfer"),
                ),
                ("written_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField(null=True)),
                ("release_at", models.DateTimeField(null=True, verbose_name="to be sent")),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="announcement",
                        to="notifications.campaign",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
                "permissions": [
                    ("agree_announcement", "Can agree to essential messages that others wrote"),
                    ("send_announcement", "Can send, pause and cancel messages to many"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Addressee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addressed",
                        to="accounts.customer",
                    ),
                ),
                (
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addressees",
                        to="notifications.announcement",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Telling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveIntegerField(editable=False)),
                ("previous_hash", models.CharField(editable=False, max_length=64)),
                ("row_hash", models.CharField(editable=False, max_length=64)),
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
                    "channel",
                    models.CharField(
                        choices=[
                            ("mail", "by e-mail"),
                            ("shown", "on this site"),
                            ("letter", "by letter"),
                        ],
                        max_length=16,
                    ),
                ),
                ("told_at", models.DateTimeField()),
                ("address_digest", models.CharField(blank=True, max_length=40)),
                ("message_id", models.CharField(blank=True, max_length=120)),
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
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tellings",
                        to="notifications.announcement",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="accounts.customer",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "product_news",
                            "partner_offer",
                            "service_notice",
                            "security_breach",
                            "business_transfer",
                        ],
                    )
                ),
                name="announcement_of_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True)),
                    models.Q(
                        ("agreed_at__isnull", False),
                        ("agreed_by__isnull", False),
                        models.Q(("agreed_by", models.F("written_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="announcement_agreed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["service_notice", "security_breach", "business_transfer"]),
                        _negated=True,
                    ),
                    ("release_at__isnull", True),
                    ("agreed_at__isnull", False),
                    _connector="OR",
                ),
                name="announcement_essential_needs_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("campaign__isnull", True), ("release_at__isnull", False), _connector="OR"
                ),
                name="announcement_released_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="announcement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "business_transfer"), _negated=True),
                    models.Q(
                        models.Q(("buyer", ""), _negated=True),
                        models.Q(("part", ""), _negated=True),
                        ("happens_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="announcement_of_a_transfer_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="addressee",
            constraint=models.UniqueConstraint(
                fields=("customer", "announcement"), name="addressee_once_an_announcement"
            ),
        ),
        migrations.AddConstraint(
            model_name="telling",
            constraint=models.UniqueConstraint(
                fields=("customer", "sequence"), name="telling_place_in_chain"
            ),
        ),
        migrations.AddConstraint(
            model_name="telling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sequence__gte", 1),
                    models.Q(("row_hash", models.F("previous_hash")), _negated=True),
                ),
                name="telling_chained",
            ),
        ),
        migrations.AddConstraint(
            model_name="telling",
            constraint=models.UniqueConstraint(
                fields=("customer", "announcement", "channel", "message_id"),
                name="telling_once_a_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="telling",
            constraint=models.CheckConstraint(
                condition=models.Q(("told_at__lte", models.F("recorded_at"))),
                name="telling_not_ahead_of_time",
            ),
        ),
    ]
