"""All workers together open no more connections than are allowed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import Customer
from consent.models import PolicyVersion
from notifications.models import MailBatch, SendingPlace
from notifications.services.announcing import announce_changes
from notifications.services.leasing import LostLease
from notifications.services.places import Place, keep_place, take_place, taken_place
from tests.builders import DAY, TODAY
from tests.notifications.outbox import a_crowd, deliver
from tests.notifications.smtp_sink import Sink

pytestmark = pytest.mark.usefixtures("db")


def take(*, single: bool = False) -> Place | None:
    return take_place(now=TODAY, connections=4, for_single_mails=single)


def test_there_are_as_many_places_as_connections_allow(settings: Settings) -> None:
    settings.MAIL_CONNECTIONS = 12
    assert [take(), take(), take()] == [Place(1, 1), Place(2, 1), None]
    # One more is kept for mails that somebody waits for.
    assert [take(single=True), take(single=True)] == [Place(0, 1), None]


def test_a_single_place_is_for_everybody(settings: Settings) -> None:
    settings.MAIL_CONNECTIONS = 4
    assert [take(), take(single=True)] == [Place(0, 1), None]


def test_a_place_is_left_at_the_end_whatever_happens(settings: Settings) -> None:
    settings.MAIL_CONNECTIONS = 4
    with (
        pytest.raises(RuntimeError),
        taken_place(connections=4, for_single_mails=False),
    ):
        raise RuntimeError
    assert take() == Place(0, 2)


def test_the_place_of_a_killed_worker_is_free_when_its_lease_ends(settings: Settings) -> None:
    settings.MAIL_CONNECTIONS, settings.NOTICE_LEASE_SECONDS = 4, 60
    first = take()
    assert first is not None
    later = TODAY + timedelta(seconds=61)
    assert take_place(now=later, connections=4, for_single_mails=False) == Place(0, 2)
    # Whoever wakes up then has lost it.
    with pytest.raises(LostLease):
        keep_place(place=first, now=later)


def test_a_lease_of_a_clock_that_was_wrong_holds_nothing(settings: Settings) -> None:
    settings.MAIL_CONNECTIONS = 4
    take()
    SendingPlace.objects.update(lease_until=TODAY + 365 * DAY)
    assert take() == Place(0, 2)


def test_a_worker_without_a_place_opens_no_connection(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = 4
    announce_changes()
    with taken_place(connections=4, for_single_mails=False):
        assert deliver() == {}
    assert (sink.connections, MailBatch.objects.filter(epoch=0).count()) == (0, 1)
    assert deliver() == {"accepted": 2}


def test_fewer_connections_than_one_worker_opens_are_not_exceeded(
    change: PolicyVersion, sink: Sink, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = 2
    a_crowd(60)
    announce_changes()
    deliver()
    assert sink.connections == 2
