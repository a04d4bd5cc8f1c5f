"""What must hold for prices whatever code runs."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [append_only("store_price")]
