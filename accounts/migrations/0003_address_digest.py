"""A digest of each customer's mail address, by which what was said of an address is found."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.db import migrations, models

import accounts.digests
from accounts.digests import address_digest
from bizsecure.core.triggers import guard

CUSTOMER = "accounts_customer"


def fill(apps: Any, editor: Any) -> None:
    customers = apps.get_model("accounts", "Customer").objects
    rows = customers.exclude(email="").only("email").order_by("pk").iterator(chunk_size=2000)
    while page := list(islice(rows, 2000)):
        for customer in page:
            customer.address_digest = address_digest(customer.email)
        customers.bulk_update(page, ["address_digest"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_guards")]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="status",
            field=models.CharField(
                choices=[
                    ("active", "In good standing"),
                    ("suspended", "Suspended"),
                    ("closing", "Being closed"),
                    ("closed", "Closed"),
                ],
                default="active",
                max_length=16,
                verbose_name="status",
            ),
        ),
        # Without a default the column is added in place, and the guards of the table stay.
        migrations.AddField(
            model_name="customer",
            name="address_digest",
            field=accounts.digests.AddressDigest(
                editable=False, max_length=40, null=True, of="email"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["address_digest"], name="customer_address_digest"),
        ),
        guard(
            CUSTOMER,
            "address_digested",
            ["INSERT", "UPDATE"],
            "an address is kept together with its digest",
            when="(NEW.email = '') <> (NEW.address_digest IS NULL)",
        ),
        guard(
            CUSTOMER,
            "digest_of_this_address",
            ["UPDATE"],
            "another address has another digest",
            when="LOWER(OLD.email) <> LOWER(NEW.email) AND OLD.address_digest = NEW.address_digest",
        ),
    ]
