from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_staff_among_users")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("email_verified_at__isnull", True)),
                fields=["id"],
                name="customer_unproven",
            ),
        ),
    ]
