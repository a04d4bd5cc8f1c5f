"""Campaigns: one message to many, its words pinned."""

from __future__ import annotations

from typing import Any, Self, cast

from django.db import models
from django.db.models import F, Q

from consent.models import PolicyVersion
from notifications.kinds import KINDS, Kind, KindKey


class CampaignQuerySet(models.QuerySet[Any]):
    """Questions about campaigns."""

    def current(self) -> Self:
        """Campaigns that still say the truth: not stopped, the date not moved since.

        That a change was withdrawn stays true.
        """
        as_published = Q(
            version__status=PolicyVersion.Status.PUBLISHED,
            version__round=F("round"),
            version__effective_at=F("effective_at"),
        )
        needs_no_date = Q(kind=KindKey.POLICY_WITHDRAWN) | Q(version__isnull=True)
        return self.filter(as_published | needs_no_date, stopped_at__isnull=True)


class Campaign(models.Model):
    """One message to many customers. Its words, with the date in them, are pinned when made."""

    # No choices: the registry in kinds.py is the list, and grows without a migration.
    kind = models.CharField(max_length=32)
    # The change of policy it tells of. Campaigns of other kinds have an announcement instead.
    version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="campaigns"
    )
    round = models.PositiveIntegerField(null=True)
    effective_at = models.DateTimeField(null=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    # When all customers were last asked about, and not only those of whom something had changed.
    looked_through_at = models.DateTimeField(null=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "round", "effective_at"],
                name="campaign_once_an_occasion",
            ),
            models.CheckConstraint(
                condition=Q(version__isnull=True, round__isnull=True, effective_at__isnull=True)
                | Q(version__isnull=False, round__isnull=False, effective_at__isnull=False),
                name="campaign_of_a_version_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_label}: {self.subject}"

    def words_in(self, language: str | None) -> Campaign | CampaignWords:
        """The words as readers of a language get them: in it where there are any, else its own."""
        of_language = (words for words in self.translations.all() if words.language == language)
        return next(of_language, self)

    @property
    def kind_label(self) -> str:
        """How this kind of mail is called."""
        return str(KindKey(self.kind).label)

    @property
    def change(self) -> PolicyVersion:
        """The change of policy that a campaign of a policy kind tells of."""
        return cast("PolicyVersion", self.version)

    @property
    def definition(self) -> Kind:
        """What the registry says of this kind of mail."""
        return KINDS[KindKey(self.kind)]


class CampaignWords(models.Model):
    """The words of a campaign in a further language, pinned when it was made."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=16)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()

    class Meta:
        verbose_name_plural = "campaign words"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "language"], name="campaign_words_once_a_language"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.subject}"
