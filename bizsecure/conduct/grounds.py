"""On which grounds we act against communications that harm, and what we may do (DISC-3).

Closed lists. A ground is one of the acceptable use policy: `section_of` finds where a version of
it says so, and a decision on a ground that its version does not have is refused.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.models import PolicyVersion
from consent.rendering import Section, sections


class Ground(models.TextChoices):
    """Why we act. The label reads after "because of"."""

    SPAM = "spam", _("spam")
    ATTACKS = "attacks", _("attacks on the systems of others")
    PROGRAMS = "programs", _("harmful programs")
    CRIMES = "crimes", _("crimes against people")
    RIGHTS = "rights", _("the rights of others")
    DANGER = "danger", _("danger to our system")


# With which words the binding text of the policy begins what it says of each.
HEADINGS = {
    Ground.SPAM: "Spam",
    Ground.ATTACKS: "Attacks",
    Ground.PROGRAMS: "Harmful programs",
    Ground.CRIMES: "Crimes against people",
    Ground.RIGHTS: "The rights of others",
    Ground.DANGER: "Danger to our system",
}


class Step(models.TextChoices):
    """What we do, from the mildest to the hardest. The label says what was done."""

    REVIEWED = "reviewed", _("reviewed")
    BLOCKED = "blocked", _("blocked")
    DELETED = "deleted", _("deleted")
    SUSPENDED = "suspended", _("suspended")


# What lasts until a time or until it is lifted. What is done once has no duration.
LASTING = frozenset({Step.BLOCKED, Step.SUSPENDED})


def section_of(ground: Ground, version: PolicyVersion) -> Section | None:
    """Return the section in which this version has the ground, or nothing if it has not."""
    words = f"<strong>{HEADINGS[ground]}.</strong>"
    return next((each for each in sections(version.text) if words in each.html), None)
