"""What becomes of a mail that was heard: an opt-out, a bounce, a complaint, or a case.

A table of rules over what the mail is, from the surest to the least sure. What no rule is sure
of, a person reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from mimetypes import guess_extension
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from accounts.actors import Actor
from accounts.models import Customer
from consent.models import Choice
from notifications.answers import may_be_answered
from notifications.attachments import Attachment
from notifications.hearing.authorship import sign_of_a_machine, wants_no_answer
from notifications.hearing.bounce import Fate, read_bounce
from notifications.hearing.boxes import Box, Destination, token_in_subject
from notifications.hearing.complaint import Complaint, read_complaint
from notifications.hearing.opt_out_words import Wish, wish_of
from notifications.hearing.parsing import ParsedMail
from notifications.kinds import Sender
from notifications.models import Case, CaseMessage, InboundMail, OutgoingMail
from notifications.services.bouncing import mail_of_token, record_bounce, record_complaint
from notifications.services.casework import add_message, open_case
from notifications.services.crowding import crowded_case, words_digest
from notifications.services.opting_out_by_mail import (
    confirm_opt_out,
    opt_out_by_token,
    opt_out_sender,
)
from notifications.threads import find_thread, message_digest

Outcome, Method = InboundMail.Outcome, Choice.Method
MAILBOXES = ("support", "optout", "bounce", "complaints", *(each.value[1] for each in Sender))
# What people write to which of our addresses is about.
TOPICS = {
    "billing": Case.Topic.BILLING,
    "privacy": Case.Topic.PRIVACY,
    "security": Case.Topic.SECURITY,
    "abuse": Case.Topic.SECURITY,
    "feedback": Case.Topic.FEEDBACK,
}
MOST_FILES = 30
ENDINGS = {"message/rfc822": ".eml", "text/plain": ".txt"}


@dataclass(frozen=True)
class Heard:
    """A mail that came in, read. `sender` is the one of the envelope, None where not known."""

    mail: ParsedMail
    where: Destination
    sender: str | None
    is_cut: bool

    @property
    def author(self) -> str:
        """Whose mail it claims to be: one address, or nothing where it names none or several."""
        named = [box.address for box in self.mail.senders]
        if len(named) == 1:
            return named[0]
        envelope = self.sender or ""
        known = {address.lower() for address in named}
        return envelope if "@" in envelope and (not named or envelope.lower() in known) else ""

    @property
    def sign_of_a_machine(self) -> str:
        own = {f"{mailbox}@{settings.MAIL_DOMAIN}" for mailbox in MAILBOXES}
        return sign_of_a_machine(self.mail, self.sender, own)


@dataclass(frozen=True)
class Result:
    """What became of it, and whom it concerned."""

    outcome: InboundMail.Outcome
    customer: Customer | None = None


def sort(*, heard: Heard, actor: Actor) -> Result:
    """Do what a mail asks for, or hand it to a person. Raises NotYet."""
    complaint = read_complaint(heard.mail)
    if complaint is not None:
        return _hear_complaint(heard, complaint, actor)
    if heard.where.box is Box.BOUNCE:
        return _hear_bounce(heard, actor)
    opted_out = _hear_token(heard, actor)
    if opted_out is not None:
        return opted_out
    if heard.sign_of_a_machine:
        return Result(Outcome.MACHINE)
    if heard.where.box is Box.OPT_OUT:
        return _hear_opt_out(heard, actor)
    return _hear_person(heard, actor)


def _hear_bounce(heard: Heard, actor: Actor) -> Result:
    """Believe a report only with the token of the mail that it is about."""
    mail = mail_of_token(heard.where.token)
    report = read_bounce(heard.mail)
    if report is None:
        # A vacation reply goes to the return path. A person hardly ever writes there, but may.
        return Result(Outcome.MACHINE) if heard.sign_of_a_machine else _case(heard, actor)
    if mail is None:
        return Result(Outcome.UNKNOWN_TOKEN)
    record_bounce(mail=mail, report=report, actor=actor)
    late = report.fate is Fate.DELAYED
    return Result(Outcome.DELAYED if late else Outcome.BOUNCED, mail.customer)


def _hear_complaint(heard: Heard, complaint: Complaint, actor: Actor) -> Result:
    if not complaint.is_abuse:
        return Result(Outcome.NOTHING)
    mail = _complained_of(complaint)
    if mail is not None and record_complaint(mail=mail, actor=actor):
        return Result(Outcome.COMPLAINT, mail.customer)
    for token in complaint.unsubscribe_tokens:
        customer = opt_out_by_token(token=token, method=Method.COMPLAINT, actor=actor)
        if customer is not None:
            return Result(Outcome.COMPLAINT, customer)
    return Result(Outcome.UNKNOWN_TOKEN)


def _complained_of(complaint: Complaint) -> OutgoingMail | None:
    found = map(mail_of_token, complaint.bounce_tokens)
    return next((mail for mail in found if mail is not None), None)


def _hear_token(heard: Heard, actor: Actor) -> Result | None:
    """Obey a token in the address or the subject, also if a program wrote the mail.

    That is how mail programs unsubscribe somebody at one press (RFC 2369). Tokens in the text
    count for nothing: whoever answers one of our mails quotes its links.
    """
    in_address = heard.where.token if heard.where.box is Box.OPT_OUT else ""
    for token in filter(None, (in_address, token_in_subject(heard.mail.subject))):
        customer = opt_out_by_token(token=token, method=Method.OPT_OUT_MAIL, actor=actor)
        if customer is not None:
            _confirm(heard, customer, "", actor)
            return Result(Outcome.OPTED_OUT, customer)
    return None


def _hear_opt_out(heard: Heard, actor: Actor) -> Result:
    """Whoever writes to the opt-out address is opted out; what is unclear is read as well."""
    if not heard.author:
        return _case(heard, actor)
    customer = opt_out_sender(address=heard.author, method=Method.OPT_OUT_MAIL, actor=actor)
    _confirm(heard, customer, heard.author, actor)
    if wish_of(heard.mail.subject, heard.mail.text) is Wish.UNCLEAR:
        _case(heard, actor, confirm=False)
    return Result(Outcome.OPTED_OUT, customer)


def _hear_person(heard: Heard, actor: Actor) -> Result:
    """A mail to support is a case. One that only says "unsubscribe" is what it says.

    Within a conversation it is the next word of that conversation as well.
    """
    wish = wish_of(heard.mail.subject, heard.mail.text)
    if heard.author and wish in {Wish.PLAIN, Wish.SHORT}:
        customer = opt_out_sender(address=heard.author, method=Method.OPT_OUT_MAIL, actor=actor)
        _confirm(heard, customer, heard.author, actor)
        if wish is Wish.PLAIN and _thread(heard) is None:
            return Result(Outcome.OPTED_OUT, customer)
        return _case(heard, actor, confirm=False)
    return _case(heard, actor)


def _confirm(heard: Heard, customer: Customer | None, address: str, actor: Actor) -> None:
    if _is_to_be_answered(heard):
        confirm_opt_out(customer=customer, address=address, actor=actor)


def _case(heard: Heard, actor: Actor, *, confirm: bool = True) -> Result:
    """Hand it to a person: as a case, or as the next message of the case that it belongs to.

    `confirm` is false where the sender is written to already: one mail is answered by one. What
    is one of too many is kept with those before it, and not answered by itself (crowding).
    """
    mail = heard.mail
    message_id = mail.message_id
    if CaseMessage.objects.filter(message_digest=message_digest(message_id) or "-").exists():
        # A copy of the same mail does not come here. So another one is called like it.
        message_id = ""
    told: dict[str, Any] = {
        "text": _text_for_people(heard),
        "message_id": message_id,
        "references": mail.references,
        "attachments": list(_files(mail)),
        "sender_address": heard.author,
        "actor": actor,
    }
    words = words_digest(subject=mail.subject, text=told["text"], attachments=told["attachments"])
    now = timezone.now()
    before = _thread(heard) or crowded_case(address=heard.author, words=words, now=now)
    if before is not None:
        add_message(case=before, **told)
        return Result(Outcome.CASE, before.customer)
    case = open_case(
        words=words,
        topic=_topic(heard.where),
        sender_name=mail.senders[0].name if len(mail.senders) == 1 else "",
        subject=mail.subject,
        confirm=confirm and _may_be_answered(heard),
        **told,
    )
    return Result(Outcome.CASE, case.customer)


def _thread(heard: Heard) -> Case | None:
    return find_thread([*heard.mail.references, heard.where.token])


def _is_to_be_answered(heard: Heard) -> bool:
    return not heard.sign_of_a_machine and not wants_no_answer(heard.mail)


def _may_be_answered(heard: Heard) -> bool:
    return _is_to_be_answered(heard) and may_be_answered(heard.author, timezone.now())


def _topic(where: Destination) -> Case.Topic:
    usual = Case.Topic.OPT_OUT if where.box is Box.OPT_OUT else Case.Topic.OTHER
    return TOPICS.get(where.name, usual)


def _text_for_people(heard: Heard) -> str:
    if not heard.is_cut:
        return heard.mail.text
    note = gettext("[This mail was too large. Its end was not kept.]")
    return f"{heard.mail.text}\n\n{note}".strip()


def _files(mail: ParsedMail) -> Iterator[Attachment]:
    for number, part in enumerate(mail.attachments[:MOST_FILES], start=1):
        ending = ENDINGS.get(part.content_type) or guess_extension(part.content_type) or ".bin"
        yield Attachment(part.filename or f"part-{number}{ending}", part.content)
