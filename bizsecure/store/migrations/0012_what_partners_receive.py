"""Name all that a partner receives: billing information is the e-mail address as well (THIRD-2)."""

from __future__ import annotations

from typing import Any

from django.db import migrations

BEFORE = "your name and billing address"
AFTER = "your name, e-mail address and billing address"


def say_all(apps: Any, editor: Any) -> None:
    products = apps.get_model("store", "Product").objects
    products.filter(partner_receives=BEFORE).update(partner_receives=AFTER)


class Migration(migrations.Migration):
    dependencies = [("store", "0011_calls_are_kept")]

    operations = [migrations.RunPython(say_all, migrations.RunPython.noop)]
