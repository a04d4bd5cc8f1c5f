"""A version of a policy as its editor sees it: what a draft holds, what publishing would do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from bizsecure.core.errors import Refused
from consent.diff import Row, around_changes, side_by_side
from consent.models import DeclaredUse, PolicyVersion
from consent.reasons import sentence
from consent.services.publishing import (
    UseDraft,
    VersionDraft,
    as_translation_draft,
    notice_period_ends,
    publish,
)


@dataclass(frozen=True)
class Rehearsal:
    """What publishing a draft would do now. `base` is the version it would be compared with.

    `earliest` is the earliest date it may have now, and `refusal` the sentence why not.
    """

    base: PolicyVersion | None
    new_uses: list[DeclaredUse]
    rows: list[Row]
    earliest: datetime | None
    refusal: str


def as_draft(version: PolicyVersion) -> VersionDraft:
    """Return a version, published or not, as its editor writes it."""
    own = {field.name for field in fields(VersionDraft)} - {"uses", "translations"}
    uses = version.declared_uses.select_related("use").order_by("position")
    return VersionDraft(
        **{name: getattr(version, name) for name in own},
        uses=tuple(map(_use_draft, uses)),
        translations=tuple(map(as_translation_draft, version.translations.order_by("language"))),
    )


def fingerprint(version: PolicyVersion) -> str:
    """Return a text that is another one as soon as anything in the draft is another."""
    return hashlib.sha256(repr(as_draft(version)).encode()).hexdigest()


def rehearse(version: PolicyVersion) -> Rehearsal:
    """Return what publishing would do, tried and taken back at once: nothing is changed."""
    base = PolicyVersion.objects.of(version.slug).published().order_by("-number").first()
    declared = version.declared_uses.select_related("use").order_by("position")
    return Rehearsal(
        base=base,
        new_uses=list(declared.exclude(use__declared__version=base)),
        rows=around_changes(side_by_side(base.text if base else "", version.text)),
        earliest=earliest_after(base),
        refusal=_refusal(version),
    )


def earliest_after(base: PolicyVersion | None) -> datetime | None:
    """Return the earliest date a change of `base` may have now; a first version may have any."""
    if base is None or base.effective_at is None:
        return None
    return max(notice_period_ends(timezone.now()), base.effective_at)


def _refusal(version: PolicyVersion) -> str:
    try:
        with transaction.atomic():
            publish(version=version, actor=SYSTEM)
            transaction.set_rollback(True)
    except Refused as refused:
        return sentence(refused)
    return ""


def _use_draft(declared: DeclaredUse) -> UseDraft:
    names = [field.name for field in fields(UseDraft)]
    return UseDraft(
        **{
            name: getattr(declared if hasattr(declared, name) else declared.use, name)
            for name in names
        }
    )
