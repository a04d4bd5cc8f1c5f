from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0013_tallies")]

    operations = [
        migrations.AddIndex(
            model_name="choice",
            index=models.Index(fields=["method", "-id"], name="choice_by_method"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("channel", "mail"), _negated=True),
                fields=["channel", "-id"],
                name="notice_by_channel",
            ),
        ),
    ]
