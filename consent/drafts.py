"""A version of a policy as its editor sees it: what a draft holds, what publishing would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from bizsecure.core.errors import Refused
from consent.diff import Row, around_changes, side_by_side
from consent.models import DeclaredUse, PolicyVersion, VersionEvent
from consent.reasons import sentence
from consent.services.publishing import (
    VersionDraft,
    as_draft,
    fingerprint,
    notice_period_ends,
    publish,
    save_draft,
    written_last,
)

__all__ = ["Rehearsal", "as_draft", "earliest_after", "fingerprint", "preview", "rehearse"]


@dataclass(frozen=True)
class Rehearsal:
    """What publishing a draft would do now. `base` is the version it would be compared with.

    `written` says by whom it was written as it is, `earliest` is the earliest date it may have
    now, and `refusal` the sentence why not.
    """

    version: PolicyVersion
    base: PolicyVersion | None
    new_uses: list[DeclaredUse]
    rows: tuple[Row, ...]
    earliest: datetime | None
    refusal: str
    written: VersionEvent | None


def rehearse(version: PolicyVersion, actor: Actor) -> Rehearsal:
    """Return what publishing would do, tried and taken back at once: nothing is changed."""
    base = PolicyVersion.objects.of(version.slug).published().order_by("-number").first()
    declared = version.declared_uses.select_related("use").order_by("position")
    return Rehearsal(
        version=version,
        base=base,
        new_uses=list(declared.exclude(use__declared__version=base)),
        rows=around_changes(side_by_side(base.text if base else "", version.text)),
        earliest=earliest_after(base),
        refusal=_refusal(version, actor),
        written=written_last(version),
    )


def preview(draft: VersionDraft, actor: Actor) -> Rehearsal:
    """Return what publishing a draft would do that is not saved: saved and taken back at once.

    Refused with what `save_draft` refuses.
    """
    with transaction.atomic():
        rehearsal = rehearse(save_draft(draft=draft, actor=actor), actor)
        transaction.set_rollback(True)
    return rehearsal


def earliest_after(base: PolicyVersion | None) -> datetime | None:
    """Return the earliest date a change of `base` may have now; a first version may have any."""
    if base is None or base.effective_at is None:
        return None
    return max(notice_period_ends(timezone.now()), base.effective_at)


def _refusal(version: PolicyVersion, actor: Actor) -> str:
    try:
        with transaction.atomic():
            publish(version=version, actor=actor)
            transaction.set_rollback(True)
    except Refused as refused:
        return sentence(refused)
    return ""
