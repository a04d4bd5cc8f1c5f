"""Drafting, publishing, moving and withdrawing versions of a policy.

What a member of staff wrote another one publishes, who agrees to exactly the words that were
shown. The operator of the machine, who publishes from a file, stands in the records as the portal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, ActorKind
from bizsecure.core.errors import Refused
from consent.calendar import policy_zone
from consent.deadlines import earliest_publishable
from consent.models import (
    PRIVACY,
    DeclaredUse,
    PolicyVersion,
    Use,
    VersionEvent,
    VersionTranslation,
    text_hash,
    translation_hash,
)
from consent.notes import mistake_in_notes
from consent.reasons import Reason
from consent.rendering import sections

Status = PolicyVersion.Status
# From strict to loose: a later version may keep a use where it is or make it stricter.
STRICTNESS: dict[str, int] = {
    DeclaredUse.Basis.CHOICE: 2,
    DeclaredUse.Basis.OPT_OUT: 1,
    DeclaredUse.Basis.ESSENTIAL: 0,
}


@dataclass(frozen=True)
class UseDraft:
    """A use as an editor declares it."""

    key: str
    purpose: str
    data: str
    recipient: str
    ground: str
    basis: str
    question: str = ""
    if_yes: str = ""
    if_no: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class TranslationDraft:
    """A version in a further language: its words, and by its key those of each use."""

    language: str
    title: str
    summary: str
    text: str
    uses: Mapping[str, Mapping[str, str]]
    notes: str = ""


@dataclass(frozen=True)
class VersionDraft:
    """A version as an editor writes it."""

    slug: str
    number: int
    title: str
    summary: str
    text: str
    updated_on: date
    effective_at: datetime | None
    uses: tuple[UseDraft, ...]
    notes: str = ""
    translations: tuple[TranslationDraft, ...] = ()


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


def written_last(version: PolicyVersion) -> VersionEvent | None:
    """Return by whom and when a draft was written as it is; older ones do not say."""
    return version.events.filter(kind=VersionEvent.Kind.WRITTEN).order_by("pk").last()


def notice_period_ends(now: datetime) -> datetime:
    """Return the earliest effective date that can be announced now, sending time included."""
    sending = timedelta(hours=settings.NOTICE_SENDING_HOURS)
    return earliest_publishable(now, sending, policy_zone())


@transaction.atomic
def save_draft(*, draft: VersionDraft, actor: Actor) -> PolicyVersion:
    """Save a draft, replacing one with the same number, and its translations with those given.

    Whoever changes anything in it is its author from then on, and cannot publish it. Refused with
    NOT_A_DRAFT when that number was published, with NOTES_UNFIT when what stands beside the
    sections cannot be read, with USE_IS_ANOTHER when a use carries the key of a
    different use, and with USE_HAS_A_KEY when it has another key already.
    """
    _check_notes(draft)
    version = PolicyVersion.objects.filter(slug=draft.slug, number=draft.number).first()
    before = fingerprint(version) if version else ""
    if version is None:
        version = PolicyVersion(slug=draft.slug, number=draft.number)
    elif version.status != Status.DRAFT:
        raise Refused(Reason.NOT_A_DRAFT)
    version.title, version.summary, version.text = draft.title, draft.summary, draft.text
    version.notes = draft.notes
    version.updated_on, version.effective_at = draft.updated_on, draft.effective_at
    version.save()
    version.declared_uses.all().delete()
    # Words that stood in drafts alone bind nobody, so an editor may mend them.
    Use.objects.filter(declared__isnull=True).delete()
    for position, use in enumerate(draft.uses):
        _declare(version, use, position)
    version.translations.all().delete()
    for translation in draft.translations:
        _translate(version, translation)
    version.refresh_from_db()
    if fingerprint(version) != before:
        _record(version, VersionEvent.Kind.WRITTEN, actor, timezone.now())
    return version


@transaction.atomic
def add_translations(
    *, version: PolicyVersion, translations: Sequence[TranslationDraft]
) -> list[VersionTranslation]:
    """Add languages that a published version has not got; return those that were added.

    What is there already stays: refused with NOT_A_DRAFT if it would become something else.
    """
    known = {each.language: each for each in version.translations.all()}
    for draft in translations:
        if draft.language in known and as_translation_draft(known[draft.language]) != draft:
            raise Refused(Reason.NOT_A_DRAFT)
    new = [draft for draft in translations if draft.language not in known]
    return [_translate(version, draft) for draft in new]


def as_translation_draft(translation: VersionTranslation) -> TranslationDraft:
    """Return a translation as its editor writes it."""
    names = [field.name for field in fields(TranslationDraft)]
    return TranslationDraft(**{name: getattr(translation, name) for name in names})


@transaction.atomic
def publish(*, version: PolicyVersion, actor: Actor, seen: str | None = None) -> PolicyVersion:
    """Post a draft: from now on it is announced, and its words never change (CHANGE-1, CHANGE-2).

    The uses it declares beyond those of the version before are its new uses, computed here. A
    member of staff who publishes agrees to what somebody else wrote: `seen` is the fingerprint of
    what was shown. Refused with TOO_EARLY (and the earliest date) when a customer could have less
    than the notice period; with NEW_USE_NEEDS_CHOICE and BASIS_LOOSENED when a use would begin or
    widen without being asked, and with USES_ELSEWHERE when another policy than the privacy
    policy would bring one in; with OWN_DRAFT and NEEDS_AGREEMENT when nobody but its author has
    agreed, with DRAFT_CHANGED when it is no longer what was seen; with OUT_OF_ORDER,
    NUMBER_TAKEN, NO_DATE, NOTHING_CHANGED and NOT_A_DRAFT for mistakes.
    """
    now = timezone.now()
    version = _held(version)
    if version.status != Status.DRAFT:
        raise Refused(Reason.NOT_A_DRAFT)
    if seen is not None and seen != fingerprint(version):
        raise Refused(Reason.DRAFT_CHANGED)
    base = PolicyVersion.objects.of(version.slug).published().order_by("-number").first()
    _check_number(version)
    _check_date(version, base, now)
    _record_introductions(version, base)
    _agree(version, actor, now)
    version.base, version.text_hash = base, text_hash(version)
    version.status, version.published_at = Status.PUBLISHED, now
    version.save(update_fields=["base", "text_hash", "status", "published_at"])
    _record(version, VersionEvent.Kind.PUBLISHED, actor, now)
    return version


@transaction.atomic
def reschedule(*, version: PolicyVersion, effective_at: datetime, actor: Actor) -> PolicyVersion:
    """Move the date of a change that is not in force.

    A later date takes nothing from anyone and is free. An earlier one starts a new round:
    everyone is told again and has the whole notice period, so it is refused with TOO_EARLY
    like a new version. OUT_OF_ORDER when another version would be overtaken. The date it has
    already changes nothing.
    """
    now = timezone.now()
    version = _held(version)
    _check_pending(version, now)
    if version.effective_at == effective_at:
        return version
    successor = version.successors.published().order_by("number").first()
    if successor is not None and successor.effective_at < effective_at:
        raise Refused(Reason.OUT_OF_ORDER)
    if version.effective_at is not None and effective_at < version.effective_at:
        version.round += 1
        version.effective_at = effective_at
        _check_date(version, version.base, now)
    version.effective_at = effective_at
    version.save(update_fields=["effective_at", "round"])
    _record(version, VersionEvent.Kind.MOVED, actor, now)
    return version


@transaction.atomic
def withdraw(*, version: PolicyVersion, actor: Actor) -> PolicyVersion:
    """Take a change back before it takes effect. Final; those who were told are told.

    Refused with IN_FORCE once its date has come, and with BUILT_UPON while a later version
    is compared with this one.
    """
    now = timezone.now()
    version = _held(version)
    _check_pending(version, now)
    if version.successors.published().exists():
        raise Refused(Reason.BUILT_UPON)
    version.status, version.withdrawn_at = Status.WITHDRAWN, now
    version.save(update_fields=["status", "withdrawn_at"])
    _record(version, VersionEvent.Kind.WITHDRAWN, actor, now)
    return version


def _check_notes(draft: VersionDraft) -> None:
    numbers = {section.number for section in sections(draft.text)}
    mistake = mistake_in_notes(draft.notes, numbers, {use.key for use in draft.uses})
    if mistake:
        raise Refused(Reason.NOTES_UNFIT, problem=mistake)


def _agree(version: PolicyVersion, actor: Actor, now: datetime) -> None:
    """Record that somebody else than its author agrees to a draft; the database asks for it."""
    written = written_last(version)
    by_staff = written is not None and written.actor_kind == ActorKind.STAFF
    if actor.kind == ActorKind.STAFF:
        if written is not None and by_staff and written.actor_user_id == actor.user_id:
            raise Refused(Reason.OWN_DRAFT)
        _record(version, VersionEvent.Kind.AGREED, actor, now)
    elif by_staff:
        raise Refused(Reason.NEEDS_AGREEMENT)


def _record(version: PolicyVersion, kind: VersionEvent.Kind, actor: Actor, now: datetime) -> None:
    VersionEvent.objects.create(
        version=version,
        kind=kind,
        effective_at=version.effective_at,
        round=version.round,
        fingerprint=fingerprint(version) if kind in VersionEvent.OF_DRAFTS else "",
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now,
    )


def _use_draft(declared: DeclaredUse) -> UseDraft:
    names = [field.name for field in fields(UseDraft)]
    return UseDraft(
        **{
            name: getattr(declared if hasattr(declared, name) else declared.use, name)
            for name in names
        }
    )


def _held(version: PolicyVersion) -> PolicyVersion:
    """The version as it is now, held with its whole policy until the transaction ends."""
    versions = PolicyVersion.objects.of(version.slug).order_by("pk").select_for_update()
    held: PolicyVersion = next(row for row in versions if row.pk == version.pk)
    return held


def _check_pending(version: PolicyVersion, now: datetime) -> None:
    if version.status == Status.WITHDRAWN:
        raise Refused(Reason.WITHDRAWN)
    if version.status != Status.PUBLISHED or version.effective_at is None:
        raise Refused(Reason.NOT_PUBLISHED)
    if version.effective_at <= now:
        raise Refused(Reason.IN_FORCE)


def _check_number(version: PolicyVersion) -> None:
    posted = PolicyVersion.objects.of(version.slug).posted().order_by("-number").first()
    if posted is not None and version.number <= posted.number:
        raise Refused(Reason.NUMBER_TAKEN, next=posted.number + 1)


def _check_date(version: PolicyVersion, base: PolicyVersion | None, now: datetime) -> None:
    if version.effective_at is None:
        raise Refused(Reason.NO_DATE)
    if base is None:
        return
    earliest = notice_period_ends(now)
    if version.effective_at < earliest:
        raise Refused(Reason.TOO_EARLY, earliest=earliest)
    if base.effective_at is not None and version.effective_at < base.effective_at:
        raise Refused(Reason.OUT_OF_ORDER)


def _record_introductions(version: PolicyVersion, base: PolicyVersion | None) -> None:
    before = {row.use_id: row for row in base.declared_uses.all()} if base else {}
    declared = list(version.declared_uses.select_related("use"))
    # The first version of a policy is announced to nobody, so it must not open a second door.
    if declared and version.slug != PRIVACY:
        raise Refused(Reason.USES_ELSEWHERE)
    if base and base.text == version.text and _terms(before.values()) == _terms(declared):
        raise Refused(Reason.NOTHING_CHANGED, base=base.number)
    for row in declared:
        known = before.get(row.use_id)
        if base and known is None and row.basis != DeclaredUse.Basis.CHOICE:
            raise Refused(Reason.NEW_USE_NEEDS_CHOICE, use=row.use.key)
        if base and known and STRICTNESS[row.basis] < STRICTNESS[known.basis]:
            raise Refused(Reason.BASIS_LOOSENED, use=row.use.key, base=base.number)
        row.introduced_by = known.introduced_by if known else version
        row.save(update_fields=["introduced_by"])


def _terms(rows: object) -> set[tuple[int, str]]:
    return {(row.use_id, row.basis) for row in rows}  # type: ignore[attr-defined]


def _declare(version: PolicyVersion, draft: UseDraft, position: int) -> None:
    identity = {"purpose": draft.purpose, "data": draft.data, "recipient": draft.recipient}
    known = Use.objects.filter(**identity).exclude(key=draft.key).first()
    if known is not None:
        raise Refused(Reason.USE_HAS_A_KEY, use=draft.key, known=known.key)
    use, created = Use.objects.get_or_create(key=draft.key, defaults=identity)
    if not created and any(getattr(use, name) != value for name, value in identity.items()):
        raise Refused(Reason.USE_IS_ANOTHER, use=draft.key)
    DeclaredUse.objects.create(
        version=version,
        use=use,
        ground=draft.ground,
        basis=draft.basis,
        question=draft.question,
        if_yes=draft.if_yes,
        if_no=draft.if_no,
        explanation=draft.explanation,
        position=position,
    )


def _translate(version: PolicyVersion, draft: TranslationDraft) -> VersionTranslation:
    translation = VersionTranslation(
        version=version,
        language=draft.language,
        title=draft.title,
        summary=draft.summary,
        text=draft.text,
        uses={key: dict(words) for key, words in draft.uses.items()},
        notes=draft.notes,
    )
    translation.text_hash = translation_hash(translation)
    translation.save()
    return translation
