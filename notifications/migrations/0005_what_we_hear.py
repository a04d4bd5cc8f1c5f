import uuid

import django.db.models.deletion
from django.db import migrations, models

import bizsecure.core.sealing
from bizsecure.core.triggers import append_only, lifted

TELLINGS = append_only("notifications_telling")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_changes_of_address"),
        ("notifications", "0004_guards"),
    ]

    operations = [
        lifted(TELLINGS),
        migrations.CreateModel(
            name="InboundMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("digest", models.CharField(max_length=40, unique=True)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("pipe", "from our mail server"),
                            ("mailbox", "from the mailbox"),
                            ("provider", "from our mail provider"),
                        ],
                        max_length=16,
                        verbose_name="came",
                    ),
                ),
                (
                    "box",
                    models.CharField(
                        choices=[
                            ("opt_out", "Opt-out address"),
                            ("bounce", "Return address"),
                            ("complaint", "Complaints of mail providers"),
                            ("support", "Support and all other addresses"),
                        ],
                        max_length=16,
                        verbose_name="for",
                    ),
                ),
                ("raw", bizsecure.core.sealing.SealedCharField(max_length=20000000, null=True)),
                ("envelope", bizsecure.core.sealing.SealedCharField(max_length=4000, null=True)),
                ("is_cut", models.BooleanField(default=False)),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("handled_at", models.DateTimeField(null=True, verbose_name="handled")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("opted_out", "Opted out"),
                            ("bounced", "A mail of ours came back"),
                            ("delayed", "A mail of ours is late"),
                            ("complaint", "Opted out by a complaint"),
                            ("case", "Became a case"),
                            ("machine", "Written by a machine, not answered"),
                            ("unknown_token", "About no mail of ours"),
                            ("nothing", "Nothing to do"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="MailBounce",
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
                            ("hard", "Cannot be delivered to this address"),
                            ("soft", "Could not be delivered for now"),
                            ("delayed", "Late, and still being tried"),
                        ],
                        max_length=16,
                    ),
                ),
                ("status", models.CharField(blank=True, max_length=16)),
                ("reported_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MailReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="outgoingmail",
            name="outgoing_mail_accepted_when",
        ),
        migrations.RemoveConstraint(
            model_name="telling",
            name="telling_once_a_way",
        ),
        migrations.AddField(
            model_name="telling",
            name="retracts",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="retractions",
                to="notifications.telling",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmail",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Waiting to be sent"),
                    ("deferred", "Will be tried again"),
                    ("accepted", "Accepted by your mail server"),
                    ("refused", "Refused by your mail server"),
                    ("failed", "Could not be delivered"),
                    ("bounced", "Came back: it did not reach you"),
                    ("dropped", "Not sent"),
                ],
                default="queued",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("accepted_at__isnull", False), ("state__in", ["accepted", "bounced"])
                    ),
                    models.Q(
                        models.Q(("state__in", ["accepted", "bounced"]), _negated=True),
                        ("accepted_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="outgoing_mail_accepted_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="telling",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retracts__isnull", True)),
                fields=("customer", "announcement", "channel", "message_id"),
                name="telling_once_a_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="telling",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retracts__isnull", False)),
                fields=("retracts",),
                name="telling_retracted_once",
            ),
        ),
        migrations.AddField(
            model_name="inboundmail",
            name="customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="inbound_mails",
                to="accounts.customer",
            ),
        ),
        migrations.AddField(
            model_name="mailbounce",
            name="mail",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bounces",
                to="notifications.outgoingmail",
            ),
        ),
        migrations.AddField(
            model_name="mailreading",
            name="mail",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reading",
                to="notifications.outgoingmail",
            ),
        ),
        migrations.AddIndex(
            model_name="inboundmail",
            index=models.Index(fields=["due_at"], name="inbound_mail_due"),
        ),
        migrations.AddConstraint(
            model_name="inboundmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handled_at__isnull", True), ("outcome", "")),
                    models.Q(
                        ("handled_at__isnull", False),
                        ("outcome__gt", ""),
                        ("raw__isnull", True),
                        ("due_at__isnull", True),
                        ("envelope__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="inbound_mail_handled_is_erased",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbounce",
            constraint=models.UniqueConstraint(
                fields=("mail", "kind"), name="mail_bounce_once_a_kind"
            ),
        ),
        TELLINGS,
    ]
