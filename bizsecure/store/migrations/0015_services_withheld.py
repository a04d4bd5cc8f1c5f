from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0014_pages_of_providers")]

    operations = [
        migrations.AddField(
            model_name="heldservice",
            name="withheld_at",
            field=models.DateTimeField(null=True, verbose_name="withheld"),
        ),
        migrations.AlterModelOptions(
            name="termsversion",
            options={
                "ordering": ("-number",),
                "verbose_name": "version of the terms of sale",
                "verbose_name_plural": "terms of sale",
            },
        ),
    ]
