"""What must hold for the register of disclosures whatever code runs (THIRD-3, DISC-1, DISC-2)."""

from __future__ import annotations

from django.db import migrations

from bizsecure.core.triggers import append_only, frozen_columns, guard

DISCLOSURE = "consent_disclosure"
ENTRY = "consent_disclosureentry"

# The lengths of those fields of the list that are declared, each with its comma, add up to the
# length of the list only if all of it is declared and nothing stands in it twice.
DECLARED = """
COALESCE((
    SELECT SUM(LENGTH(declared.field) + 1) FROM consent_declaration declared
    WHERE declared.recipient_id = NEW.recipient_id
    AND declared.purpose = NEW.purpose
    AND declared.ground = NEW.ground
    AND REPLACE(',' || NEW.fields || ',', ',' || declared.field || ',', '')
        <> ',' || NEW.fields || ','
), 0) = LENGTH(NEW.fields) + 1
"""

APPROVED = """
EXISTS (
    SELECT 1 FROM consent_disclosureentry entry
    WHERE entry.id = NEW.entry_id
    AND entry.state = 'approved'
    AND entry.customer_id = NEW.customer_id
    AND entry.recipient_id = NEW.recipient_id
    AND entry.party = NEW.party
    AND entry.purpose = NEW.purpose
    AND entry.ground = NEW.ground
    AND entry.fields = NEW.fields
    AND entry.reference = NEW.reference
    AND entry.telling = NEW.telling
    AND entry.proposed_by_id = NEW.actor_user_id
    AND entry.decided_by_id = NEW.approved_by_id
)
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0006_register_of_disclosures")]

    operations = [
        append_only("consent_declaration"),
        append_only(DISCLOSURE),
        append_only("consent_grantuse"),
        append_only("consent_disclosureoutcome"),
        append_only("consent_barlifted"),
        append_only("consent_disclosuretold"),
        frozen_columns(
            "consent_recipient",
            "identity",
            ["key", "name", "kind"],
            "a recipient never becomes another one",
        ),
        guard(
            DISCLOSURE,
            "declared",
            ["INSERT"],
            "no disclosure without a declared recipient, purpose and field list",
            when=f"NOT ({DECLARED})",
        ),
        guard(
            DISCLOSURE,
            "approved",
            ["INSERT"],
            "no disclosure by staff without the approved entry it is of",
            when=f"NEW.entry_id IS NOT NULL AND NOT {APPROVED}",
        ),
        guard(
            "consent_barlifted",
            "of_barred",
            ["INSERT"],
            "only a bar can be lifted",
            when=(
                "(SELECT telling FROM consent_disclosure WHERE id = NEW.disclosure_id) <> 'barred'"
            ),
        ),
        frozen_columns(
            ENTRY,
            "words",
            [
                *("uid", "customer_id", "recipient_id", "party", "purpose", "ground", "fields"),
                *("reference", "telling", "tell_on", "barred_by", "proposed_by_id", "proposed_at"),
            ],
            "an entry says what it says",
        ),
        frozen_columns(
            ENTRY,
            "decision",
            ["state", "decided_by_id", "decided_at", "why_rejected"],
            "an entry is decided once",
            when="OLD.state <> 'proposed'",
        ),
        guard(ENTRY, "kept", ["DELETE"], "an entry stays"),
    ]
