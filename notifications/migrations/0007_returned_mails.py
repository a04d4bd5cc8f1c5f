from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_cases")]

    operations = [
        migrations.AddIndex(
            model_name="outgoingmail",
            index=models.Index(
                condition=models.Q(("state__in", ["refused", "failed"])),
                fields=["campaign", "customer"],
                name="outgoing_mail_returned",
            ),
        ),
    ]
