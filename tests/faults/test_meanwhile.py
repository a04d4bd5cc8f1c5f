"""What changes while mail is queued or under way counts from the next mail on."""

from __future__ import annotations

from accounts.actors import SYSTEM
from accounts.models import Customer
from consent.models import Notice
from consent.services.publishing import withdraw
from notifications.models import OutgoingMail
from notifications.services.announcing import announce_changes
from tests.builders import LONG_AGO, joined, prove_address
from tests.faults.works import (
    COMMIT_EVERY,
    Works,
    a_change,
    check_that_everyone_was_told,
)
from tests.notifications.outbox import WITHDRAWN, mails, move_to
from tests.notifications.smtp_sink import Act


def test_whoever_moves_while_the_mail_is_queued_is_told_at_the_new_address(works: Works) -> None:
    a_change()
    movers = [prove_address(joined(f"Mover{number}", at=LONG_AGO)) for number in range(5)]
    announce_changes()
    for mover in movers:
        move_to(mover, f"{mover.pk}@example.org")
    works.beat()
    works.worker()
    works.wait_until(lambda: works.report().untold == len(movers))

    # As the scheduler does every hour.
    assert works.counts(works.send_notices("--queue-only"))["queued"] == len(movers)

    check_that_everyone_was_told(works)
    taken = {mail.recipients[0] for mail in works.sink.accepted}
    assert taken == set(Customer.objects.values_list("email", flat=True))
    assert len(mails(state="dropped")) == len(movers)


def test_a_withdrawal_stops_the_run_and_whoever_was_told_is_told_so(works: Works) -> None:
    change = a_change()
    works.sink.plan(otherwise=Act.wait(0.02))
    by_hand = works.send_notices()
    works.wait_until_accepted(COMMIT_EVERY + 5)

    withdraw(version=change, actor=SYSTEM)
    taken = len(works.sink.accepted)
    works.counts(by_hand)

    told = Notice.objects.count()
    assert taken <= told <= taken + 2 * COMMIT_EVERY
    works.sink.plan()
    assert works.counts(works.send_notices())["accepted"] == told
    assert mails(WITHDRAWN, state="accepted") == mails(state="accepted")
    assert not OutgoingMail.objects.live().exists()
