"""Policies and their versions, and the uses they declare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actors import ActorKind
from accounts.models import User
from bizsecure.core.ledger import AppendOnlyRow
from consent.calendar import policy_day
from consent.querysets import (
    PolicyVersionQuerySet,
    VersionEventQuerySet,
)

PRIVACY = "privacy"
ACCEPTABLE_USE = "acceptable-use"
# What of a use is words, and is translated.
WORDS_OF_USES = ("purpose", "data", "recipient")
WORDS_OF_DECLARATIONS = ("ground", "question", "if_yes", "if_no", "explanation")


class WordsOfAVersion(models.Model):
    """What a version says, in one language."""

    title = models.CharField(_("title"), max_length=120)
    summary = models.TextField(_("in plain words"), help_text=_("One sentence a line."))
    text = models.TextField(_("text"), help_text=_("Markdown; sections begin with ##."))
    # Read by consent.notes; nothing in them binds anybody.
    notes = models.TextField(
        _("beside the sections"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Not binding. A line like “## 4” begins those of section 4, “For you:” what it means "
            "for the reader, “Shows:” what customers see of their own."
        ),
    )
    text_hash = models.CharField(max_length=64, editable=False, blank=True)

    class Meta:
        abstract = True

    @property
    def summary_lines(self) -> list[str]:
        """The summary, a sentence a line."""
        return [line.strip() for line in self.summary.splitlines() if line.strip()]


class PolicyVersion(WordsOfAVersion):
    """A text of a policy. Once published it never changes (CHANGE-1).

    "In force" is a question about the time, never a state that a job sets. What it says here, in
    English, binds; its translations are for reading.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class State(models.TextChoices):
        """What a reader calls a version at a given time."""

        DRAFT = "draft", _("Draft")
        COMING = "coming", _("Coming")
        IN_FORCE = "in force", _("In force")
        REPLACED = "replaced", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    slug = models.SlugField(_("policy"), default=PRIVACY)
    number = models.PositiveIntegerField(_("version"))
    updated_on = models.DateField(_("dated"))
    effective_at = models.DateTimeField(_("takes effect"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    # The version whose uses and words this one is compared with. None for the first.
    base = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="successors"
    )
    # Moving the date forward starts a new round: everyone is told again, with 30 days.
    round = models.PositiveIntegerField(default=1, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    # Given by PolicyVersionQuerySet.with_state.
    state: str

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        ordering = ("slug", "-number")
        permissions = [("publish_policyversion", "Can publish, move and withdraw versions")]
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="policy_version_once"),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(published_at__isnull=False, effective_at__isnull=False, text_hash__gt=""),
                name="policy_version_published_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn", withdrawn_at__isnull=False)
                | (~Q(status="withdrawn") & Q(withdrawn_at__isnull=True)),
                name="policy_version_withdrawn_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("policy_version", kwargs={"slug": self.slug, "number": self.number})

    @property
    def language(self) -> str:
        """The language of the words that bind."""
        return settings.LANGUAGE_CODE

    @property
    def words(self) -> PolicyVersion | VersionTranslation:
        """What the reader reads: their language where it is translated, else what binds."""
        return self.words_in(get_language())

    def words_in(self, language: str | None) -> PolicyVersion | VersionTranslation:
        """What readers of a language read. Asks the database only for another than the binding."""
        if language is None or language == self.language:
            return self
        return self._by_language.get(language, self)

    def purpose_of(self, use: Use) -> str:
        """To what end a use of this version is, as its reader reads it."""
        words = self.words
        translated = words.uses if isinstance(words, VersionTranslation) else {}
        return str(translated.get(use.key, {}).get("purpose", use.purpose))

    @cached_property
    def _by_language(self) -> dict[str, VersionTranslation]:
        return {each.language: each for each in self.translations.all()}

    @property
    def state_label(self) -> str:
        """How `state` reads."""
        return str(self.State(self.state).label)

    @property
    def effective_on(self) -> date | None:
        """The day on which it takes effect, in the policy's own calendar."""
        return policy_day(self.effective_at) if self.effective_at else None

    def new_uses(self) -> models.QuerySet[DeclaredUse]:
        """The uses that this version brings in, each of them for the customer to decide."""
        uses = self.declared_uses.filter(introduced_by=self)
        return uses.select_related("use").order_by("position")


class VersionTranslation(WordsOfAVersion):
    """A version in a further language, for reading. What it says in English binds.

    `uses` has the words of each declared use by its key: purpose, data, recipient, ground,
    question, if_yes, if_no and explanation. Published words never change, in no language.
    """

    version = models.ForeignKey(
        PolicyVersion, on_delete=models.CASCADE, related_name="translations"
    )
    language = models.CharField(max_length=16)
    uses = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language"], name="version_translation_once_a_language"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} in {self.language}"


class VersionEvent(AppendOnlyRow):
    """Who wrote, agreed to, published, moved or withdrew a version, and when. Only ever added.

    The database publishes nothing that a member of staff wrote last, unless another one agreed
    after that.
    """

    class Kind(models.TextChoices):
        WRITTEN = "written", _("Written")
        AGREED = "agreed", _("Agreed to")
        PUBLISHED = "published", _("Published")
        MOVED = "moved", _("Date moved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # What is about words that are not published yet, and so names them by a hash.
    OF_DRAFTS = (Kind.WRITTEN, Kind.AGREED)

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # A draft may have no date yet.
    effective_at = models.DateTimeField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    round = models.PositiveIntegerField()
    actor_kind = models.CharField(max_length=16, choices=ActorKind.choices)
    actor_user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = VersionEventQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["written", "agreed"], fingerprint__gt="")
                | Q(kind__in=["published", "moved", "withdrawn"], effective_at__isnull=False),
                name="version_event_says_of_which_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.kind}"


class Use(models.Model):
    """A manner of using personal information: for what, which, and who uses it.

    Immutable. Another purpose, category or recipient is another use, however alike the words
    around it, so no editor can slip a new use under an old name.
    """

    key = models.SlugField(_("key"), unique=True)
    purpose = models.CharField(_("purpose"), max_length=200, help_text=_("Reads after “to”."))
    data = models.CharField(_("information"), max_length=200, help_text=_("Reads after “your”."))
    recipient = models.CharField(_("recipient"), max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "data", "recipient"], name="use_once"),
        ]

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class WordsOfAUse:
    """How a use is described and asked about, in one language."""

    language: str
    purpose: str
    data: str
    recipient: str
    ground: str
    question: str
    if_yes: str
    if_no: str
    explanation: str

    @property
    def question_hash(self) -> str:
        """The sha256 of what the customer is asked and told about both answers."""
        words = f"{self.question}\n{self.if_yes}\n{self.if_no}"
        return hashlib.sha256(words.encode()).hexdigest()


class DeclaredUse(models.Model):
    """That a version of the policy declares a use, on which ground, and with which question."""

    class Basis(models.TextChoices):
        ESSENTIAL = "essential", _("needed for the service")
        OPT_OUT = "opt-out", _("used unless the customer says no")
        CHOICE = "choice", _("unused until the customer says yes")

    version = models.ForeignKey(
        PolicyVersion, on_delete=models.CASCADE, related_name="declared_uses"
    )
    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="declared")
    ground = models.CharField(_("ground"), max_length=120)
    basis = models.CharField(_("basis"), max_length=16, choices=Basis.choices)
    question = models.CharField(_("question"), max_length=300, blank=True)
    if_yes = models.CharField(_("if yes"), max_length=300, blank=True)
    if_no = models.CharField(_("if no"), max_length=300, blank=True)
    explanation = models.TextField(_("explanation"), blank=True)
    position = models.PositiveIntegerField(default=0)
    # The version that brought the use in, since when it has been declared without a gap.
    introduced_by = models.ForeignKey(
        PolicyVersion,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="introduced_uses",
    )

    # Of a use of a posted version: how it reads, by language. Given by consent.posted.
    posted_words: Mapping[str | None, WordsOfAUse] | None = None

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["version", "use"], name="declared_use_once"),
            models.CheckConstraint(
                condition=Q(basis="essential") | Q(question__gt=""),
                name="declared_use_asks_a_question",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use.key} ({self.get_basis_display()})"

    @property
    def words(self) -> WordsOfAUse:
        """What the reader reads: their language where it is translated, else what binds."""
        language = get_language()
        if self.posted_words is not None:
            return self.posted_words[language]
        return self.words_in(language)

    def words_in(self, language: str | None) -> WordsOfAUse:
        """What readers of a language read."""
        if language not in {None, settings.LANGUAGE_CODE}:
            told = self.version.words_in(language)
            if isinstance(told, VersionTranslation) and self.use.key in told.uses:
                return WordsOfAUse(language=told.language, **told.uses[self.use.key])
        return WordsOfAUse(
            language=settings.LANGUAGE_CODE,
            **{name: getattr(self.use, name) for name in WORDS_OF_USES},
            **{name: getattr(self, name) for name in WORDS_OF_DECLARATIONS},
        )

    @property
    def question_hash(self) -> str:
        """The sha256 of what the reader is asked and told about both answers."""
        return self.words.question_hash


def text_hash(version: PolicyVersion) -> str:
    """Return the sha256 that pins everything a reader of this version sees."""
    parts: list[Any] = [version.slug, version.number, version.title, version.summary, version.text]
    # A version without notes has the hash that it had before there were any.
    parts += filter(None, [version.notes])
    return hashlib.sha256("\n\0".join(map(str, parts)).encode()).hexdigest()


def translation_hash(translation: VersionTranslation) -> str:
    """Return the sha256 that pins everything a reader of this translation sees."""
    uses = json.dumps(translation.uses, sort_keys=True, ensure_ascii=False)
    parts = [translation.language, translation.title, translation.summary, translation.text, uses]
    parts += filter(None, [translation.notes])
    return hashlib.sha256("\n\0".join(parts).encode()).hexdigest()
