"""Of a placed order the mail address may go, and what is sealed may be sealed anew."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import guard, lifted

STATE_OF_OLD = "(SELECT state FROM store_order WHERE id = OLD.order_id)"
REFUSED = "A placed order does not change"
# The lines of the address are sealed, and differ whenever a key is changed.
CHANGED = " OR ".join(
    [
        *(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in ("uid", "order_id")),
        *(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in ("name", "country")),
        "(OLD.email IS DISTINCT FROM NEW.email AND NEW.email <> '')",
    ]
)


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0012_what_partners_receive"),
    ]

    operations = [
        lifted(
            guard(
                "store_billingdetails",
                "changed",
                ["UPDATE"],
                REFUSED,
                when=f"{STATE_OF_OLD} <> 'draft'",
            )
        ),
        guard(
            "store_billingdetails",
            "changed",
            ["UPDATE"],
            REFUSED,
            when=f"{STATE_OF_OLD} <> 'draft' AND ({CHANGED})",
        ),
    ]
