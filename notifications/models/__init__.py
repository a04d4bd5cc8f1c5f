"""What staff write to many, campaigns, the outbox, and what we hear: mails and cases."""

from __future__ import annotations

from notifications.models.announcements import (
    Addressee,
    Announcement,
    AnnouncementQuerySet,
    Telling,
    TellingQuerySet,
)
from notifications.models.campaigns import Campaign, CampaignQuerySet, CampaignWords
from notifications.models.cases import (
    CannedAnswer,
    Case,
    CaseAttachment,
    CaseEvent,
    CaseLink,
    CaseMessage,
    CaseQuerySet,
)
from notifications.models.inbound import (
    InboundMail,
    InboundMailQuerySet,
    MailBounce,
    MailReading,
)
from notifications.models.outbox import (
    MailBatch,
    MailBatchQuerySet,
    MailContent,
    OutgoingMail,
    OutgoingMailQuerySet,
)
from notifications.models.pacing import Pace, SendingPlace
from notifications.models.postal import LetterRun, LetterRunQuerySet, PrintedLetter
from notifications.models.revisits import Revisit
from notifications.models.samples import QueueSample
from notifications.models.tallies import (
    MailTally,
    MailTallyQuerySet,
    TellingTally,
    TellingTallyQuerySet,
)

__all__ = [
    "Addressee",
    "Announcement",
    "AnnouncementQuerySet",
    "Campaign",
    "CampaignQuerySet",
    "CampaignWords",
    "CannedAnswer",
    "Case",
    "CaseAttachment",
    "CaseEvent",
    "CaseLink",
    "CaseMessage",
    "CaseQuerySet",
    "InboundMail",
    "InboundMailQuerySet",
    "LetterRun",
    "LetterRunQuerySet",
    "MailBatch",
    "MailBatchQuerySet",
    "MailBounce",
    "MailContent",
    "MailReading",
    "MailTally",
    "MailTallyQuerySet",
    "OutgoingMail",
    "OutgoingMailQuerySet",
    "Pace",
    "PrintedLetter",
    "QueueSample",
    "Revisit",
    "SendingPlace",
    "Telling",
    "TellingQuerySet",
    "TellingTally",
    "TellingTallyQuerySet",
]
