"""A mail server that refuses, hangs or dies costs nobody the notice, and the report says so."""

from __future__ import annotations

from consent.audience import told_of
from notifications.models import OutgoingMail
from tests.faults.works import CUSTOMERS, Works, a_change, check_that_everyone_was_told
from tests.notifications.smtp_sink import Act, Stage

FIRST, SECOND, THIRD = (f"customer{number}@example.com" for number in range(3))


def test_who_is_refused_for_good_counts_as_bounced_and_is_not_tried_again(works: Works) -> None:
    a_change()
    works.sink.plan({FIRST: Act.reply(Stage.RECIPIENT, 550), SECOND: Act.reply(Stage.END, 554)})
    works.beat()
    works.worker()

    works.wait_until(lambda: works.report().untold == 2)

    report = works.report()
    assert (report.told, report.bounced, report.held) == (CUSTOMERS - 2, 2, 2)
    taken = {mail.recipients[0] for mail in works.sink.accepted}
    assert len(taken) == len(works.sink.accepted) == CUSTOMERS - 2
    assert works.counts(works.send_notices())["queued"] == 0
    assert OutgoingMail.objects.live().count() == 0


def test_who_is_refused_for_now_is_told_later(works: Works) -> None:
    change = a_change()
    later = {FIRST: Act.reply(Stage.RECIPIENT, 450), SECOND: Act.reply(Stage.END, 451)}
    works.sink.plan(later | {THIRD: Act.reply(Stage.DATA, 421)})
    works.beat()
    works.worker()
    works.wait_until(lambda: works.report().untold == 3)
    assert not told_of(change).filter(email__in=[FIRST, SECOND, THIRD]).exists()
    assert works.report().bounced == 0

    works.sink.forgive()

    check_that_everyone_was_told(works)


def test_a_server_that_hangs_is_left_and_tried_again(works: Works) -> None:
    works.environment["EMAIL_URL"] = f"{works.sink.url}?timeout=2&reply_timeout=2"
    a_change(customers=30)
    works.sink.plan({SECOND: Act.wait(600), THIRD: Act.wait(600, Stage.RECIPIENT)})
    works.beat()
    works.worker()
    works.wait_until(lambda: works.report().untold == 2)

    works.sink.forgive()

    check_that_everyone_was_told(works)


def test_a_server_that_dies_after_taking_a_mail_gets_it_once_more_under_the_same_id(
    works: Works,
) -> None:
    a_change()
    works.sink.plan({SECOND: Act.hang_up(Stage.END, keeps=True), THIRD: Act.hang_up(Stage.BODY)})
    works.beat()
    works.worker()
    works.wait_until(lambda: works.report().untold == 2)
    kept = [mail for mail in works.sink.accepted if mail.recipients == (SECOND,)]

    works.sink.forgive()

    check_that_everyone_was_told(works, repeated=len(kept) + 1)
    last = [mail for mail in works.sink.accepted if mail.recipients == (SECOND,)][-1]
    assert {mail.message_id for mail in kept} == {last.message_id}
