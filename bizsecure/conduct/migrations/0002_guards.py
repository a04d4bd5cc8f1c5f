"""What must hold for decisions about conduct whatever code runs."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import append_only, guard

# Names of our own tables and nothing else are put into the text.
DECISION, REVIEW = "conduct_decision", "conduct_review"
CUSTOMER = f"(SELECT customer_id FROM {DECISION} WHERE id = NEW.decision_id)"  # noqa: S608
ACTOR = f"(SELECT actor_user_id FROM {DECISION} WHERE id = NEW.decision_id)"  # noqa: S608
OBJECTED = "EXISTS (SELECT 1 FROM conduct_objection WHERE decision_id = NEW.decision_id)"
OF_CASE = "(SELECT customer_id FROM notifications_case WHERE id = NEW.case_id)"


class Migration(migrations.Migration):
    dependencies = [("conduct", "0001_decisions"), ("accounts", "0002_guards")]

    operations = [
        append_only(DECISION),
        append_only(REVIEW),
        append_only("conduct_objection"),
        guard(
            REVIEW,
            "of_own_customer",
            ["INSERT"],
            "a review stands in the ledger of whom the decision is about",
            when=f"NEW.customer_id <> {CUSTOMER}",
        ),
        guard(
            REVIEW,
            "by_another",
            ["INSERT"],
            "nobody upholds a decision of their own, or one without an objection",
            when=f"NEW.kind = 'upheld' AND (NEW.actor_user_id = {ACTOR} OR NOT {OBJECTED})",
        ),
        guard(
            "conduct_objection",
            "of_own_customer",
            ["INSERT"],
            "an objection is a case of whom the decision is about",
            when=f"{CUSTOMER} IS DISTINCT FROM {OF_CASE}",
        ),
    ]
