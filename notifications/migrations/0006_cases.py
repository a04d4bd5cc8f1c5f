import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.digests
import bizsecure.core.sealing
import notifications.models.cases
from bizsecure.core.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_changes_of_address"),
        ("notifications", "0005_what_we_hear"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=100, unique=True, verbose_name="title")),
                ("text", models.TextField(max_length=10000, verbose_name="text")),
                ("is_in_use", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "canned answer",
                "verbose_name_plural": "canned answers",
                "ordering": ("title",),
            },
        ),
        migrations.AddField(
            model_name="mailcontent",
            name="thread",
            field=bizsecure.core.sealing.SealedCharField(max_length=4000, null=True),
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "number",
                    models.CharField(
                        default=notifications.models.cases.new_case_number,
                        max_length=16,
                        unique=True,
                        verbose_name="number",
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("question", "A question about our services"),
                            ("billing", "An order, an invoice or a payment"),
                            ("privacy", "My personal information"),
                            ("security", "A question about security"),
                            ("opt-out", "Messages I do not want"),
                            ("feedback", "A comment on this site"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                        verbose_name="topic",
                    ),
                ),
                ("is_proven", models.BooleanField(default=False, verbose_name="signed in")),
                (
                    "sender_address",
                    bizsecure.core.sealing.SealedCharField(max_length=254, null=True),
                ),
                (
                    "sender_digest",
                    accounts.digests.AddressDigest(
                        editable=False, max_length=40, null=True, of="sender_address"
                    ),
                ),
                ("sender_name", bizsecure.core.sealing.SealedCharField(max_length=200, null=True)),
                ("subject", bizsecure.core.sealing.SealedCharField(max_length=200, null=True)),
                ("order_ref", bizsecure.core.sealing.SealedCharField(max_length=40, null=True)),
                ("language", models.CharField(default="en", max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("read", "Read"),
                            ("answered", "Answered"),
                            ("kept", "Kept"),
                            ("discarded", "Discarded"),
                        ],
                        default="received",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("waiting_since", models.DateTimeField(null=True, verbose_name="waiting since")),
                ("read_at", models.DateTimeField(null=True, verbose_name="read")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered first")),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="reviewed")),
                ("emptied_at", models.DateTimeField(null=True)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="accounts.customer",
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "permissions": [("answer_case", "May open, assign, answer and close cases")],
            },
        ),
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("written-again", "the sender wrote again"),
                            ("read", "read"),
                            ("assigned", "assigned"),
                            ("noted", "internal note added"),
                            ("answered", "answered"),
                            ("kept", "kept after review"),
                            ("discarded", "discarded after review"),
                            ("fetched", "attachment fetched"),
                            ("emptied", "content erased"),
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
                ("recorded_at", models.DateTimeField(verbose_name="at")),
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
                    "assignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="notifications.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a case",
                "verbose_name_plural": "steps of cases",
            },
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=40, unique=True)),
                ("made_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="notifications.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("in", "from the sender"),
                            ("out", "our answer"),
                            ("note", "internal note"),
                        ],
                        max_length=8,
                    ),
                ),
                ("text", bizsecure.core.sealing.SealedCharField(max_length=100000, null=True)),
                (
                    "other_address",
                    bizsecure.core.sealing.SealedCharField(max_length=254, null=True),
                ),
                ("written_at", models.DateTimeField()),
                ("message_id", bizsecure.core.sealing.SealedCharField(max_length=255, null=True)),
                (
                    "message_digest",
                    models.CharField(editable=False, max_length=40, null=True, unique=True),
                ),
                ("references", bizsecure.core.sealing.SealedCharField(max_length=4000, null=True)),
                ("form_id", models.CharField(max_length=40, null=True, unique=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="notifications.case",
                    ),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="notifications.outgoingmail",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseAttachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", bizsecure.core.sealing.SealedCharField(max_length=200, null=True)),
                ("size", models.PositiveIntegerField()),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("too-large", "too large"),
                            ("too-many", "too many files"),
                            ("type", "a kind of file that we do not take"),
                            ("scanner", "found to be dangerous"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", bizsecure.core.sealing.SealedCharField(max_length=64, null=True)),
                ("content", models.BinaryField(null=True)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="notifications.casemessage",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("waiting_since__isnull", False)),
                fields=["waiting_since"],
                name="case_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["customer", "-received_at"], name="case_of_customer"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "reviewed_at"], name="case_by_state"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["answered_at"], name="case_answered"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("read_at__isnull", True), ("read_by__isnull", True)),
                    models.Q(("read_at__isnull", False), ("read_by__isnull", False)),
                    _connector="OR",
                ),
                name="case_read_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["received", "read"]), ("waiting_since__isnull", False)),
                    models.Q(
                        ("state__in", ["answered", "kept", "discarded"]),
                        ("waiting_since__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="case_waits_until_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reviewed_at__isnull", False), ("state__in", ["kept", "discarded"])),
                    models.Q(
                        ("reviewed_at__isnull", True),
                        ("state__in", ["received", "read", "answered"]),
                    ),
                    _connector="OR",
                ),
                name="case_ends_with_a_review",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "answered"), _negated=True),
                    models.Q(("answered_at__isnull", False), ("read_at__isnull", False)),
                    _connector="OR",
                ),
                name="case_is_read_before_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "read"), _negated=True),
                    ("read_at__isnull", False),
                    _connector="OR",
                ),
                name="case_read_when",
            ),
        ),
        migrations.AddIndex(
            model_name="caseevent",
            index=models.Index(fields=["case", "recorded_at"], name="case_event_in_order"),
        ),
        migrations.AddIndex(
            model_name="casemessage",
            index=models.Index(fields=["case", "written_at"], name="case_message_in_order"),
        ),
        migrations.AddConstraint(
            model_name="casemessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author__isnull", True), ("direction", "in")),
                    models.Q(("author__isnull", False), ("direction__in", ["out", "note"])),
                    _connector="OR",
                ),
                name="case_message_of_ours_has_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseattachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refusal", ""),
                    models.Q(("content__isnull", True), ("key__isnull", True)),
                    _connector="OR",
                ),
                name="case_attachment_refused_is_not_kept",
            ),
        ),
        append_only("notifications_caseevent"),
    ]
