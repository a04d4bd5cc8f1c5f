"""What the company may do: policies and what customers were told and chose; the register."""

from __future__ import annotations

from consent.models.disclosures import (
    BarLifted,
    Disclosure,
    DisclosureOutcome,
    DisclosureTold,
    GrantUse,
)
from consent.models.entries import DisclosureEntry
from consent.models.ledgers import Acceptance, AddressOptOut, Choice, Notice
from consent.models.policies import (
    ACCEPTABLE_USE,
    PRIVACY,
    DeclaredUse,
    PolicyVersion,
    Use,
    VersionEvent,
    VersionTranslation,
    WordsOfAUse,
    text_hash,
    translation_hash,
)
from consent.models.recipients import Declaration, Recipient
from consent.models.tallies import Tally

__all__ = [
    "ACCEPTABLE_USE",
    "PRIVACY",
    "Acceptance",
    "AddressOptOut",
    "BarLifted",
    "Choice",
    "Declaration",
    "DeclaredUse",
    "Disclosure",
    "DisclosureEntry",
    "DisclosureOutcome",
    "DisclosureTold",
    "GrantUse",
    "Notice",
    "PolicyVersion",
    "Recipient",
    "Tally",
    "Use",
    "VersionEvent",
    "VersionTranslation",
    "WordsOfAUse",
    "text_hash",
    "translation_hash",
]
