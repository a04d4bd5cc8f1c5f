"""What this room keeps about a person, for the register of holdings."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.holdings import Holding, Row, declare, leave_out
from accounts.models import Customer
from accounts.services.erasing import keep
from notifications.composing import text_as_sent
from notifications.models import CaseMessage, InboundMail, OutgoingMail, Telling
from notifications.services.emptying import erase_cases
from notifications.services.erasing import erase_heard, erase_messages


def _messages(customer: Customer) -> Iterator[Row]:
    mails = OutgoingMail.objects.visible_to(customer).order_by("pk")
    for mail in mails.iterator(chunk_size=500):
        yield {
            "written_at": mail.queued_at,
            "accepted_at": mail.accepted_at,
            "to": mail.address,
            "subject": mail.subject,
            "state": mail.get_state_display(),
            "read_here_at": mail.read_here_at,
            "message_id": mail.message_id,
            "text": text_as_sent(mail, customer.name),
        }


declare(
    Holding(
        key="messages",
        title=_("Messages we sent you"),
        models=(
            "notifications.OutgoingMail",
            "notifications.MailContent",
            "notifications.MailBounce",
            "notifications.MailReading",
        ),
        rows=_messages,
        erase=erase_messages,
    )
)


def _tellings(customer: Customer) -> Iterator[Row]:
    rows = Telling.objects.filter(customer=customer).select_related("announcement")
    for row in rows.order_by("sequence").iterator(chunk_size=500):
        yield {
            "told_at": row.told_at,
            "of": row.announcement.words.subject,
            "kind": row.announcement.kind_label,
            "how": row.get_channel_display(),
            "came_back": row.retracts_id is not None,
            "message_id": row.message_id,
        }


declare(
    Holding(
        key="announcements",
        title=_("Important messages that we must prove you were told of"),
        models=(
            "notifications.Telling",
            "notifications.Addressee",
            "notifications.PrintedLetter",
        ),
        rows=_tellings,
        erase=keep,
        keeps=_(
            "That you were told of a breach of security, a transfer of our business or a notice "
            "about our service, and when. It holds no address that could be read."
        ),
    )
)


def _heard(customer: Customer) -> Iterator[Row]:
    rows = InboundMail.objects.filter(customer=customer).order_by("pk")
    for row in rows.iterator(chunk_size=500):
        yield {
            "received_at": row.received_at,
            "for": row.get_box_display(),
            "outcome": row.get_outcome_display(),
        }


declare(
    Holding(
        key="mails-from-you",
        title=_("Mails that we got from you or about you"),
        models=("notifications.InboundMail",),
        rows=_heard,
        erase=erase_heard,
    )
)
leave_out(
    "notifications.LetterRun", because="It names the member of staff who printed the letters."
)
leave_out("notifications.Announcement", because="It names the members of staff who wrote it.")


def _cases(customer: Customer) -> Iterator[Row]:
    # Notes of our staff, too: they are about the customer.
    messages = CaseMessage.objects.filter(case__customer=customer)
    rows = messages.select_related("case").prefetch_related("attachments")
    for row in rows.order_by("case", "pk").iterator(chunk_size=500):
        yield {
            "case": row.case.number,
            "about": row.case.get_topic_display(),
            "subject": row.case.subject,
            "state": row.case.get_state_display(),
            "written_at": row.written_at,
            "direction": row.get_direction_display(),
            "text": row.text,
            "files": ", ".join(each.name or "" for each in row.attachments.all()),
        }


declare(
    Holding(
        key="cases",
        title=_("What you wrote to us, and our answers"),
        models=(
            "notifications.Case",
            "notifications.CaseMessage",
            "notifications.CaseAttachment",
            "notifications.CaseLink",
            "notifications.CaseEvent",
        ),
        rows=_cases,
        erase=erase_cases,
        keeps=_(
            "That a message came, what it was about in a word, and when it was read and answered. "
            "What was written is erased."
        ),
    )
)
