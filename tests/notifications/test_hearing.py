"""A mail that comes in is stored, handled once, and then erased (OPT-1, MAIL-1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from time_machine import Traveller

from accounts.actors import Actor
from accounts.digests import address_digest
from accounts.models import Customer
from consent.gate import may_use
from consent.links import choose_token
from consent.models import AddressOptOut, Choice, PolicyVersion
from consent.services.choosing import set_switches
from notifications import answers
from notifications.models import Case, CaseMessage, InboundMail
from notifications.services import hearing
from notifications.services.erasing import erase_heard
from notifications.services.hearing import Handover, forget_heard, hear, hear_waiting
from notifications.unsubscribing import unsubscribe_token
from tests.notifications.mail_shapes import OURS, STRANGE, VACATIONS, a_mail, multipart
from tests.postbox import Postbox

Outcome, Way = InboundMail.Outcome, InboundMail.Way
OPT_OUT = f"optout@{OURS}"


def heard(raw: bytes, way: InboundMail.Way = Way.PIPE, **handover: str) -> InboundMail:
    return hear(raw=raw, way=way, handover=Handover(**handover) if handover else None)


def from_alice(text: str = "", to: str = OPT_OUT, **headers: str) -> bytes:
    return a_mail(text, sender="Alice <Alice@Example.com>", to=to, **{"subject": "", **headers})


def is_opted_out(customer: Customer) -> bool:
    return not may_use(customer, "product-news").allowed


# ------------------------------------------------------------------ by whom, and how it is known


@pytest.mark.parametrize("text", ["", "stop", "Unsubscribe me please", "Lass mich in Ruhe!"])
def test_who_writes_to_the_opt_out_address_is_opted_out(alice: Customer, text: str) -> None:
    mail = heard(from_alice(text))
    assert is_opted_out(alice)
    assert (mail.outcome, mail.customer) == (Outcome.OPTED_OUT, alice)
    choice = Choice.objects.get(customer=alice)
    assert (choice.method, choice.decision) == (Choice.Method.OPT_OUT_MAIL, "refused")


def test_a_token_in_the_subject_counts_whoever_writes(alice: Customer, bob: Customer) -> None:
    token = unsubscribe_token(customer_id=alice.pk, use="product-news")
    mail = heard(a_mail("", sender=bob.email, to=OPT_OUT, subject=f"unsubscribe {token}"))
    assert (mail.outcome, mail.customer) == (Outcome.OPTED_OUT, alice)
    assert is_opted_out(alice)
    assert not is_opted_out(bob)


@pytest.mark.parametrize("name", ["optout", "STOP", "unsubscribe"])
def test_a_token_in_the_address_counts(alice: Customer, name: str) -> None:
    token = unsubscribe_token(customer_id=alice.pk, use="product-news")
    mail = heard(a_mail("", to="whoever@else.example"), recipient=f"{name}+{token}@{OURS.upper()}")
    assert (mail.outcome, mail.customer) == (Outcome.OPTED_OUT, alice)


@pytest.mark.parametrize("spoiled", ["cut", "doubled", "in small letters", "encoded", "made up"])
def test_a_spoiled_token_counts_for_nothing(alice: Customer, bob: Customer, spoiled: str) -> None:
    token = unsubscribe_token(customer_id=alice.pk, use="product-news")
    ways = {
        "cut": token[:-1],
        "doubled": token + token,
        "in small letters": token.lower(),
        "encoded": f"{token}%3D",
        "made up": "A" * len(token),
    }
    heard(a_mail("", sender=bob.email, to=OPT_OUT, subject=f"unsubscribe {ways[spoiled]}"))
    assert not is_opted_out(alice)
    assert is_opted_out(bob)


def test_a_token_of_another_kind_counts_for_nothing(alice: Customer, change: PolicyVersion) -> None:
    token = choose_token(customer_id=alice.pk, version_id=change.pk)
    mail = heard(a_mail("", sender="", to=f"optout+{token}@{OURS}"))
    assert mail.outcome == Outcome.CASE
    assert not is_opted_out(alice)


def test_a_mail_program_that_unsubscribes_at_one_press_is_obeyed_and_not_answered(
    alice: Customer, postbox: Postbox
) -> None:
    token = unsubscribe_token(customer_id=alice.pk, use="product-news")
    mail = heard(from_alice(subject=f"unsubscribe {token}", Auto_Submitted="auto-generated"))
    assert mail.outcome == Outcome.OPTED_OUT
    assert is_opted_out(alice)
    assert list(postbox) == []


def test_an_address_of_nobody_is_kept_by_its_digest_alone(policy: PolicyVersion) -> None:
    mail = heard(a_mail("stop", sender="Eve <eve@example.org>", to=OPT_OUT))
    row = AddressOptOut.objects.get()
    assert (row.digest, row.method) == (address_digest("eve@example.org"), "opt_out_mail")
    assert (mail.outcome, mail.customer) == (Outcome.OPTED_OUT, None)


def test_a_mail_cannot_say_yes(alice: Customer) -> None:
    heard(from_alice("stop"))
    heard(from_alice("Please send me your news again. Yes! Subscribe.", message_id="<2@x>"))
    assert is_opted_out(alice)


def test_a_quoted_link_in_an_answer_opts_nobody_out(alice: Customer) -> None:
    token = unsubscribe_token(customer_id=alice.pk, use="product-news")
    quoted = f"> Stop: https://www.bizsecure.com/u/{token}/\n> unsubscribe {token}"
    mail = heard(
        from_alice(f"Thank you!\n\n{quoted}", to=f"support@{OURS}", subject="Re: About our news")
    )
    assert mail.outcome == Outcome.CASE
    assert not is_opted_out(alice)


@pytest.mark.parametrize("name", VACATIONS)
def test_a_vacation_reply_opts_nobody_out_and_is_not_answered(
    alice: Customer, postbox: Postbox, name: str
) -> None:
    headers = {"sender": alice.email, "to": OPT_OUT, **VACATIONS[name]}
    mail = heard(a_mail("I am away until Monday.", **headers))
    assert mail.outcome == Outcome.MACHINE
    assert not is_opted_out(alice)
    assert list(postbox) == []
    assert not Case.objects.exists()


@pytest.mark.parametrize(("text", "cases"), [("stop", 0), ("", 0), ("What is all this about?", 1)])
def test_what_is_unclear_is_read_by_a_person_as_well(
    alice: Customer, text: str, cases: int
) -> None:
    heard(from_alice(text))
    assert is_opted_out(alice)
    assert Case.objects.filter(topic=Case.Topic.OPT_OUT).count() == cases


@pytest.mark.parametrize("name", ["no from", "ten froms", "ten mailboxes"])
def test_without_one_sender_nobody_is_opted_out_and_a_person_reads_it(
    policy: PolicyVersion, name: str
) -> None:
    mail = heard(STRANGE[name], recipient=OPT_OUT)
    assert mail.outcome == Outcome.CASE
    assert not AddressOptOut.objects.exists()


def test_without_a_from_the_envelope_tells_who_it_is(alice: Customer) -> None:
    heard(a_mail("stop", sender="", to=OPT_OUT), recipient=OPT_OUT, sender=alice.email)
    assert is_opted_out(alice)


@pytest.mark.parametrize(
    ("text", "cases"),
    [("Unsubscribe me please", 0), ("STOP", 1), ("Please stop my server, it is on fire", 1)],
)
def test_a_plain_no_is_understood_at_support_as_well(
    alice: Customer, text: str, cases: int
) -> None:
    heard(from_alice(text, to=f"support@{OURS}"))
    assert is_opted_out(alice) is not (text.startswith("Please"))
    assert Case.objects.count() == cases


# ------------------------------------------------------------------------------- the confirmation


def test_one_mail_a_day_confirms_it(alice: Customer, postbox: Postbox, clock: Traveller) -> None:
    for number in range(3):
        heard(from_alice("stop", message_id=f"<{number}@x>"))
    [mail] = postbox
    assert (mail.kind, mail.to) == ("opt_out_recorded", [alice.email])
    assert "/account/privacy/" in mail.body
    clock.shift(timedelta(days=1))
    heard(from_alice("stop", message_id="<later@x>"))
    assert len(postbox) == 2


def test_a_stranger_is_told_that_only_a_code_is_kept(
    policy: PolicyVersion, postbox: Postbox
) -> None:
    heard(a_mail("stop", sender="eve@example.org", to=OPT_OUT))
    [mail] = postbox
    assert mail.to == ["eve@example.org"]
    assert "only a code" in mail.body
    assert "/account/" not in mail.body


def test_strangers_are_not_written_to_without_end(
    policy: PolicyVersion, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "AN_HOUR_TO_STRANGERS", 3)
    for number in range(5):
        sender = f"eve{number}@example.org"
        heard(a_mail("stop", sender=sender, to=OPT_OUT, message_id=f"<{number}@x>"))
    assert len(postbox) == 3
    assert AddressOptOut.objects.count() == 5


def test_who_writes_very_often_is_heard_each_time_and_answered_a_few_times(
    policy: PolicyVersion, postbox: Postbox
) -> None:
    for number in range(8):
        heard(a_mail(f"Question {number}", message_id=f"<{number}@x>"))
    assert Case.objects.count() == 8
    assert len(postbox) == answers.A_DAY_TO_ONE_ADDRESS


def test_who_asks_for_no_answer_gets_none(alice: Customer, postbox: Postbox) -> None:
    heard(from_alice("stop", X_Auto_Response_Suppress="OOF, AutoReply"))
    assert is_opted_out(alice)
    assert list(postbox) == []


def test_a_yes_said_later_in_the_panel_counts_and_a_new_mail_stops_it_again(
    alice: Customer, clock: Traveller
) -> None:
    heard(from_alice("stop"))
    clock.shift(timedelta(hours=1))
    actor = Actor.customer(alice.user)
    set_switches(customer=alice, switches={"product-news": True}, actor=actor)
    assert not is_opted_out(alice)
    clock.shift(timedelta(hours=1))
    heard(from_alice("stop", message_id="<again@x>"))
    assert is_opted_out(alice)


# -------------------------------------------------------------------- once, whichever way it comes


def test_the_same_mail_is_handled_once_whichever_way_it_comes(policy: PolicyVersion) -> None:
    raw = a_mail()
    rows = {
        heard(raw).pk,
        heard(b"Received: from a by b\nX-Original-To: support@bizsecure.com\n" + raw).pk,
        heard(raw.replace(b"\r\n", b"\n"), way=Way.MAILBOX).pk,
        heard(raw, way=Way.PROVIDER, recipient=f"support@{OURS}", sender="dave@example.com").pk,
    }
    assert len(rows) == 1
    assert Case.objects.count() == 1


def test_a_mail_to_two_of_our_addresses_is_heard_at_both(alice: Customer) -> None:
    raw = from_alice("stop", to=f"{OPT_OUT}, support@{OURS}")
    assert heard(raw, recipient=OPT_OUT).outcome == Outcome.OPTED_OUT
    assert heard(raw, recipient=f"support@{OURS}").outcome == Outcome.CASE


def test_two_mails_with_one_message_id_are_two(policy: PolicyVersion) -> None:
    heard(a_mail("The first question"))
    heard(a_mail("The second question"))
    assert {message.text for message in CaseMessage.objects.all()} == {
        "The first question",
        "The second question",
    }


def test_what_is_handled_is_erased(policy: PolicyVersion) -> None:
    mail = heard(a_mail("My secret question"))
    assert (mail.raw, mail.envelope, mail.due_at) == (None, None, None)


def test_a_mail_that_waits_is_sealed(
    policy: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "sort", broken)
    mail = heard(a_mail("My secret question"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT raw, envelope FROM notifications_inboundmail WHERE id = %s", [mail.pk]
        )
        stored = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"secret" not in stored
    assert b"bXkgc2VjcmV0" not in stored


def broken(**anything: object) -> None:
    raise DatabaseError("dave@example.com")


def test_what_was_stored_and_not_handled_is_handled_by_the_sweep(
    alice: Customer,
    clock: Traveller,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(hearing, "sort", broken)
        mail = heard(from_alice("stop"))
    assert (mail.handled_at, mail.attempts) == (None, 1)
    assert "DatabaseError" in caplog.text
    assert "example.com" not in caplog.text
    assert hear_waiting() == 0, "not at once again"
    clock.shift(timedelta(minutes=6))
    assert hear_waiting() == 1
    assert is_opted_out(alice)
    assert hear_waiting() == 0


def test_a_mail_that_cannot_be_handled_is_kept_for_somebody_to_look_at(
    policy: PolicyVersion, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "sort", broken)
    mail = heard(a_mail())
    for _each in range(hearing.MOST_ATTEMPTS + 3):
        clock.shift(timedelta(days=1))
        hear_waiting()
    assert list(InboundMail.objects.stuck()) == [mail]
    mail.refresh_from_db()
    assert mail.raw
    assert mail.attempts == hearing.MOST_ATTEMPTS


def test_that_a_mail_came_is_forgotten_in_the_end(policy: PolicyVersion, clock: Traveller) -> None:
    heard(a_mail())
    clock.shift(timedelta(days=89))
    assert forget_heard() == 0
    clock.shift(timedelta(days=2))
    assert forget_heard() == 1


# ------------------------------------------------------------------------------ what becomes a case


def test_a_mail_to_support_becomes_a_case_with_all_that_came(policy: PolicyVersion) -> None:
    raw = multipart(
        "multipart/mixed",
        ("Content-Type: text/plain", "My order is late."),
        ('Content-Type: text/plain; name="order.txt"\nContent-Disposition: attachment', "No. 7"),
        head={"From": "Eve <eve@example.org>", "To": f"billing@{OURS}", "Subject": "Order"},
    )
    heard(raw)
    case = Case.objects.get()
    assert (case.topic, case.subject, case.sender_name) == (Case.Topic.BILLING, "Order", "Eve")
    message = case.messages.get()
    assert message.text == "My order is late."
    assert [each.name for each in message.attachments.all()] == ["order.txt"]


def test_an_answer_joins_its_case(policy: PolicyVersion) -> None:
    heard(a_mail("A question", message_id="<q@example.com>"))
    heard(
        a_mail("And one more thing", message_id="<q2@example.com>", In_Reply_To="<q@example.com>")
    )
    case = Case.objects.get()
    assert case.messages.filter(direction="in").count() == 2


def test_a_thank_you_in_a_case_is_not_swallowed_by_its_subject(policy: PolicyVersion) -> None:
    heard(
        a_mail(
            "Do not contact me by letter, please, I have moved house and more.",
            subject="Unsubscribe",
        )
    )
    case = Case.objects.get()
    heard(a_mail("Thanks", to=case.reply_address, subject="Re: Unsubscribe", message_id="<3@x>"))
    assert case.messages.filter(direction="in").count() == 2


def test_a_mail_that_is_too_large_is_heard_by_its_beginning(
    alice: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "MOST_OCTETS", 2_000)
    mail = heard(from_alice("What is this?\n" + "x" * 5_000))
    assert mail.is_cut
    assert is_opted_out(alice)
    assert "too large" in CaseMessage.objects.get().text


def test_the_mails_of_an_erased_customer_are_nobodys(alice: Customer) -> None:
    mail = heard(from_alice("stop"))
    erase_heard(customer=alice, now=mail.received_at)
    mail.refresh_from_db()
    assert mail.customer is None
