from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0007_returned_mails"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="outgoingmail",
            name="outgoing_mail_returned",
        ),
        migrations.AddIndex(
            model_name="outgoingmail",
            index=models.Index(
                condition=models.Q(("state__in", ["refused", "failed", "bounced"])),
                fields=["campaign", "customer"],
                name="outgoing_mail_returned",
            ),
        ),
    ]
