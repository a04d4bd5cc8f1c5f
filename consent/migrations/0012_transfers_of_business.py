"""A part of the business is sold: a ground, a purpose and a recipient of the register (THIRD-5).

It is none of the four grounds on which contents of communications may be disclosed, nor of the
two for staff: a constraint of declarations keeps contents away from it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import migrations, models

from bizsecure.core.triggers import append_only, frozen_columns, guard, lifted

before = import_module("consent.migrations.0007_guards_of_the_register")

# Guards of 0007 of the tables that SQLite makes anew, or that look into one of those: taken off
# before and laid again after.
GUARDS = [
    append_only("consent_declaration"),
    append_only("consent_disclosure"),
    frozen_columns(
        "consent_recipient",
        "identity",
        ["key", "name", "kind"],
        "a recipient never becomes another one",
    ),
    guard(
        "consent_disclosure",
        "declared",
        ["INSERT"],
        "no disclosure without a declared recipient, purpose and field list",
        when=f"NOT ({before.DECLARED})",
    ),
    guard(
        "consent_disclosure",
        "approved",
        ["INSERT"],
        "no disclosure by staff without the approved entry it is of",
        when=f"NEW.entry_id IS NOT NULL AND NOT {before.APPROVED}",
    ),
    guard(
        "consent_barlifted",
        "of_barred",
        ["INSERT"],
        "only a bar can be lifted",
        when="(SELECT telling FROM consent_disclosure WHERE id = NEW.disclosure_id) <> 'barred'",
    ),
]
# What a successor needs to go on serving whoever is theirs now. Cards leave to card companies
# alone, and contents of communications on no such ground at all.
HANDED_ON = (
    *("name", "email", "billing-address", "postal-address", "telephone", "payments"),
    *("account-status", "services", "site-address", "customer-log"),
)


def declare(apps: Any, editor: Any) -> None:
    buyer = apps.get_model("consent", "Recipient").objects.create(
        key="buyer", name="the buyer of a part of our business", kind="buyer", is_one_of_many=True
    )
    declarations = apps.get_model("consent", "Declaration")
    declarations.objects.bulk_create(
        declarations(recipient=buyer, purpose="carry-on-business", ground="transfer", field=field)
        for field in HANDED_ON
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_changes_of_address"),
        ("consent", "0011_said_by_complaint"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *map(lifted, reversed(GUARDS)),
        migrations.RemoveConstraint(
            model_name="declaration",
            name="declaration_from_the_closed_lists",
        ),
        migrations.RemoveConstraint(
            model_name="disclosure",
            name="disclosure_from_the_closed_lists",
        ),
        migrations.RemoveConstraint(
            model_name="disclosure",
            name="disclosure_by_staff_takes_two",
        ),
        migrations.RemoveConstraint(
            model_name="recipient",
            name="recipient_of_a_known_kind",
        ),
        migrations.AlterField(
            model_name="declaration",
            name="ground",
            field=models.CharField(
                choices=[
                    ("purchase", "needed to carry out your purchase"),
                    ("choice", "your yes"),
                    ("withdrawn", "you took your yes back"),
                    ("harm", "someone is causing harm"),
                    ("law", "the law requires it"),
                    ("service", "necessary to provide the service to you"),
                    ("interests", "necessary to protect legitimate interests"),
                    ("order", "a valid legal order demands it"),
                    ("crime", "come upon inadvertently, and apparently about a crime"),
                    ("transfer", "part of our business is sold"),
                ],
                max_length=16,
                verbose_name="ground",
            ),
        ),
        migrations.AlterField(
            model_name="declaration",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("verify-payment", "verify and authorize your payment"),
                    ("deliver-certificate", "issue the certificate you bought"),
                    ("deliver-site-scanning", "carry out the site scanning you bought"),
                    ("uptime-watch", "watch that your site is up and tell you when it is not"),
                    ("identify", "identify someone who is causing harm"),
                    ("contact", "contact someone who is causing harm"),
                    ("bring-action", "bring action against someone who is causing harm"),
                    ("obey-law", "do what the law requires"),
                    ("provide-service", "provide the service to you"),
                    ("protect-interests", "protect legitimate interests"),
                    ("obey-order", "obey a valid legal order"),
                    ("report-crime", "report what appears to be a crime"),
                    ("carry-on-business", "carry on the part of our business that serves you"),
                ],
                max_length=32,
                verbose_name="purpose",
            ),
        ),
        migrations.AlterField(
            model_name="disclosure",
            name="ground",
            field=models.CharField(
                choices=[
                    ("purchase", "needed to carry out your purchase"),
                    ("choice", "your yes"),
                    ("withdrawn", "you took your yes back"),
                    ("harm", "someone is causing harm"),
                    ("law", "the law requires it"),
                    ("service", "necessary to provide the service to you"),
                    ("interests", "necessary to protect legitimate interests"),
                    ("order", "a valid legal order demands it"),
                    ("crime", "come upon inadvertently, and apparently about a crime"),
                    ("transfer", "part of our business is sold"),
                ],
                max_length=16,
                verbose_name="ground",
            ),
        ),
        migrations.AlterField(
            model_name="disclosure",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("verify-payment", "verify and authorize your payment"),
                    ("deliver-certificate", "issue the certificate you bought"),
                    ("deliver-site-scanning", "carry out the site scanning you bought"),
                    ("uptime-watch", "watch that your site is up and tell you when it is not"),
                    ("identify", "identify someone who is causing harm"),
                    ("contact", "contact someone who is causing harm"),
                    ("bring-action", "bring action against someone who is causing harm"),
                    ("obey-law", "do what the law requires"),
                    ("provide-service", "provide the service to you"),
                    ("protect-interests", "protect legitimate interests"),
                    ("obey-order", "obey a valid legal order"),
                    ("report-crime", "report what appears to be a crime"),
                    ("carry-on-business", "carry on the part of our business that serves you"),
                ],
                max_length=32,
                verbose_name="purpose",
            ),
        ),
        migrations.AlterField(
            model_name="disclosureentry",
            name="ground",
            field=models.CharField(
                choices=[
                    ("purchase", "needed to carry out your purchase"),
                    ("choice", "your yes"),
                    ("withdrawn", "you took your yes back"),
                    ("harm", "someone is causing harm"),
                    ("law", "the law requires it"),
                    ("service", "necessary to provide the service to you"),
                    ("interests", "necessary to protect legitimate interests"),
                    ("order", "a valid legal order demands it"),
                    ("crime", "come upon inadvertently, and apparently about a crime"),
                    ("transfer", "part of our business is sold"),
                ],
                max_length=16,
                verbose_name="ground",
            ),
        ),
        migrations.AlterField(
            model_name="disclosureentry",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("verify-payment", "verify and authorize your payment"),
                    ("deliver-certificate", "issue the certificate you bought"),
                    ("deliver-site-scanning", "carry out the site scanning you bought"),
                    ("uptime-watch", "watch that your site is up and tell you when it is not"),
                    ("identify", "identify someone who is causing harm"),
                    ("contact", "contact someone who is causing harm"),
                    ("bring-action", "bring action against someone who is causing harm"),
                    ("obey-law", "do what the law requires"),
                    ("provide-service", "provide the service to you"),
                    ("protect-interests", "protect legitimate interests"),
                    ("obey-order", "obey a valid legal order"),
                    ("report-crime", "report what appears to be a crime"),
                    ("carry-on-business", "carry on the part of our business that serves you"),
                ],
                max_length=32,
                verbose_name="purpose",
            ),
        ),
        migrations.AlterField(
            model_name="recipient",
            name="kind",
            field=models.CharField(
                choices=[
                    ("card-company", "card companies"),
                    ("partner", "partners"),
                    ("court", "courts"),
                    ("police", "police and prosecutors"),
                    ("authority", "other public authorities"),
                    ("counsel", "lawyers"),
                    ("harmed", "those who are being harmed"),
                    ("provider", "other providers"),
                    ("buyer", "buyers of a part of our business"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "field__in",
                        [
                            "name",
                            "email",
                            "billing-address",
                            "postal-address",
                            "telephone",
                            "card",
                            "payments",
                            "account-status",
                            "services",
                            "site-address",
                            "customer-log",
                            "our-reference",
                            "mail-contents",
                            "file-contents",
                            "message-contents",
                        ],
                    ),
                    (
                        "ground__in",
                        [
                            "purchase",
                            "choice",
                            "withdrawn",
                            "harm",
                            "law",
                            "service",
                            "interests",
                            "order",
                            "crime",
                            "transfer",
                        ],
                    ),
                    (
                        "purpose__in",
                        [
                            "verify-payment",
                            "deliver-certificate",
                            "deliver-site-scanning",
                            "uptime-watch",
                            "identify",
                            "contact",
                            "bring-action",
                            "obey-law",
                            "provide-service",
                            "protect-interests",
                            "obey-order",
                            "report-crime",
                            "carry-on-business",
                        ],
                    ),
                ),
                name="declaration_from_the_closed_lists",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ground__in",
                        [
                            "purchase",
                            "choice",
                            "withdrawn",
                            "harm",
                            "law",
                            "service",
                            "interests",
                            "order",
                            "crime",
                            "transfer",
                        ],
                    ),
                    (
                        "purpose__in",
                        [
                            "verify-payment",
                            "deliver-certificate",
                            "deliver-site-scanning",
                            "uptime-watch",
                            "identify",
                            "contact",
                            "bring-action",
                            "obey-law",
                            "provide-service",
                            "protect-interests",
                            "obey-order",
                            "report-crime",
                            "carry-on-business",
                        ],
                    ),
                ),
                name="disclosure_from_the_closed_lists",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approved_by__isnull", True),
                        ("entry__isnull", True),
                        ("ground__in", ("purchase", "choice", "withdrawn")),
                        ("telling", "now"),
                    ),
                    models.Q(
                        models.Q(("approved_by", models.F("actor_user")), _negated=True),
                        ("actor_kind", "staff"),
                        ("actor_user__isnull", False),
                        ("approved_by__isnull", False),
                        ("entry__isnull", False),
                        ("ground__in", ("harm", "law", "service", "interests", "order", "crime")),
                    ),
                    models.Q(
                        models.Q(("approved_by", models.F("actor_user")), _negated=True),
                        ("actor_kind", "staff"),
                        ("actor_user__isnull", False),
                        ("approved_by__isnull", False),
                        ("entry__isnull", True),
                        ("ground__in", ("transfer",)),
                        ("telling", "now"),
                    ),
                    _connector="OR",
                ),
                name="disclosure_by_staff_takes_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ground__in", ("transfer",))),
                fields=("customer", "recipient", "reference"),
                name="disclosure_once_a_transfer",
            ),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "card-company",
                            "partner",
                            "court",
                            "police",
                            "authority",
                            "counsel",
                            "harmed",
                            "provider",
                            "buyer",
                        ],
                    )
                ),
                name="recipient_of_a_known_kind",
            ),
        ),
        *GUARDS,
        migrations.RunPython(declare, migrations.RunPython.noop),
    ]
