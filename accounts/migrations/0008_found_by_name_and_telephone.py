"""By what customers are found: folded names, and a digest of the telephone number."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.db import migrations

import accounts.lookup
from accounts.lookup import folded, telephone_digest, turned


def fill(apps: Any, editor: Any) -> None:
    """Compute the columns for the customers there are."""
    customers = apps.get_model("accounts", "Customer").objects
    rows = customers.only("uid", "name", "telephone").order_by("pk").iterator(chunk_size=1000)
    while page := list(islice(rows, 1000)):
        for customer in page:
            customer.folded_name = folded(customer.name) or None
            customer.turned_name = turned(customer.name) or None
            customer.telephone_digest = telephone_digest(customer.telephone or "")
        customers.bulk_update(page, ["folded_name", "turned_name", "telephone_digest"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_mandates"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="folded_name",
            field=accounts.lookup.FoldedName(
                db_index=True, editable=False, max_length=200, null=True
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="telephone_digest",
            field=accounts.lookup.TelephoneDigest(
                db_index=True, editable=False, max_length=40, null=True
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="turned_name",
            field=accounts.lookup.TurnedName(
                db_index=True, editable=False, max_length=200, null=True
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
