"""Tells the room below which version of the policy information is collected under (DATA-1)."""

from __future__ import annotations

from datetime import datetime

from accounts.collected import number_policies_by
from consent.models import PRIVACY, PolicyVersion


def number_in_force(moment: datetime) -> int | None:
    """Return the number of the privacy policy that was in force at a moment."""
    versions = PolicyVersion.objects.of(PRIVACY).effective(moment)
    return versions.values_list("number", flat=True).first()


number_policies_by(number_in_force)
