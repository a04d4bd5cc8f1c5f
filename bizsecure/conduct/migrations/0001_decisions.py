from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bizsecure.conduct.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0015_staff_among_users"),
        ("consent", "0018_two_people_publish"),
        ("notifications", "0011_mails_that_came_in"),
        ("store", "0015_services_withheld"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
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
                    "number",
                    models.CharField(
                        default=bizsecure.conduct.models.new_decision_number,
                        max_length=16,
                        unique=True,
                        verbose_name="number",
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("reviewed", "reviewed"),
                            ("blocked", "blocked"),
                            ("deleted", "deleted"),
                            ("suspended", "suspended"),
                        ],
                        max_length=16,
                        verbose_name="step",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("spam", "spam"),
                            ("attacks", "attacks on the systems of others"),
                            ("programs", "harmful programs"),
                            ("crimes", "crimes against people"),
                            ("rights", "the rights of others"),
                            ("danger", "danger to our system"),
                        ],
                        max_length=16,
                        verbose_name="ground",
                    ),
                ),
                ("section", models.CharField(max_length=16, verbose_name="section")),
                ("happened_on", models.DateField(verbose_name="happened on")),
                ("ends_at", models.DateTimeField(null=True, verbose_name="until")),
                ("matter", models.BinaryField(null=True)),
                ("evidence", models.BinaryField(null=True)),
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
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="accounts.customer",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.policyversion",
                        verbose_name="policy",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="store.heldservice",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision about conduct",
                "verbose_name_plural": "decisions about conduct",
                "permissions": [
                    ("take_decision", "Can act on the grounds of the acceptable use policy"),
                    ("review_decision", "Can look again at decisions about conduct, and lift them"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objection",
                        to="notifications.case",
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objection",
                        to="conduct.decision",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Review",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("upheld", "Upheld"), ("lifted", "Lifted"), ("ended", "Over")],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("words", models.BinaryField(null=True)),
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
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="accounts.customer",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="conduct.decision",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("ends_at__isnull", False)),
                fields=["ends_at"],
                name="decision_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("customer", "sequence"), name="decision_place_in_chain"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sequence__gte", 1),
                    models.Q(("row_hash", models.F("previous_hash")), _negated=True),
                ),
                name="decision_chained",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ground__in", ["spam", "attacks", "programs", "crimes", "rights", "danger"]),
                    ("section__gt", ""),
                    ("step__in", ["reviewed", "blocked", "deleted", "suspended"]),
                ),
                name="decision_from_the_closed_lists",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("actor_kind", "staff"), ("actor_user__isnull", False)),
                name="decision_by_a_member_of_staff",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("service__isnull", False), ("step", "suspended")),
                    models.Q(
                        models.Q(("step", "suspended"), _negated=True), ("service__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="decision_suspends_a_service",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__isnull", True),
                    models.Q(
                        ("ends_at__gt", models.F("recorded_at")),
                        ("step__in", ["blocked", "suspended"]),
                    ),
                    _connector="OR",
                ),
                name="decision_lasts_until_a_later_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                fields=("customer", "sequence"), name="review_place_in_chain"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sequence__gte", 1),
                    models.Q(("row_hash", models.F("previous_hash")), _negated=True),
                ),
                name="review_chained",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["lifted", "ended"])),
                fields=("decision",),
                name="review_ends_a_decision_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "upheld")),
                fields=("decision",),
                name="review_upholds_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("actor_kind", "system"), ("kind", "ended")),
                    models.Q(
                        ("actor_kind", "staff"),
                        ("actor_user__isnull", False),
                        ("kind__in", ["upheld", "lifted"]),
                    ),
                    _connector="OR",
                ),
                name="review_by_staff_or_by_time",
            ),
        ),
    ]
