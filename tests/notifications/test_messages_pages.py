"""Customers find the messages we sent them, word for word, and nobody else's."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default as modern
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import SYSTEM
from accounts.models import Customer, User
from consent.models import PolicyVersion
from consent.services.publishing import reschedule
from notifications.services.announcing import announce_changes
from tests.builders import (
    DAY,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    during,
    published,
)
from tests.notifications.outbox import deliver, mail_to, move_to
from tests.notifications.smtp_sink import Act, Sink, Stage
from tests.pages.browsing import signed_in, signed_in_as, text

LIST = "/account/messages/"


def test_the_messages_of_a_customer_are_listed_the_newest_first(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    with during(TODAY + DAY):
        published(a_draft(3, RUN_ACCOUNT, UPTIME_WATCH, a_use("surveys")))
        announce_changes()
        page = text(signed_in(alice).get(LIST))

    waiting, accepted = page.index("Waiting to be sent"), page.index("Accepted by your mail server")
    assert waiting < accepted


def test_without_messages_the_page_says_so(alice: Customer) -> None:
    assert "No messages yet" in text(signed_in(alice).get(LIST))


def test_a_message_is_shown_word_for_word_as_it_was_sent(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    message = message_from_bytes(sink.accepted[0].message, policy=modern)
    sent = message.get_body(("plain",))
    assert sent is not None

    page = signed_in(alice).get(mail_to(alice).get_absolute_url())

    assert message["Subject"] in text(page)
    assert alice.email in text(page)
    assert _words(page) == sent.get_content().split()


def test_a_message_keeps_its_words_when_the_date_moves(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    client, address = signed_in(alice), mail_to(alice).get_absolute_url()
    before = _words(client.get(address))

    reschedule(version=change, effective_at=date_of(change) + 30 * DAY, actor=SYSTEM)

    assert _words(client.get(address)) == before


def test_markup_in_a_name_stays_text(change: PolicyVersion, alice: Customer, sink: Sink) -> None:
    Customer.objects.filter(pk=alice.pk).update(name="<script>alert(1)</script>")
    announce_changes()

    page = signed_in(alice).get(mail_to(alice).get_absolute_url())

    assert b"<script>alert" not in page.content


@pytest.mark.parametrize(
    ("code", "words"), [(550, "Refused by your mail server"), (451, "Will be tried again")]
)
def test_the_page_tells_how_the_mail_fared(
    change: PolicyVersion, alice: Customer, sink: Sink, code: int, words: str
) -> None:
    sink.plan(otherwise=Act.reply(Stage.END, code))
    announce_changes()
    deliver()
    client = signed_in(alice)

    assert words in text(client.get(LIST))
    assert words in text(client.get(mail_to(alice).get_absolute_url()))


def test_what_was_never_sent_is_not_shown(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    dropped = mail_to(alice)
    move_to(alice, "alice@example.org")
    deliver()
    client = signed_in(alice)

    assert client.get(dropped.get_absolute_url()).status_code == 404
    assert "No messages yet" in text(client.get(LIST))


def test_bob_sees_nothing_of_hers(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    client = signed_in(bob)

    assert client.get(mail_to(alice).get_absolute_url()).status_code == 404
    assert alice.email not in text(client.get(LIST))
    assert mail_to(alice).get_absolute_url() not in text(client.get(LIST))
    assert client.get(mail_to(bob).get_absolute_url()).status_code == 200


def test_visitors_are_asked_to_sign_in_and_staff_see_no_customers_messages(
    change: PolicyVersion, alice: Customer, carol: User
) -> None:
    announce_changes()
    for address in (LIST, mail_to(alice).get_absolute_url()):
        assert Client().get(address).headers["Location"].startswith(reverse("account_login"))
        assert signed_in_as(carol).get(address).status_code == 403


def _words(page: Any) -> list[str]:
    """The words of the message on the page, links by what a reader sees of them."""
    found = re.search(r'<div class="mailtext">(.*?)</div>', page.content.decode(), re.DOTALL)
    assert found is not None
    return unescape(re.sub(r"<[^>]+>", "", found[1])).split()
