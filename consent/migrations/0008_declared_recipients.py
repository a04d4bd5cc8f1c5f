"""Who may be given what, for which purpose and on which ground, as sections 7 and 11 say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import migrations

RECIPIENTS = [
    # key, name, kind, one of many, privacy policy
    ("card-company", "your card company", "card-company", True, ""),
    ("geotrust", "GeoTrust", "partner", False, "https://www.geotrust.com/"),
    ("scanalert", "ScanAlert", "partner", False, "https://www.scanalert.com/"),
    ("statuscake", "StatusCake", "partner", False, "https://www.statuscake.com/"),
    ("court", "a court", "court", True, ""),
    ("police", "the police or a prosecutor", "police", True, ""),
    ("authority", "a public authority", "authority", True, ""),
    ("counsel", "our lawyers", "counsel", True, ""),
    ("harmed", "somebody who is being harmed", "harmed", True, ""),
    ("provider", "another provider", "provider", True, ""),
]

INFORMATION = (
    *("name", "email", "postal-address", "telephone", "payments"),
    *("account-status", "services", "site-address", "customer-log"),
)
CONTENTS = ("mail-contents", "file-contents", "message-contents")
BILLING = ("name", "email", "billing-address")

DECLARED = [
    # recipients, purposes, ground, fields
    (["card-company"], ["verify-payment"], "purchase", ("card", "name", "billing-address")),
    (["geotrust"], ["deliver-certificate"], "purchase", BILLING),
    (["scanalert"], ["deliver-site-scanning"], "purchase", BILLING),
    (["statuscake"], ["uptime-watch"], "choice", (*BILLING, "site-address")),
    (["statuscake"], ["uptime-watch"], "withdrawn", ("our-reference",)),
    (
        ["court", "police", "authority", "counsel", "harmed", "provider"],
        ["identify", "contact", "bring-action"],
        "harm",
        INFORMATION,
    ),
    (["court", "police", "authority"], ["obey-law"], "law", INFORMATION),
    (["provider"], ["provide-service"], "service", CONTENTS),
    (["court", "police", "counsel", "provider"], ["protect-interests"], "interests", CONTENTS),
    (["court", "police", "authority"], ["obey-order"], "order", CONTENTS),
    (["police"], ["report-crime"], "crime", CONTENTS),
]


def declare(apps: Any, editor: Any) -> None:
    recipients = apps.get_model("consent", "Recipient")
    by_key = {
        key: recipients.objects.create(
            key=key, name=name, kind=kind, is_one_of_many=many, website=website
        )
        for key, name, kind, many, website in RECIPIENTS
    }
    declarations = apps.get_model("consent", "Declaration")
    declarations.objects.bulk_create(
        declarations(recipient=by_key[key], purpose=purpose, ground=ground, field=field)
        for key, purpose, ground, field in _each()
    )


def _each() -> Iterator[tuple[str, str, str, str]]:
    for keys, purposes, ground, fields in DECLARED:
        for key in keys:
            for purpose in purposes:
                yield from ((key, purpose, ground, field) for field in fields)


class Migration(migrations.Migration):
    dependencies = [("consent", "0007_guards_of_the_register")]

    operations = [migrations.RunPython(declare, migrations.RunPython.noop)]
