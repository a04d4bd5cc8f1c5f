"""The register of disclosures: recipients, what is declared for them, entries, outcomes."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("consent", "0005_address_opt_outs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DisclosureEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("party", models.CharField(max_length=200, verbose_name="given to")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("verify-payment", "verify and authorize your payment"),
                            ("deliver-certificate", "issue the certificate you bought"),
                            ("deliver-site-scanning", "carry out the site scanning you bought"),
                            (
                                "uptime-watch",
                                "watch that your site is up and tell you when it is not",
                            ),
                            ("identify", "identify someone who is causing harm"),
                            ("contact", "contact someone who is causing harm"),
                            ("bring-action", "bring action against someone who is causing harm"),
                            ("obey-law", "do what the law requires"),
                            ("provide-service", "provide the service to you"),
                            ("protect-interests", "protect legitimate interests"),
                            ("obey-order", "obey a valid legal order"),
                            ("report-crime", "report what appears to be a crime"),
                        ],
                        max_length=32,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
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
                        ],
                        max_length=16,
                        verbose_name="ground",
                    ),
                ),
                ("fields", models.CharField(max_length=300, verbose_name="information")),
                ("reference", models.CharField(max_length=120, verbose_name="document")),
                (
                    "telling",
                    models.CharField(
                        choices=[
                            ("now", "at once"),
                            ("deferred", "from a date on"),
                            ("barred", "not while the law forbids it"),
                        ],
                        max_length=8,
                        verbose_name="told",
                    ),
                ),
                ("tell_on", models.DateField(blank=True, null=True, verbose_name="told on")),
                (
                    "barred_by",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="law that forbids telling"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for a second person"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                        ],
                        default="proposed",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                (
                    "why_rejected",
                    models.CharField(blank=True, max_length=200, verbose_name="why rejected"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosure_entries",
                        to="accounts.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "disclosure entries",
                "permissions": [("approve_disclosureentry", "Can approve entries of others")],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveIntegerField(editable=False)),
                ("previous_hash", models.CharField(editable=False, max_length=64)),
                ("row_hash", models.CharField(editable=False, max_length=64)),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("customer", "you"),
                            ("staff", "our staff"),
                            ("system", "the portal"),
                        ],
                        max_length=16,
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("given", "given"), ("stop", "told to stop")],
                        default="given",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("party", models.CharField(max_length=200, verbose_name="given to")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("verify-payment", "verify and authorize your payment"),
                            ("deliver-certificate", "issue the certificate you bought"),
                            ("deliver-site-scanning", "carry out the site scanning you bought"),
                            (
                                "uptime-watch",
                                "watch that your site is up and tell you when it is not",
                            ),
                            ("identify", "identify someone who is causing harm"),
                            ("contact", "contact someone who is causing harm"),
                            ("bring-action", "bring action against someone who is causing harm"),
                            ("obey-law", "do what the law requires"),
                            ("provide-service", "provide the service to you"),
                            ("protect-interests", "protect legitimate interests"),
                            ("obey-order", "obey a valid legal order"),
                            ("report-crime", "report what appears to be a crime"),
                        ],
                        max_length=32,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
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
                        ],
                        max_length=16,
                        verbose_name="ground",
                    ),
                ),
                ("fields", models.CharField(max_length=300, verbose_name="information")),
                ("reference", models.CharField(max_length=120, verbose_name="order or document")),
                (
                    "telling",
                    models.CharField(
                        choices=[
                            ("now", "at once"),
                            ("deferred", "from a date on"),
                            ("barred", "not while the law forbids it"),
                        ],
                        default="now",
                        max_length=8,
                        verbose_name="told",
                    ),
                ),
                ("tell_on", models.DateField(null=True, verbose_name="told on")),
                (
                    "barred_by",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="law that forbids telling"
                    ),
                ),
                (
                    "actor_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="accounts.customer",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosure",
                        to="consent.disclosureentry",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DisclosureTold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("told_at", models.DateTimeField()),
                (
                    "disclosure",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="consent.disclosure",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="GrantUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("used_at", models.DateTimeField()),
                (
                    "disclosure",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grant_use",
                        to="consent.disclosure",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(unique=True, verbose_name="key")),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("card-company", "card companies"),
                            ("partner", "partners"),
                            ("court", "courts"),
                            ("police", "police and prosecutors"),
                            ("authority", "other public authorities"),
                            ("counsel", "lawyers"),
                            ("harmed", "those who are being harmed"),
                            ("provider", "other providers"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("is_one_of_many", models.BooleanField(default=False, verbose_name="one of many")),
                ("website", models.URLField(blank=True, verbose_name="privacy policy")),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.CheckConstraint(
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
                                ],
                            )
                        ),
                        name="recipient_of_a_known_kind",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="disclosureentry",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="consent.recipient",
                verbose_name="recipient",
            ),
        ),
        migrations.AddField(
            model_name="disclosure",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disclosures",
                to="consent.recipient",
                verbose_name="recipient",
            ),
        ),
        migrations.CreateModel(
            name="Declaration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("verify-payment", "verify and authorize your payment"),
                            ("deliver-certificate", "issue the certificate you bought"),
                            ("deliver-site-scanning", "carry out the site scanning you bought"),
                            (
                                "uptime-watch",
                                "watch that your site is up and tell you when it is not",
                            ),
                            ("identify", "identify someone who is causing harm"),
                            ("contact", "contact someone who is causing harm"),
                            ("bring-action", "bring action against someone who is causing harm"),
                            ("obey-law", "do what the law requires"),
                            ("provide-service", "provide the service to you"),
                            ("protect-interests", "protect legitimate interests"),
                            ("obey-order", "obey a valid legal order"),
                            ("report-crime", "report what appears to be a crime"),
                        ],
                        max_length=32,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
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
                        ],
                        max_length=16,
                        verbose_name="ground",
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("name", "name"),
                            ("email", "e-mail address"),
                            ("billing-address", "billing address"),
                            ("postal-address", "postal address"),
                            ("telephone", "telephone number"),
                            ("card", "card data"),
                            ("payments", "record of payments"),
                            ("account-status", "account status"),
                            ("services", "choice of services"),
                            ("site-address", "site address"),
                            ("customer-log", "customer log"),
                            ("our-reference", "reference that we gave you there"),
                            ("mail-contents", "contents of e-mail"),
                            ("file-contents", "contents of stored files"),
                            ("message-contents", "contents of other messages"),
                        ],
                        max_length=32,
                        verbose_name="information",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
                        to="consent.recipient",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="BarLifted",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tell_on", models.DateField(verbose_name="told on")),
                ("reference", models.CharField(max_length=120, verbose_name="document")),
                ("recorded_at", models.DateTimeField()),
                (
                    "actor_user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "disclosure",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bar_lifted",
                        to="consent.disclosure",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reference__gt", "")), name="bar_lifted_by_a_document"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DisclosureOutcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("delivered", "received"),
                            ("refused", "refused by the recipient"),
                            ("failed", "not delivered"),
                            ("unknown", "no answer yet"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "their_reference",
                    models.CharField(blank=True, max_length=120, verbose_name="their reference"),
                ),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("customer", "you"),
                            ("staff", "our staff"),
                            ("system", "the portal"),
                        ],
                        max_length=16,
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                (
                    "actor_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "disclosure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="consent.disclosure",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "unknown"), _negated=True),
                        fields=("disclosure",),
                        name="disclosure_outcome_once",
                    ),
                    models.UniqueConstraint(
                        fields=("disclosure", "outcome"), name="disclosure_outcome_said_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["delivered", "refused", "failed", "unknown"])
                        ),
                        name="disclosure_outcome_known",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="disclosureentry",
            index=models.Index(
                condition=models.Q(("state", "proposed")),
                fields=["proposed_at"],
                name="disclosure_entry_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosureentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ground__in", ("harm", "law", "service", "interests", "order", "crime"))
                ),
                name="disclosure_entry_on_a_ground_of_section_11",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosureentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("fields__gt", ""), ("party__gt", ""), ("reference__gt", "")),
                name="disclosure_entry_names_what_to_whom_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosureentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("decided_by__isnull", True),
                        ("state", "proposed"),
                    ),
                    models.Q(
                        models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["approved", "rejected"]),
                    ),
                    _connector="OR",
                ),
                name="disclosure_entry_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosureentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("barred_by", ""), ("tell_on__isnull", True), ("telling", "now")),
                    models.Q(
                        ("barred_by", ""), ("tell_on__isnull", False), ("telling", "deferred")
                    ),
                    models.Q(
                        ("barred_by__gt", ""), ("tell_on__isnull", True), ("telling", "barred")
                    ),
                    _connector="OR",
                ),
                name="disclosure_entry_says_when_it_is_told",
            ),
        ),
        migrations.AddIndex(
            model_name="disclosure",
            index=models.Index(fields=["recorded_at"], name="disclosure_recorded_at"),
        ),
        migrations.AddIndex(
            model_name="disclosure",
            index=models.Index(
                condition=models.Q(("telling", "deferred")),
                fields=["tell_on"],
                name="disclosure_deferred",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.UniqueConstraint(
                fields=("customer", "sequence"), name="disclosure_place_in_chain"
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sequence__gte", 1),
                    models.Q(("row_hash", models.F("previous_hash")), _negated=True),
                ),
                name="disclosure_chained",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(("fields__gt", ""), ("party__gt", ""), ("reference__gt", "")),
                name="disclosure_names_what_to_whom_and_for_what",
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
                    _connector="OR",
                ),
                name="disclosure_by_staff_takes_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ground", "withdrawn"), ("kind", "stop")),
                    models.Q(("kind", "given"), models.Q(("ground", "withdrawn"), _negated=True)),
                    _connector="OR",
                ),
                name="disclosure_stops_what_was_taken_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("barred_by", ""), ("tell_on__isnull", True), ("telling", "now")),
                    models.Q(
                        ("barred_by", ""), ("tell_on__isnull", False), ("telling", "deferred")
                    ),
                    models.Q(
                        ("barred_by__gt", ""), ("tell_on__isnull", True), ("telling", "barred")
                    ),
                    _connector="OR",
                ),
                name="disclosure_says_when_it_is_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.UniqueConstraint(
                fields=("recipient", "purpose", "ground", "field"), name="declaration_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("field__in", ("mail-contents", "file-contents", "message-contents")),
                        ("ground__in", ("service", "interests", "order", "crime")),
                    ),
                    models.Q(
                        models.Q(
                            ("field__in", ("mail-contents", "file-contents", "message-contents")),
                            _negated=True,
                        ),
                        models.Q(
                            ("ground__in", ("service", "interests", "order", "crime")),
                            _negated=True,
                        ),
                    ),
                    _connector="OR",
                ),
                name="declaration_of_contents_on_their_grounds",
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
                        ],
                    ),
                ),
                name="declaration_from_the_closed_lists",
            ),
        ),
    ]
