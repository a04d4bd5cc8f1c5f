"""The first terms of sale, what the first products offer, and the counter of invoices."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.db import migrations

FIRST_DAY = datetime(2007, 1, 27, tzinfo=UTC)

TERMS = """\
These are the terms on which BizSecure sells its services to you.

## 1. The order

You order by accepting these terms on the checkout page. We accept your order by collecting the payment.

Prices are those shown on the checkout page when you order. They do not change for an order that you have placed.

## 2. Paying

You pay in advance, for the month or the year that you chose, or once where the product says so.

We collect each payment only once. If a payment was interrupted we ask your card company what became of it before anything else happens.

## 3. The service

We set up each service as its product page says, and keep it running for the time you paid for.

A service that a partner delivers begins when the partner has set it up. The product page names the partner and what it receives.

We register domain names in our own name and hold them for you. You alone decide about the name, and we transfer it to you or to another provider whenever you ask.

## 4. Renewing and ending

No service renews by itself. We remind you by e-mail before the time you paid for is over, and you decide.

You can cancel any service in your control panel at any time. It ends when the time you paid for is over, or at once if it was not set up yet.

A service that is not renewed is suspended for 30 days, so that you can still renew it, and then ends. We then delete what was stored on it.

## 5. Your money back

If we cannot deliver a service, you get back what you paid for it.

In the first 30 days you may give back any service that we deliver ourselves, and get back what you paid for it. Write to <billing@bizsecure.com>.

## 6. Fair use

Our Acceptable Use Policy says what our services must not be used for. We tell you on which ground we act if we do, and you can object.

## 7. Your information

Our privacy policy says what we do with your information. Ordering is never a yes to a new use of it.
"""

SPACE, MAILBOXES, DATABASES = "Space", "Mailboxes", "Databases"
SERVER, RESTORE, SUPPORT = "Server", "Who looks after it", "Help"
FEATURES = {
    "shared-hosting": {
        SPACE: "10 GB",
        MAILBOXES: "5",
        DATABASES: "1",
        SERVER: "Shared with others",
        RESTORE: "We do",
        SUPPORT: "By e-mail",
    },
    "business-hosting": {
        SPACE: "50 GB",
        MAILBOXES: "50",
        DATABASES: "10",
        SERVER: "Few neighbors",
        RESTORE: "We do",
        SUPPORT: "By e-mail and telephone",
    },
    "dedicated-hosting": {
        SPACE: "1 TB",
        MAILBOXES: "As many as you like",
        DATABASES: "As many as you like",
        SERVER: "Yours alone: 4 cores, 32 GB",
        RESTORE: "We the hardware, you the rest",
        SUPPORT: "By e-mail and telephone, day and night",
    },
}
AT_ONCE = "Ready within a few minutes after you pay."
ABOUT: dict[str, dict[str, Any]] = {
    "shared-hosting": {
        "availability": AT_ONCE,
        "description": "Your site stands on a server beside others, each behind its own door.\n"
        "Good for a small site, a blog or a first attempt. You can move up at any time.",
    },
    "business-hosting": {
        "availability": AT_ONCE,
        "description": "More room, more mailboxes and databases, and a server with few neighbors.\n"
        "Good for a shop, or for a site that many people visit at the same time.",
    },
    "dedicated-hosting": {
        "availability": "Ready within one working day after you pay.",
        "largest_quantity": 10,
        "description": "A whole machine in our building, with nobody else on it.\n"
        "We replace what breaks. What runs on it is yours to choose and to look after.",
    },
    "domain-name": {
        "availability": "Registered within one working day after you tell us the name.",
        "summary": "A name of your own ending in .com, .net or .org. We register it in our name and "
        "hold it for you, so that the registry receives nothing about you.",
        "description": "Registries publish or keep who owns a name. So we register it in our own "
        "name and hold it for you: the registry learns that BizSecure ordered a name, and nothing "
        "about you.\n"
        "You alone decide about the name. We transfer it to you or to another provider whenever "
        "you ask.\n"
        "Buy it here and tell us the name afterwards, on the page of the service. If the name is "
        "taken you choose another one or get your money back.",
    },
    "geotrust-certificate": {
        "availability": "Issued by GeoTrust, mostly within an hour after you pay.",
        "description": "GeoTrust checks that the domain is yours and issues the certificate. We "
        "install it on your site and renew it for as long as you keep it.",
    },
    "scanalert-scanning": {
        "availability": "ScanAlert begins within one working day after you pay.",
        "description": "Once a day ScanAlert looks at what is open to the Internet on your site, "
        "and at known weaknesses of the programs behind it.\n"
        "What it finds is sent to you, ordered by how urgent it is.",
    },
    "daily-backups": {
        "availability": AT_ONCE,
        "description": "Each night we copy files, mailboxes and databases of one site to another "
        "building, encrypted, and keep each copy for 30 days.\n"
        "You put back a single file or everything, yourself or with our help.",
    },
}


def fill(apps: Any, editor: Any) -> None:
    apps.get_model("store", "InvoiceCounter").objects.create(pk=1)
    apps.get_model("store", "TermsVersion").objects.create(
        number=1,
        text=TERMS,
        text_hash=hashlib.sha256(TERMS.encode()).hexdigest(),
        valid_from=FIRST_DAY,
    )
    product, feature = (apps.get_model("store", name) for name in ("Product", "Feature"))
    for slug, facts in ABOUT.items():
        product.objects.filter(slug=slug).update(**facts)
    for made in product.objects.filter(slug__in=FEATURES):
        feature.objects.bulk_create(
            feature(product=made, name=name, value=value, position=10 * number)
            for number, (name, value) in enumerate(FEATURES[made.slug].items(), start=1)
        )


class Migration(migrations.Migration):
    dependencies = [("store", "0005_order_guards")]

    # Terms cannot be deleted, so going back leaves the rows to go with their tables.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
