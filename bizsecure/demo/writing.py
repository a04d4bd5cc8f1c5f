"""What people wrote to the company of the demonstration, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts import confidentiality
from accounts.actors import Actor
from accounts.models import Customer, User
from accounts.services.confiding import accept_terms
from notifications.models import CannedAnswer, InboundMail
from notifications.services.answering import answer_case, note, read_case
from notifications.services.casework import Attachment, add_message, open_case
from notifications.services.hearing import hear

CANNED = {
    "Where invoices are": (
        "You find every invoice in your account under Orders & invoices, to read and to save."
    ),
    "We look into it": (
        "Thank you for telling us. We are looking into it, and write again as soon as we know more."
    ),
}
# Whole mails, as they come in. The same mail is heard once.
HEARD = (
    """\
From: Ines Quispe <ines.quispe@example.com>
To: support@bizsecure.com
Subject: Moving a domain name to you
Message-ID: <moving-1@example.com>

Good morning,

how long does it take to move a domain name that is with somebody else, and does my mail
keep coming meanwhile?

Ines
""",
    """\
From: Bela Tanaka <customer-2@customers.example>
To: optout@bizsecure.com
Subject: Please stop
Message-ID: <stop-1@customers.example>

No more news, please.
""",
    """\
From: Jonas Berg <jonas.berg@example.com>
To: support@bizsecure.com
Subject: Out of the office
Message-ID: <away-1@example.com>
Auto-Submitted: auto-replied

I am away until Monday.
""",
)
ACCESS_LOG = b"2026-11-23T09:12:44Z GET /catalogue 200 10412 ms\n"


def write_to_us(*, dana: Customer, support: User, now: datetime) -> None:
    """Let a customer and a visitor write; support has answered one, and the other waits."""
    staff = Actor.staff(support)
    accept_terms(number=confidentiality.NEWEST, actor=staff)
    for title, text in CANNED.items():
        CannedAnswer.objects.create(title=title, text=text)
    open_case(
        topic="feedback",
        sender_address="nora.nolan@example.com",
        sender_name="Nora Nolan",
        subject="",
        text="The page about cookies answered everything I wanted to know. More of that, please.",
        actor=Actor.customer(),
        now=now - timedelta(days=6),
    )
    slow = open_case(
        topic="question",
        sender_address=dana.email,
        sender_name=dana.name,
        subject="Catalogue is slow",
        text="Since Monday our catalogue takes ten seconds to open.\nThe log is attached.",
        actor=Actor.customer(dana.user),
        now=now - timedelta(days=1),
        customer=dana,
        attachments=[Attachment("access.log", ACCESS_LOG)],
        is_proven=True,
    )
    read_case(case=slow, actor=staff)
    note(case=slow, text="The nightly backup ran into the morning; moved to 02:00.", actor=staff)
    answer_case(
        case=slow,
        text=(
            "It was us: a backup ran while your customers were awake. We moved it into the night, "
            "and the catalogue opens within a second again."
        ),
        actor=staff,
    )
    add_message(case=slow, text="It does. Thank you!", actor=Actor.customer(dana.user))


def hear_from_outside() -> None:
    """Let mails come in: a question, a wish to get no more news, and what a machine wrote."""
    for mail in HEARD:
        hear(raw=mail.replace("\n", "\r\n").encode(), way=InboundMail.Way.PIPE)
