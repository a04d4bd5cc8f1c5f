from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0008_came_back"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="announcement",
            options={
                "ordering": ("-pk",),
                "permissions": [
                    ("agree_announcement", "Can agree to essential messages that others wrote"),
                    ("send_announcement", "Can send, pause and cancel messages to many"),
                    ("write_letters", "Can write letters to those whom no mail has reached"),
                ],
            },
        ),
    ]
