"""What staff see and write of messages."""

from __future__ import annotations

from notifications.admin.announcements import AnnouncementAdmin
from notifications.admin.campaigns import CampaignAdmin, OutgoingMailAdmin
from notifications.admin.cases import CannedAnswerAdmin, CaseAdmin, CaseEventAdmin
from notifications.admin.inbound import InboundMailAdmin

__all__ = [
    "AnnouncementAdmin",
    "CampaignAdmin",
    "CannedAnswerAdmin",
    "CaseAdmin",
    "CaseEventAdmin",
    "InboundMailAdmin",
    "OutgoingMailAdmin",
]
