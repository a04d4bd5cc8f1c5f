"""What this room keeps about a person, for the register of holdings."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.holdings import Holding, Row, declare
from accounts.models import Customer
from accounts.services.erasing import keep
from bizsecure.conduct.models import Decision
from bizsecure.conduct.reading import shown

ROWS_AT_ONCE = 500


def _decisions(customer: Customer) -> Iterator[Row]:
    rows = Decision.objects.filter(customer=customer).select_related(
        "policy", "service", "objection__case"
    )
    rows = rows.prefetch_related("reviews").order_by("sequence")
    for each in shown(rows.iterator(chunk_size=ROWS_AT_ONCE), customer):
        row, objection = each.decision, getattr(each.decision, "objection", None)
        yield {
            "recorded_at": row.recorded_at,
            "number": row.number,
            "what_was_done": row.get_step_display(),
            "ground": row.get_ground_display(),
            "policy_version": row.policy.number,
            "section": row.section,
            "service": row.service.name if row.service else "",
            "happened_on": row.happened_on,
            "until": row.ends_at,
            "about": each.matter,
            "rests_on": each.evidence,
            "objection": objection.case.number if objection else "",
            "became": "; ".join(
                f"{again.review.get_kind_display()} {again.review.recorded_at:%Y-%m-%d} "
                f"{again.words}".strip()
                for again in each.again
            ),
            "by": row.get_actor_kind_display(),
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


declare(
    Holding(
        key="decisions",
        title=_("Decisions about your conduct, and your objections"),
        models=(
            "conduct.Decision",
            "conduct.Review",
            "conduct.DecisionLetter",
            "conduct.Objection",
        ),
        rows=_decisions,
        # What they are about is sealed under the customer's own key, which goes with the account.
        erase=keep,
        keeps=_(
            "That something was reviewed, blocked, deleted or suspended, when, on which ground and "
            "what became of it, for our yearly report. What it was about and what it rested on "
            "cannot be read any more."
        ),
    )
)
