from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_address_changes_lapse")]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("is_staff", True)), fields=["email"], name="user_of_staff"
            ),
        ),
    ]
