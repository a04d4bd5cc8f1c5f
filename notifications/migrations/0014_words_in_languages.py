import django.db.models.deletion
from django.db import migrations, models

from bizsecure.core.triggers import frozen_columns


class Migration(migrations.Migration):
    dependencies = [("notifications", "0013_telling_tallies")]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="language",
            # Nullable and without a default, so that no table of millions is written anew.
            field=models.CharField(max_length=16, null=True),
        ),
        migrations.CreateModel(
            name="CampaignWords",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=16)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("html", models.TextField()),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="translations",
                        to="notifications.campaign",
                    ),
                ),
            ],
            options={"verbose_name_plural": "campaign words"},
        ),
        migrations.AddConstraint(
            model_name="campaignwords",
            constraint=models.UniqueConstraint(
                fields=("campaign", "language"), name="campaign_words_once_a_language"
            ),
        ),
        frozen_columns(
            "notifications_campaignwords",
            "pinned",
            ["campaign_id", "language", "subject", "text", "html"],
            "the words of a campaign are pinned",
        ),
    ]
