import uuid

import django.db.models.deletion
from django.db import migrations, models

import bizsecure.core.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("consent", "0004_told_of_what_is_posted"),
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailContent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=32)),
                ("language", models.CharField(max_length=16)),
                ("subject", bizsecure.core.sealing.SealedCharField(max_length=200)),
                ("text", bizsecure.core.sealing.SealedCharField(max_length=50000)),
                ("html", bizsecure.core.sealing.SealedCharField(max_length=200000)),
                ("secrets", bizsecure.core.sealing.SealedCharField(max_length=4000, null=True)),
                ("occasion", models.CharField(max_length=64, null=True, unique=True)),
            ],
        ),
        migrations.AddField(
            model_name="campaign",
            name="paused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="effective_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="kind",
            field=models.CharField(max_length=32),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="round",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="consent.policyversion",
            ),
        ),
        migrations.AlterField(
            model_name="mailbatch",
            name="campaign",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="notifications.campaign",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmail",
            name="campaign",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mails",
                to="notifications.campaign",
            ),
        ),
        migrations.AlterField(
            model_name="outgoingmail",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mails",
                to="accounts.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("effective_at__isnull", True),
                        ("round__isnull", True),
                        ("version__isnull", True),
                    ),
                    models.Q(
                        ("effective_at__isnull", False),
                        ("round__isnull", False),
                        ("version__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="campaign_of_a_version_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("campaign__isnull", True)),
                fields=("first_id",),
                name="mail_batch_of_a_single_mail_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="outgoingmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("campaign__isnull", True), ("customer__isnull", False), _connector="OR"
                ),
                name="outgoing_mail_of_a_campaign_has_customer",
            ),
        ),
        migrations.AddField(
            model_name="mailcontent",
            name="mail",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="content",
                to="notifications.outgoingmail",
            ),
        ),
    ]
