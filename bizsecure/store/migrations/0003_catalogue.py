"""What the company sells on its first day. Staff change it in the admin from then on."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import migrations

FIRST_DAY = datetime(2007, 1, 27, tzinfo=UTC)


def product(
    slug: str, name: str, kind: str, summary: str, *, partner: str = "", **amounts: str
) -> tuple[dict[str, str], dict[str, str]]:
    receives = "your name and billing address" if partner else ""
    about = {"slug": slug, "name": name, "kind": kind, "summary": summary}
    return {**about, "delivered_by": partner, "partner_receives": receives}, amounts


CATALOGUE = [
    product(
        "shared-hosting",
        "Shared hosting",
        "hosting",
        "For a small site or a blog, on a server that you share with others: 10 GB of space and "
        "5 mailboxes.",
        month="8.00",
        year="84.00",
    ),
    product(
        "business-hosting",
        "Business hosting",
        "hosting",
        "For a shop or a busy site, on a server with few neighbors: 50 GB of space, 50 mailboxes "
        "and a database.",
        month="24.00",
        year="252.00",
    ),
    product(
        "dedicated-hosting",
        "Dedicated server",
        "hosting",
        "A machine that is yours alone: 4 processor cores, 32 GB of memory and 1 TB of space. We "
        "look after the hardware, you after what runs on it.",
        month="149.00",
        year="1620.00",
    ),
    product(
        "domain-name",
        "Domain name",
        "domain",
        "A name of your own ending in .com, .net or .org, with its entries in the domain name "
        "system kept by us.",
        year="14.00",
    ),
    product(
        "geotrust-certificate",
        "GeoTrust certificate",
        "certificate",
        "Lets browsers reach your site encrypted, and see that the domain is yours. Issued by "
        "GeoTrust, installed by us.",
        partner="GeoTrust",
        year="99.00",
    ),
    product(
        "scanalert-scanning",
        "ScanAlert scanning",
        "scanning",
        "ScanAlert looks at your site from outside every day, as an attacker would, and tells you "
        "what it finds.",
        partner="ScanAlert",
        month="29.00",
        year="312.00",
    ),
    product(
        "daily-backups",
        "Daily backups",
        "backup",
        "A copy of your site each night, kept for 30 days in another building. You restore it "
        "yourself or ask us to.",
        month="5.00",
        year="54.00",
    ),
]


def fill(apps: Any, editor: Any) -> None:
    price = apps.get_model("store", "Price")
    for number, (about, amounts) in enumerate(CATALOGUE, start=1):
        made = apps.get_model("store", "Product").objects.create(position=10 * number, **about)
        price.objects.bulk_create(
            price(
                product=made,
                amount=Decimal(amount),
                currency="USD",
                period=period,
                valid_from=FIRST_DAY,
            )
            for period, amount in amounts.items()
        )


class Migration(migrations.Migration):
    dependencies = [("store", "0002_guards")]

    # Prices cannot be deleted, so going back leaves them to go with their table.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
