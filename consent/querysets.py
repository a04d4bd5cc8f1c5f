"""Questions about policy versions, notices and disclosures, as they are asked elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When

from consent.calendar import policy_day

if TYPE_CHECKING:
    from accounts.models import Customer
    from consent.models import PolicyVersion


NOT_BY_MAIL = ~Q(channel="mail")


class PolicyVersionQuerySet(models.QuerySet[Any]):
    """Questions about versions of a policy."""

    def of(self, slug: str) -> Self:
        return self.filter(slug=slug)

    def published(self) -> Self:
        """Versions that are posted and not withdrawn."""
        return self.filter(status="published")

    def posted(self) -> Self:
        """Everything the public has seen, withdrawn versions included (CHANGE-1)."""
        return self.exclude(status="draft")

    def effective(self, now: datetime) -> Self:
        """Published versions whose date has come, the one in force first."""
        return self.published().filter(effective_at__lte=now).order_by("-number")

    def in_force(self, now: datetime) -> PolicyVersion | None:
        """Return the newest version whose date has come. What binds one customer: the gate."""
        return self.effective(now).first()

    def coming(self, now: datetime) -> Self:
        """Published versions whose date has not come, the next one first."""
        return self.published().filter(effective_at__gt=now).order_by("number")

    def with_state(self, now: datetime) -> Self:
        """Add `state`: what a reader calls each version at `now` (PolicyVersion.State)."""
        versions = self.model._default_manager.all()
        newer = versions.effective(now).filter(slug=OuterRef("slug"), number__gt=OuterRef("number"))
        state = Case(
            When(~Q(status="published"), then=F("status")),
            When(effective_at__gt=now, then=Value("coming")),
            When(Exists(newer), then=Value("replaced")),
            default=Value("in force"),
        )
        return self.annotate(state=state)

    def changes(self) -> Self:
        """Published versions that customers must be told of: all but the first of a policy."""
        return self.published().filter(base__isnull=False).order_by("number")


class VersionEventQuerySet(models.QuerySet[Any]):
    """Questions about what was done with versions."""

    def of_waiting_drafts(self) -> Self:
        """Of each draft of the staff that has a date, by whom it was written last."""
        later = self.model._default_manager.filter(
            version=OuterRef("version"), kind="written", pk__gt=OuterRef("pk")
        )
        return self.filter(
            ~Exists(later),
            kind="written",
            actor_kind="staff",
            version__status="draft",
            version__effective_at__isnull=False,
        )


class NoticeQuerySet(models.QuerySet[Any]):
    """Questions about notices."""

    def standing(self) -> Self:
        """Proofs that no bounce has retracted."""
        # Spelled as a question, not as a join: of what is missing in a join PostgreSQL expects
        # that hardly anything is, and plans for one proof where there are a million.
        retractions = self.model._base_manager.filter(retracts=OuterRef("pk"))
        return self.filter(~Exists(retractions), retracts__isnull=True)

    def proving(self, version: PolicyVersion) -> Self:
        """Standing proofs for this change in its current round."""
        return self.standing().filter(version=version, round=version.round)

    def acknowledged(self) -> Self:
        """Proofs that the customer gave by pressing a button while signed in."""
        return self.without_mails().filter(channel="shown")

    def without_mails(self) -> Self:
        """Proofs of all ways but mail: few among many, and found through an index.

        SQLite uses that index only where a question repeats its very condition.
        """
        return self.filter(NOT_BY_MAIL)


class DisclosureQuerySet(models.QuerySet[Any]):
    """Questions about the register of disclosures."""

    def open_on(self, day: date) -> Self:
        """What customers may know of on a day of the policy's calendar (DISC-1).

        A question about the day, never a state that a job sets.
        """
        return self.filter(
            Q(telling="now")
            | Q(telling="deferred", tell_on__lte=day)
            | Q(telling="barred", bar_lifted__tell_on__lte=day)
        )

    def visible_to(self, customer: Customer, now: datetime) -> Self:
        """What this customer may see, the newest first."""
        return self.visible_on(policy_day(now), customer)

    def visible_on(self, day: date, customer: Customer) -> Self:
        """What this customer may see on a day of the policy's calendar, the newest first."""
        rows = self.filter(customer=customer).open_on(day)
        return rows.select_related("recipient").order_by("-sequence")

    def with_outcome(self) -> Self:
        """Add `outcome`, how it went, as far as is known, and `their_reference`."""
        # A row that is no longer unknown is the younger one of the two that there can be.
        outcomes: Any = self.model._meta.get_field("outcomes").related_model
        latest = outcomes.objects.filter(disclosure=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            outcome=Subquery(latest.values("outcome")[:1]),
            their_reference=Subquery(latest.values("their_reference")[:1]),
        )

    def to_be_told(self, now: datetime) -> Self:
        """Disclosures by staff that may be told of and were not yet, the oldest first."""
        rows = self.filter(entry__isnull=False, told__isnull=True)
        return rows.open_on(policy_day(now)).order_by("pk")
