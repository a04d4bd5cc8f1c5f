from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0010_tallies"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="inboundmail",
            options={
                "ordering": ("-pk",),
                "verbose_name": "mail that came in",
                "verbose_name_plural": "mails that came in",
            },
        ),
    ]
