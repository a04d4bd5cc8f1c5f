"""A decision as its reader sees it: opened, with what became of it, and as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Customer, CustomerKey
from bizsecure.conduct.grounds import LASTING, Ground, Step, section_of
from bizsecure.conduct.models import EVIDENCE, MATTER, WORDS, Decision, Review


@dataclass(frozen=True)
class Again:
    """What somebody said who looked at a decision again, or that its time was over."""

    review: Review
    words: str


@dataclass(frozen=True)
class Shown:
    """A decision with its words, as far as they can still be read."""

    decision: Decision
    matter: str
    evidence: str
    again: list[Again]

    @property
    def sentence(self) -> str:
        return sentence(self.decision)

    @property
    def ended(self) -> Review | None:
        """What ended it; nothing while it stands."""
        ends = (each.review for each in self.again if each.review.kind in Review.ENDING)
        return next(ends, None)

    @property
    def state(self) -> str:
        """How it stands, in a few words."""
        if self.ended is not None:
            return str(self.ended.get_kind_display())
        return _("In effect") if self.decision.step in LASTING else _("Done")

    @property
    def tone(self) -> str:
        """The colour of that; the words say the same."""
        return "ok" if self.ended else "warn"

    @property
    def policy_link(self) -> str:
        """The section of the policy on which it rests, as it was on that day."""
        version = self.decision.policy
        section = section_of(Ground(self.decision.ground), version)
        address = reverse("policy_version", kwargs={"slug": version.slug, "number": version.number})
        return f"{address}#{section.anchor}" if section else address


def shown(decisions: Iterable[Decision], customer: Customer) -> Iterator[Shown]:
    """Yield decisions about one customer with what can still be read of them."""
    key = CustomerKey.objects.filter(customer=customer).first()
    for decision in decisions:
        yield Shown(
            decision=decision,
            matter=_opened(key, decision.matter, MATTER),
            evidence=_opened(key, decision.evidence, EVIDENCE),
            again=[
                Again(review, _opened(key, review.words, WORDS))
                for review in decision.reviews.all()
            ],
        )


def sentence(decision: Decision) -> str:
    """Return what was done, in a sentence without what it was about."""
    said = {
        Step.REVIEWED: _("We reviewed a communication of yours because of %(ground)s."),
        Step.BLOCKED: _("We blocked a communication of yours because of %(ground)s."),
        Step.DELETED: _("We deleted a communication of yours because of %(ground)s."),
        Step.SUSPENDED: _("We suspended your service “%(service)s” because of %(ground)s."),
    }[Step(decision.step)]
    service = decision.service.name if decision.service else ""
    return said % {"ground": decision.get_ground_display(), "service": service}


def sentence_of_review(review: Review) -> str:
    """Return what became of a decision, in a sentence."""
    said = {
        Review.Kind.UPHELD: _("We looked at our decision %(number)s again: it stands."),
        Review.Kind.LIFTED: _("We lifted our decision %(number)s."),
        Review.Kind.ENDED: _("The time of our decision %(number)s is over."),
    }[Review.Kind(review.kind)]
    return said % {"number": review.decision.number}


def _opened(key: CustomerKey | None, sealed: bytes | memoryview | None, place: str) -> str:
    return (key.open(sealed, place) or "") if key else ""
