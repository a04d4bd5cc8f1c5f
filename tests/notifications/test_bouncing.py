"""A mail that came back proves nothing: its reader is untold again, and told another way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.core.keyring import keyring
from consent.audience import told_of
from consent.gate import may_use
from consent.models import Choice, Notice, PolicyVersion
from notifications import composing
from notifications.kinds import KindKey
from notifications.letter_list import letters_due
from notifications.models import InboundMail, MailBounce, OutgoingMail, Telling
from notifications.pending import open_announcements
from notifications.reporting import notice_report
from notifications.services.announcing import announce_changes
from notifications.services.hearing import hear, hear_waiting
from notifications.services.posting import post
from notifications.services.proving import record_read_here
from notifications.services.releasing import release_due
from notifications.unsubscribing import unsubscribe_token
from tests.notifications.announced import sent, told_exactly, written
from tests.notifications.mail_shapes import (
    OURS,
    a_complaint,
    a_mail,
    a_report,
    exchange_bounce,
    exim_bounce,
    gmail_bounce,
    qmail_bounce,
)
from tests.notifications.outbox import deliver, mail_to, move_to
from tests.notifications.smtp_sink import Sink
from tests.pages.browsing import signed_in, text

Outcome, State = InboundMail.Outcome, OutgoingMail.State
SHAPES: dict[str, Callable[[str], bytes]] = {
    "postfix": a_report,
    "exchange": exchange_bounce,
    "gmail": gmail_bounce,
    "qmail": qmail_bounce,
    "exim": exim_bounce,
}


def heard(raw: bytes) -> InboundMail:
    return hear(raw=raw, way=InboundMail.Way.PIPE)


def return_path(mail: OutgoingMail) -> str:
    return composing.return_path(mail.pk)


def state_of(mail: OutgoingMail) -> str:
    mail.refresh_from_db()
    return mail.state


@pytest.fixture
def notice(change: PolicyVersion, alice: Customer, sink: Sink) -> OutgoingMail:
    """Give the notice of the change that alice's server has taken."""
    announce_changes()
    deliver()
    return mail_to(alice)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_bounce_of_any_shape_takes_the_proof_back(
    notice: OutgoingMail, alice: Customer, change: PolicyVersion, shape: str
) -> None:
    assert alice in told_of(change)
    mail = heard(SHAPES[shape](return_path(notice)))
    assert (mail.outcome, mail.customer) == (Outcome.BOUNCED, alice)
    assert state_of(notice) == State.BOUNCED
    assert alice not in told_of(change)
    assert Notice.objects.filter(customer=alice, retracts__isnull=False).count() == 1
    report = notice_report(change)
    assert (report.told, report.untold, report.bounced) == (0, 1, 1)


def test_the_return_path_of_the_mail_on_the_wire_is_what_a_bounce_comes_to(
    notice: OutgoingMail, sink: Sink
) -> None:
    [on_the_wire] = sink.accepted
    assert on_the_wire.sender == return_path(notice)
    heard(a_report(on_the_wire.sender))
    assert state_of(notice) == State.BOUNCED


@pytest.mark.parametrize(
    ("action", "status", "outcome", "state", "kind"),
    [
        ("failed", "5.1.1", Outcome.BOUNCED, State.BOUNCED, "hard"),
        ("Failed", "5.0.0", Outcome.BOUNCED, State.BOUNCED, "hard"),
        ("failed (expired)", "4.4.7", Outcome.BOUNCED, State.BOUNCED, "soft"),
        ("delayed", "4.4.1", Outcome.DELAYED, State.ACCEPTED, "delayed"),
        ("delivered", "2.0.0", Outcome.MACHINE, State.ACCEPTED, None),
        ("relayed", "2.0.0", Outcome.MACHINE, State.ACCEPTED, None),
        ("expanded", "2.0.0", Outcome.MACHINE, State.ACCEPTED, None),
    ],
)
def test_what_a_report_says_is_what_counts(
    notice: OutgoingMail, action: str, status: str, outcome: str, state: str, kind: str | None
) -> None:
    mail = heard(a_report(return_path(notice), action=action, status=status))
    assert (mail.outcome, state_of(notice)) == (outcome, state)
    assert [each.kind for each in notice.bounces.all()] == ([kind] if kind else [])


def test_a_bounce_counts_once_however_often_it_comes(notice: OutgoingMail, alice: Customer) -> None:
    for shape in SHAPES.values():
        heard(shape(return_path(notice)))
    assert Notice.objects.filter(customer=alice).count() == 2
    assert MailBounce.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    [
        f"bounce@{OURS}",
        f"bounce+{'A' * 43}@{OURS}",
        "bounce+TOKEN@elsewhere.example",
        "another purpose",
    ],
)
def test_a_forged_bounce_does_nothing(
    notice: OutgoingMail, alice: Customer, change: PolicyVersion, address: str
) -> None:
    token = unsubscribe_token(customer_id=alice.pk, use="product-news")
    forged = {"another purpose": f"bounce+{token}@{OURS}"}
    mail = heard(a_report(forged.get(address, address)))
    assert mail.outcome in {Outcome.UNKNOWN_TOKEN, Outcome.MACHINE}
    assert state_of(notice) == State.ACCEPTED
    assert alice in told_of(change)


@pytest.mark.parametrize("written", [str.lower, str.upper, str.title])
def test_a_relay_that_writes_the_return_path_its_own_way_is_believed(
    notice: OutgoingMail, written: Callable[[str], str]
) -> None:
    assert heard(a_report(written(return_path(notice)))).outcome == Outcome.BOUNCED
    assert state_of(notice) == State.BOUNCED


def test_a_return_path_fits_into_a_local_part(notice: OutgoingMail) -> None:
    local, _, _domain = return_path(notice).partition("@")
    assert len(local) <= 64
    assert local == local.lower()


def test_a_return_path_as_it_was_written_before_is_believed(notice: OutgoingMail) -> None:
    address = f"bounce+{keyring().seal_link('bounce', notice.pk)}@{OURS}"
    assert heard(a_report(address)).outcome == Outcome.BOUNCED


def test_a_vacation_reply_to_the_return_path_is_no_bounce(notice: OutgoingMail) -> None:
    raw = a_mail("I am away.", to=return_path(notice), subject="Out of office", Precedence="bulk")
    assert heard(raw).outcome == Outcome.MACHINE
    assert state_of(notice) == State.ACCEPTED


def test_a_person_who_writes_to_the_return_path_is_read(notice: OutgoingMail) -> None:
    assert heard(a_mail("Who are you?", to=return_path(notice))).outcome == Outcome.CASE


def test_a_bounce_that_comes_before_we_know_of_the_acceptance_waits_for_it(
    change: PolicyVersion, alice: Customer, sink: Sink, clock: Traveller
) -> None:
    announce_changes()
    notice = mail_to(alice)
    mail = heard(a_report(return_path(notice)))
    assert mail.handled_at is None
    deliver()
    assert state_of(notice) == State.ACCEPTED
    clock.shift(timedelta(minutes=10))
    assert hear_waiting() == 1
    assert state_of(notice) == State.BOUNCED
    mail.refresh_from_db()
    assert mail.outcome == Outcome.BOUNCED


# ----------------------------------------------------------------------------- the next way to tell


def test_who_is_untold_by_a_bounce_is_written_to_at_the_next_address(
    notice: OutgoingMail, alice: Customer, change: PolicyVersion, sink: Sink
) -> None:
    heard(a_report(return_path(notice)))
    announce_changes()
    deliver()
    assert len(sink.accepted) == 1, "not at the address that does not work"
    move_to(alice, "alice@example.org")
    announce_changes()
    deliver()
    assert alice in told_of(change)
    assert sink.accepted[-1].recipients == ("alice@example.org",)


def test_who_is_untold_by_a_bounce_is_shown_the_notice_at_the_next_sign_in(
    notice: OutgoingMail, alice: Customer, change: PolicyVersion
) -> None:
    heard(a_report(return_path(notice)))
    client = signed_in(alice)
    assert f"/account/notices/{change.number}/" in client.get("/account/").content.decode()
    client.post(f"/account/notices/{change.number}/", {"put_aside": "1"})
    assert alice in told_of(change)


@pytest.mark.parametrize("kind", [KindKey.SECURITY_BREACH, KindKey.BUSINESS_TRANSFER])
def test_the_proof_of_an_announcement_is_taken_back_as_well(
    alice: Customer, sink: Sink, kind: KindKey
) -> None:
    announcement = told_exactly(kind, alice)
    deliver()
    assert not letters_due(announcement)
    mail = OutgoingMail.objects.get(campaign=announcement.campaign)
    for _each in range(2):
        heard(a_report(return_path(mail)))
    heard(qmail_bounce(return_path(mail)))
    assert list(letters_due(announcement)) == [alice]
    assert Telling.objects.standing().count() == 0
    assert Telling.objects.count() == 2
    assert open_announcements(alice) == [announcement]
    page = text(signed_in(alice).get(announcement.get_absolute_url()))
    assert "came back and did not reach you" in page


def test_an_announcement_goes_to_the_next_address_that_is_proven(
    alice: Customer, sink: Sink
) -> None:
    announcement = told_exactly(KindKey.SECURITY_BREACH, alice)
    deliver()
    heard(a_report(return_path(OutgoingMail.objects.get(campaign=announcement.campaign))))
    move_to(alice, "alice@example.org")
    release_due()
    deliver()
    assert not letters_due(announcement)
    assert sink.accepted[-1].recipients == ("alice@example.org",)


def test_who_read_it_here_stays_told(alice: Customer, sink: Sink) -> None:
    announcement = told_exactly(KindKey.SECURITY_BREACH, alice)
    deliver()
    record_read_here(announcement=announcement, customer=alice, actor=Actor.customer(alice.user))
    heard(a_report(return_path(OutgoingMail.objects.get(campaign=announcement.campaign))))
    assert not letters_due(announcement)


def test_a_single_mail_that_came_back_shows_it(alice: Customer, sink: Sink) -> None:
    mail = post(kind=KindKey.ACCOUNT_RESTORED, customer=alice, facts={})
    deliver()
    heard(a_report(return_path(mail)))
    assert state_of(mail) == State.BOUNCED
    client = signed_in(alice)
    assert "Came back: it did not reach you" in text(client.get("/account/messages/"))
    assert "Is the address still yours?" in text(client.get(mail.get_absolute_url()))


# ------------------------------------------------------------------------------------- complaints


@pytest.fixture
def news(alice: Customer, sink: Sink) -> OutgoingMail:
    """Give the news that alice's server has taken."""
    announcement = sent(written())
    deliver()
    mail: OutgoingMail = OutgoingMail.objects.get(campaign=announcement.campaign)
    return mail


@pytest.mark.parametrize("known_by", ["return path", "unsubscribe link", "folded link"])
def test_who_calls_our_mail_spam_gets_no_more_of_what_can_be_stopped(
    news: OutgoingMail, alice: Customer, known_by: str
) -> None:
    token = unsubscribe_token(customer_id=alice.pk, use="product-news")
    original = {
        "return path": f"Return-Path: <{return_path(news)}>\nSubject: News\n\nHello",
        "unsubscribe link": f"List-Unsubscribe: <https://www.bizsecure.com/u/{token}/>\n\nHello",
        "folded link": f"List-Unsubscribe: <https://x.example/u/{token[:9]}=\n{token[9:]}/>\n\nHi",
    }
    mail = heard(a_complaint(original[known_by]))
    assert (mail.outcome, mail.customer) == (Outcome.COMPLAINT, alice)
    assert not may_use(alice, "product-news").allowed
    assert Choice.objects.get(customer=alice).method == Choice.Method.COMPLAINT
    assert may_use(alice, "run-account").allowed
    assert "by marking our mail as spam" in text(signed_in(alice).get("/account/privacy/"))


@pytest.mark.parametrize(
    ("kind", "original"),
    [
        ("abuse", "Message-ID: <c1.m1@bizsecure.com>\nTo: alice@example.com\n\nGuessed"),
        ("abuse", f"Return-Path: <bounce+{'A' * 43}@bizsecure.com>\n\nForged"),
        ("not-spam", "Return-Path: <{path}>\n\nHello"),
        ("virus", "Return-Path: <{path}>\n\nHello"),
    ],
)
def test_no_other_complaint_opts_anybody_out(
    news: OutgoingMail, alice: Customer, kind: str, original: str
) -> None:
    heard(a_complaint(original.replace("{path}", return_path(news)), kind=kind))
    assert may_use(alice, "product-news").allowed


# -------------------------------------------------------------------------------------- read here


def test_pressing_the_button_says_that_a_message_was_read_here(
    notice: OutgoingMail, alice: Customer, bob: Customer
) -> None:
    client, page = signed_in(alice), notice.get_absolute_url()
    assert "Read here" not in text(client.get(page)), "opening it says nothing"
    assert "Read here" not in text(client.get("/account/messages/"))
    for _each in range(2):
        assert client.post(page).status_code == 302
    assert "Read here" in text(client.get("/account/messages/"))
    assert "I have read this" not in text(client.get(page))
    assert signed_in(bob).post(page).status_code == 404
