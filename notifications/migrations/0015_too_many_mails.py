from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0014_words_in_languages")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="words_digest",
            field=models.CharField(editable=False, max_length=40, null=True),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["sender_digest", "-received_at"], name="case_of_sender"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("words_digest__isnull", False)),
                fields=["words_digest", "-received_at"],
                name="case_with_words",
            ),
        ),
    ]
