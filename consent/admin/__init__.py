"""The staff pages of this room."""

from __future__ import annotations

from consent.admin.ledgers import AcceptanceAdmin, ChoiceAdmin, NoticeAdmin
from consent.admin.policies import PolicyVersionAdmin
from consent.admin.register import DisclosureAdmin, DisclosureEntryAdmin, RecipientAdmin

__all__ = [
    "AcceptanceAdmin",
    "ChoiceAdmin",
    "DisclosureAdmin",
    "DisclosureEntryAdmin",
    "NoticeAdmin",
    "PolicyVersionAdmin",
    "RecipientAdmin",
]
