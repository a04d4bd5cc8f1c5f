"""Staff who are no customers have changes of address, too, and get the link that cancels them."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_closing_for_customers"),
    ]

    operations = [
        migrations.AddField(
            model_name="addresschange",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="address_changes",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="addresschange",
            name="customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="address_changes",
                to="accounts.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer__isnull", True), ("user__isnull", False)),
                    models.Q(("customer__isnull", False), ("user__isnull", True)),
                    _connector="OR",
                ),
                name="address_change_of_a_customer_or_a_user",
            ),
        ),
    ]
