from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0009_mandates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="addressoptout",
            name="method",
            field=models.CharField(
                choices=[
                    ("panel", "in your account"),
                    ("mail_link", "by the link in a mail"),
                    ("one_click", "by one click in your mail program"),
                    ("opt_out_mail", "by a mail to our opt-out address"),
                    ("browser", "by a signal of your browser"),
                    ("staff", "through our staff"),
                    ("earlier", "by what you told us earlier"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="choice",
            name="method",
            field=models.CharField(
                choices=[
                    ("panel", "in your account"),
                    ("mail_link", "by the link in a mail"),
                    ("one_click", "by one click in your mail program"),
                    ("opt_out_mail", "by a mail to our opt-out address"),
                    ("browser", "by a signal of your browser"),
                    ("staff", "through our staff"),
                    ("earlier", "by what you told us earlier"),
                ],
                max_length=16,
            ),
        ),
    ]
