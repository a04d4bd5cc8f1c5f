"""One run of the notice job in bad weather, the same for the same seed, and the proof after it.

The parts are real: Celery workers, a beat, Redis, the database, a mail server. At moments that
depend on how far the mails have come, something is killed, stopped or disturbed, or somebody
moves, opts out, or withdraws the change. Afterwards the weather clears, the job ends by itself,
and the mail server's own record is compared with the database.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from subprocess import Popen

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import Count

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from accounts.services.closing import request_closing
from bizsecure.core.verifying import broken_rows
from bizsecure.local.services import PrivatePostgres
from consent.audience import told_of, untold
from consent.models import Choice, Notice, PolicyVersion
from consent.services.opting_out import opt_out
from consent.services.publishing import withdraw
from notifications.models import Campaign, OutgoingMail
from notifications.services.announcing import announce_changes, overlooked
from tests.builders import (
    LONG_AGO,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    UPTIME_WATCH,
    a_draft,
    a_use,
    joined,
    prove_address,
    published,
)
from tests.faults.works import COMMIT_EVERY, CONNECTIONS, Works, a_change, kill
from tests.notifications.announced import agreed, sent, written
from tests.notifications.outbox import move_to
from tests.notifications.smtp_sink import Accepted, Act, Stage

LEASE_SECONDS = 4
PATIENCE_WITH_THE_SERVER = 2
# What the job may take to do nothing while a lease ends or a server is away.
STANDSTILL = 6
# How long the way from a worker to the mail server's clock may take on a machine that has other
# things to do.
GRACE = 0.5
MOVERS = 6
UNHURRIED = Act.wait(0.005)

# What a mail server does to one message, and whether it may keep what it does not acknowledge.
BAD_ANSWERS = (
    Act.reply(Stage.DATA, 421),
    Act.reply(Stage.END, 451),
    Act.reply(Stage.RECIPIENT, 450),
    Act.reply(Stage.RECIPIENT, 550),
    Act.reply(Stage.END, 554),
    Act.hang_up(Stage.BODY),
    Act.hang_up(Stage.END),
    Act.hang_up(Stage.END, keeps=True),
    Act.wait(PATIENCE_WITH_THE_SERVER + 1, keeps=True),
    # Half a reply: one more line is announced and never comes.
    Act(Stage.END, "250-2.0.0 almost", keeps=True),
)


@dataclass
class Story:
    """What happened, for the proof and for whoever reads why a run failed."""

    seed: int
    events: list[str] = field(default_factory=list)
    # How many more copies than one each mail may have in all.
    repeats: int = 0
    opted_out: dict[int, float] = field(default_factory=dict)
    withdrawn_at: float | None = None


class Storm:
    """A run. `server` is the database's, where it may be crashed."""

    def __init__(
        self,
        works: Works,
        seed: int,
        *,
        customers: int,
        server: PrivatePostgres | None = None,
        grace: float = GRACE,
    ) -> None:
        self.works, self.server = works, server
        self._latest = settings.NOTICE_FRESH_SECONDS + grace
        self.story = Story(seed)
        self._chance = random.Random(seed)
        self._workers: list[Popen[bytes]] = []
        self._beats: list[Popen[bytes]] = []
        self._by_hand: list[Popen[bytes]] = []
        works.environment |= {
            "NOTICE_LEASE_SECONDS": str(LEASE_SECONDS),
            "EMAIL_URL": f"{works.sink.url}?timeout={PATIENCE_WITH_THE_SERVER}"
            f"&reply_timeout={PATIENCE_WITH_THE_SERVER}",
        }
        self.change = a_change(customers=customers)
        self.changes = [self.change]
        self._movers = [prove_address(joined(f"M{n}", at=LONG_AGO)) for n in range(MOVERS)]
        sent(agreed(written()))
        self._choices = Choice.objects.count()

    def rage(self, events: int) -> None:
        """Let so many things happen, each some mails after the one before."""
        self.works.sink.plan(otherwise=UNHURRIED)
        self._beats.append(self.works.beat())
        self._workers.append(self.works.worker())
        every = list(self._weather())
        # So many seeds in a row as there is weather meet all of it.
        happenings = self._chance.choices(every, k=events - 1)
        happenings.append(every[self.story.seed % len(every)])
        self._chance.shuffle(happenings)
        for happening in happenings:
            self._let_some_mails_pass()
            self.story.events.append(happening.__name__.strip("_"))
            happening()

    def clear_up(self) -> None:
        """Let everything work again, and wait until the job has nothing left to do."""
        self.works.sink.forgive()
        self._beats.append(self.works.beat())
        self._workers.append(self.works.worker())
        self.works.wait_until(self._is_done)

    def problems(self) -> Iterator[str]:
        """Yield what is wrong by the records of the mail server and of the database."""
        mails = self.works.sink.accepted
        yield from self._who_was_lost()
        yield from self._what_came_too_often(mails)
        yield from self._what_came_against_a_no(mails)
        yield from self._what_came_after_the_withdrawal(mails)
        if missed := list(overlooked()):
            yield f"a pass that asks of few does not find everybody: {missed}"
        taken = {mail.message_id for mail in mails}
        unproven = [
            proof.message_id
            for proof in Notice.objects.filter(channel=Notice.Channel.MAIL)
            if proof.message_id not in taken
        ]
        if unproven:
            yield f"proofs of mails that never came: {unproven[:5]}"
        for ledger in (Notice, Choice):
            if broken := list(broken_rows(ledger)):
                yield f"a broken chain: {broken[:3]}"
        if Choice.objects.count() != self._choices + len(self.story.opted_out):
            yield "somebody's choice was moved"

    def _weather(self) -> Iterator[Callable[[], None]]:
        yield from (self._kill_a_worker, self._kill_a_worker, self._kill_the_beat)
        yield from (self._end_a_worker, self._stop_a_worker, self._kill_redis)
        yield from (self._disturb_the_mail_server, self._disturb_the_mail_server)
        yield from (self._start_a_second_beat, self._start_a_pass_by_hand)
        yield from (self._refuse_connections, self._fill_the_disk)
        yield from (self._put_a_clock_hours_wrong, self._put_a_clock_days_wrong)
        yield from (self._somebody_moves, self._somebody_opts_out, self._somebody_closes)
        yield from (self._withdraw, self._publish)
        yield self._crash_the_database if self.server else self._hold_the_database

    def _let_some_mails_pass(self) -> None:
        goal = len(self.works.sink.accepted) + self._chance.randint(1, 40)
        deadline = time.monotonic() + STANDSTILL
        while len(self.works.sink.accepted) < goal and time.monotonic() < deadline:
            time.sleep(0.01)

    def _lose_workers(self, workers: int = 1) -> None:
        """Nobody knows of the mails that were under way on the connections of so many workers."""
        self.story.repeats += workers * CONNECTIONS

    def _kill_a_worker(self) -> None:
        kill(self._workers.pop())
        self._lose_workers()
        self._workers.append(self.works.worker())

    def _end_a_worker(self) -> None:
        """As a deployment does: it finishes what is under way, for a while."""
        self._workers[-1].terminate()
        self._lose_workers()
        self._workers.append(self.works.worker())

    def _stop_a_worker(self) -> None:
        """It sleeps past its lease and wakes up as if nothing had been."""
        worker = self._workers[-1]
        worker.send_signal(signal.SIGSTOP)
        self._lose_workers()
        self._workers.insert(0, self.works.worker())
        time.sleep(LEASE_SECONDS + 1)
        worker.send_signal(signal.SIGCONT)

    def _kill_the_beat(self) -> None:
        kill(self._beats.pop())
        self._beats.append(self.works.beat())

    def _start_a_second_beat(self) -> None:
        self._beats.append(self.works.beat())

    def _start_a_pass_by_hand(self) -> None:
        self._by_hand.append(self.works.send_notices("--seconds", "5"))

    def _kill_redis(self) -> None:
        """It comes back empty. Celery ends what its workers do, which is like a kill."""
        self.works.redis.stop(signal.SIGKILL)
        self._lose_workers(len(self._workers))
        time.sleep(0.5)
        self.works.redis.start()

    def _crash_the_database(self) -> None:
        assert self.server is not None
        self.server.crash()
        # The passes by hand lose theirs, too.
        self._lose_workers(len(self._workers) + self.story.events.count("start_a_pass_by_hand"))
        connection.close()
        time.sleep(0.5)
        self.server.start_again()

    def _hold_the_database(self) -> None:
        """Somebody else writes for a while, and everybody waits."""
        with connection.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN")
            time.sleep(2)
            cursor.execute("ROLLBACK")

    def _disturb_the_mail_server(self) -> None:
        acts = [
            self._chance.choice((UNHURRIED, *BAD_ANSWERS)) for _each in range(4 * len(BAD_ANSWERS))
        ]
        self.story.repeats += sum(act.keeps for act in acts)
        self.works.sink.disturb(acts)

    def _refuse_connections(self) -> None:
        """The mail server greets nobody new for a while: 421 at once."""
        before, self.works.sink.most_connections = self.works.sink.most_connections, 0
        time.sleep(2)
        self.works.sink.most_connections = before

    def _fill_the_disk(self) -> None:
        """No worker can write to any file for a while: neither its notes nor a database of files.

        What was accepted and not committed then has no note, and is repeated.
        """
        self.works.let_files_grow(self._workers, may_grow=False)
        time.sleep(1)
        self.works.let_files_grow(self._workers, may_grow=True)
        self.story.repeats += len(self._workers) * (COMMIT_EVERY + 2 * CONNECTIONS)

    def _put_a_clock_hours_wrong(self) -> None:
        # By less, what was put off meanwhile waits so much longer, and is not lost (LONGEST_WAIT).
        self._put_a_clock_wrong(hours=7)

    def _put_a_clock_days_wrong(self) -> None:
        self._put_a_clock_wrong(hours=50)

    def _put_a_clock_wrong(self, hours: int) -> None:
        """The clock of the machine jumps ahead by hours, and is put right after a while.

        What was written meanwhile lies far ahead then, and must hold nothing up. No two clocks
        at once: machines that disagree by more than a lease take the batches of each other.
        """
        self._lose_workers(len(self._workers))
        while self._workers:
            kill(self._workers.pop())
        for by_hand in self._by_hand:
            by_hand.wait()
        self.works.send_notices("--seconds", "2", hours_ahead=hours).wait()
        self._workers.append(self.works.worker())

    def _publish(self) -> None:
        """A further change is announced while the first is on its way. Once is enough."""
        if len(self.changes) == 1:
            uses = (RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("surveys"))
            self.changes.append(published(a_draft(3, *uses)))

    def _somebody_moves(self) -> None:
        if self._movers:
            mover = self._movers.pop()
            move_to(mover, f"moved-{mover.pk}@example.org")

    def _somebody_opts_out(self) -> None:
        keys = Customer.objects.filter(status="active").values_list("pk", flat=True)
        for key in self._chance.sample(sorted(keys), 10):
            customer = Customer.objects.get(pk=key)
            method = Choice.Method.PANEL
            if opt_out(
                customer=customer,
                uses=["product-news"],
                method=method,
                actor=Actor.customer(),
            ):
                self.story.opted_out[key] = time.monotonic()

    def _somebody_closes(self) -> None:
        keys = Customer.objects.filter(status="active").values_list("pk", flat=True)
        customer = Customer.objects.get(pk=self._chance.choice(sorted(keys)))
        request_closing(customer=customer, actor=Actor.customer())

    def _withdraw(self) -> None:
        if self.story.withdrawn_at is None:
            withdraw(version=self._version(), actor=SYSTEM)
            self.story.withdrawn_at = time.monotonic()

    def _version(self) -> PolicyVersion:
        return PolicyVersion.objects.get(pk=self.change.pk)

    def _is_done(self) -> bool:
        """The pass of the hour finds nobody to write to, and nothing waits.

        In this order: another pass may queue mails at any time, but none behind one that found
        nobody.
        """
        try:
            return not announce_changes().queued and not OutgoingMail.objects.live().exists()
        except OperationalError:
            # SQLite has one writer, and this process may have to wait for it like any other.
            return False

    def _untold_without_reason(self, change: PolicyVersion) -> list[int]:
        returned = OutgoingMail.objects.returned().filter(campaign__version=change)
        told = untold(change).exclude(pk__in=returned.values("customer"))
        return sorted(told.values_list("pk", flat=True))

    def _who_was_lost(self) -> Iterator[str]:
        """Everyone was told, or is listed as untold with a reason."""
        for change in PolicyVersion.objects.filter(pk__in=[each.pk for each in self.changes]):
            if change.status == PolicyVersion.Status.PUBLISHED:
                if lost := self._untold_without_reason(change):
                    yield f"neither told of {change.number} nor refused: {lost[:5]}"
                continue
            # Of what was withdrawn, whoever was told of it is told that.
            corrected = OutgoingMail.objects.filter(
                campaign__kind="policy_withdrawn", campaign__version=change
            )
            settled = corrected.exclude(state="dropped").values("customer")
            forgotten = told_of(change).exclude(pk__in=settled)
            if keys := sorted(forgotten.values_list("pk", flat=True)):
                yield f"told of the change and not of its withdrawal: {keys[:5]}"

    def _what_came_too_often(self, mails: list[Accepted]) -> Iterator[str]:
        """No more copies than were under way at the faults, each under its own Message-ID."""
        copies = Counter(mail.message_id for mail in mails)
        repeats = copies.total() - len(copies)
        if repeats > self.story.repeats:
            most = copies.most_common(5)
            yield f"{repeats} repeated, at most {self.story.repeats} may be: {most}"
        twice = OutgoingMail.objects.exclude(state="dropped").values("campaign", "customer")
        twice = twice.annotate(mails=Count("pk"), places=Count("address", distinct=True))
        if wrong := [row for row in twice if row["mails"] > row["places"]]:
            yield f"two mails for one address: {wrong[:5]}"

    def _what_came_against_a_no(self, mails: list[Accepted]) -> Iterator[str]:
        news = OutgoingMail.objects.filter(campaign__version__isnull=True)
        readers = {mail.message_id: mail.customer_id for mail in news.exclude(campaign=None)}
        for mail in mails:
            said_no_at = self.story.opted_out.get(readers.get(mail.message_id) or 0)
            if said_no_at and mail.offered_at > said_no_at + self._latest:
                late = mail.offered_at - said_no_at
                yield f"{mail.message_id} was offered {late:.2f} s after a no"

    def _what_came_after_the_withdrawal(self, mails: list[Accepted]) -> Iterator[str]:
        if self.story.withdrawn_at is None:
            return
        notices = Campaign.objects.filter(version=self.change, kind="policy_notice")
        theirs = tuple(f"<c{key}." for key in notices.values_list("pk", flat=True))
        for mail in mails:
            late = mail.offered_at - self.story.withdrawn_at
            if mail.message_id.startswith(theirs) and late > self._latest:
                yield f"{mail.message_id} was offered {late:.2f} s after the withdrawal"


def weather(
    works: Works,
    seed: int,
    *,
    customers: int,
    events: int,
    server: PrivatePostgres | None = None,
    grace: float = GRACE,
) -> Story:
    """Run once; fail with the story and what is wrong, if anything is."""
    storm = Storm(works, seed, customers=customers, server=server, grace=grace)
    storm.rage(events)
    storm.clear_up()
    problems = list(storm.problems())
    assert not problems, f"seed {seed}: {storm.story}\n" + "\n".join(problems)
    return storm.story
