"""A row of the register as its customer gets to keep it."""

from __future__ import annotations

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.holdings import Row, Value
from consent.grounds import LegalGround
from consent.models import Disclosure, DisclosureOutcome

COLUMNS = (
    *("recorded_at", "given_to", "kind_of_recipient", "what_happened", "information", "purpose"),
    *("ground", "order_or_document", "outcome", "their_reference", "by", "sequence", "row_hash"),
)


def disclosure_row(row: Disclosure) -> Row:
    """Return a disclosure as one flat row; it comes from `with_outcome`."""
    values: tuple[Value, ...] = (
        row.recorded_at,
        row.party,
        row.recipient.get_kind_display(),
        row.get_kind_display(),
        ", ".join(str(field.label) for field in row.field_list),
        row.get_purpose_display(),
        row.get_ground_display(),
        row.reference,
        outcome_in_words(row.outcome),
        row.their_reference or "",
        row.get_actor_kind_display(),
        row.sequence,
        row.row_hash,
    )
    return dict(zip(COLUMNS, values, strict=True))


def what_happened(row: Disclosure) -> str:
    """Return a disclosure as a sentence."""
    facts = {
        "party": row.party,
        "purpose": row.get_purpose_display(),
        "fields": get_text_list([str(field.label) for field in row.field_list], str(_("and"))),
    }
    if row.kind == Disclosure.Kind.STOP:
        return _("We told %(party)s that you took your yes back.") % facts
    if row.ground == LegalGround.TRANSFER:
        return _("%(party)s takes over your %(fields)s, to %(purpose)s.") % facts
    return _("We gave %(party)s your %(fields)s, to %(purpose)s.") % facts


def outcome_in_words(outcome: str | None) -> str:
    """How a disclosure went, in words; nothing is claimed where nothing was recorded."""
    known = DisclosureOutcome.Outcome
    return str(known(outcome).label if outcome else _("not recorded yet"))
