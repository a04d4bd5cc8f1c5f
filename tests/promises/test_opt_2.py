"""OPT-2: essential information about the account or the system can't be opted out of."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from time_machine import Traveller

from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.audience import told_of
from consent.gate import Ground, allowing, may_use
from consent.models import PolicyVersion
from consent.reasons import Reason
from notifications.kinds import KINDS, KindKey
from notifications.models import InboundMail
from notifications.reasons import Reason as MailReason
from notifications.services.announcing import announce_changes
from notifications.services.delivering import deliver_due
from notifications.services.hearing import hear
from tests.builders import say_no
from tests.notifications.announced import a_draft, agreed, sent, told_exactly, written
from tests.notifications.smtp_sink import Sink
from tests.pages.browsing import signed_in

PANEL = "/account/privacy/"


def test_every_kind_that_tells_of_a_change_is_essential_and_has_no_opt_out() -> None:
    telling = [kind for kind in KINDS.values() if kind.proves_told]
    assert telling
    for kind in telling:
        assert kind.is_essential
        assert kind.use is None


def test_whoever_opted_out_of_everything_is_told_of_a_change_all_the_same(
    alice: Customer, change: PolicyVersion, sink: Sink
) -> None:
    shown = "product-news,uptime-watch,run-account"
    signed_in(alice).post(PANEL, {"shown": shown, "all_off": "1"})
    assert may_use(alice, "product-news").ground is Ground.REFUSED
    announce_changes()
    deliver_due(seconds=60)
    (accepted,) = sink.accepted
    assert accepted.recipients == (alice.email,)
    assert list(told_of(change)) == [alice]


@pytest.mark.parametrize("address", ["optout", "support"])
def test_a_mail_that_says_no_to_everything_stops_nothing_essential(
    alice: Customer, change: PolicyVersion, sink: Sink, address: str
) -> None:
    mail = f"From: {alice.email}\nTo: {address}@bizsecure.com\n\nNo more mails of any kind\n"
    hear(raw=mail.encode(), way=InboundMail.Way.PIPE)
    assert not may_use(alice, "product-news").allowed
    announce_changes()
    deliver_due(seconds=60)
    assert list(told_of(change)) == [alice]


def test_an_essential_mail_offers_no_way_out_of_it(
    alice: Customer, change: PolicyVersion, sink: Sink
) -> None:
    announce_changes()
    deliver_due(seconds=60)
    (accepted,) = sink.accepted
    headers = {name.lower() for name in message_from_bytes(accepted.message)}
    assert not headers & {"list-unsubscribe", "list-unsubscribe-post"}


def test_an_essential_use_has_no_switch_and_a_forged_one_moves_nothing(
    alice: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    browser = signed_in(alice)
    assert 'name="run-account"' not in browser.get(PANEL).text
    browser.post(PANEL, {"shown": "run-account"})
    browser.post(PANEL, {"shown": "run-account", "all_off": "1"})
    assert may_use(alice, "run-account").ground is Ground.ESSENTIAL
    assert list(allowing("run-account")) == [alice]
    assert not alice.choices.exists()


def test_no_service_records_a_no_to_what_is_essential(
    alice: Customer, policy: PolicyVersion
) -> None:
    with pytest.raises(Refused) as refusal:
        say_no(alice, policy, "run-account")
    assert refusal.value.reason is Reason.NO_CHOICE_TO_MAKE


def test_what_can_be_refused_cannot_be_sent_as_essential() -> None:
    """News and offers belong to a use in the registry: no form can make them essential."""
    for key in (KindKey.PRODUCT_NEWS, KindKey.PARTNER_OFFER):
        assert KINDS[key].use is not None
        assert not KINDS[key].is_essential


def test_nothing_essential_goes_to_many_without_a_second_member_of_staff(alice: Customer) -> None:
    for key in (KindKey.SERVICE_NOTICE, KindKey.SECURITY_BREACH, KindKey.BUSINESS_TRANSFER):
        announcement = written(a_draft(key))
        with pytest.raises(Refused) as refusal:
            sent(announcement)
        assert refusal.value.reason is MailReason.NEEDS_TWO_PEOPLE
        with pytest.raises(Refused) as refusal:
            agreed(announcement, by="wendy")
        assert refusal.value.reason is MailReason.OWN_AGREEMENT


def test_whoever_refused_news_is_still_told_what_is_essential(
    policy: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    say_no(alice, policy, "product-news")
    told_exactly(KindKey.SERVICE_NOTICE, alice)
    deliver_due(seconds=60)
    (accepted,) = sink.accepted
    assert "List-Unsubscribe" not in message_from_bytes(accepted.message)
