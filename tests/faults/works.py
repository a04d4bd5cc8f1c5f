"""The notice job as real processes, over a database, a Redis and a mail server of their own.

The test itself looks into that database, through the same models and services.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from django.db import connections
from django.db.utils import ConnectionHandler
from django.utils import timezone

from bizsecure.core.verifying import broken_rows
from bizsecure.environment import Environment
from bizsecure.local.services import PrivateRedis
from consent.models import Notice, PolicyVersion
from notifications.models import MailBatch
from notifications.reporting import NoticeReport, notice_report
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    UPTIME_WATCH,
    a_draft,
    first_policy,
    published,
)
from tests.notifications.outbox import a_crowd
from tests.notifications.smtp_sink import Sink

ROOT = Path(__file__).resolve().parents[2]
LONGEST_WAIT = 300
LOOK_EVERY = 0.02
COMMIT_EVERY = 10
# What a kill can make nobody know of: one mail on each connection, which the server took and the
# worker has not noted yet.
CONNECTIONS = 4
CUSTOMERS = 120

Found = TypeVar("Found")


class Works:
    """Starts the processes of the job and tells what they did.

    `redis` and `sink` are the broker and the mail server, for the test to disturb; what is set
    in `environment` holds for the processes started after it.
    """

    def __init__(self, database_url: str, redis: PrivateRedis, sink: Sink, folder: Path) -> None:
        self.redis, self.sink = redis, sink
        self.log = folder / "works.log"
        self._beats = folder / "beat"
        self._cleanup = ExitStack()
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.url,
            "EMAIL_URL": f"{sink.url}?timeout=20&reply_timeout=20",
            "NOTICE_BATCH_SIZE": "50",
            "NOTICE_COMMIT_EVERY": str(COMMIT_EVERY),
            "NOTICE_JOURNAL": str(folder / "journal"),
            "NOTICE_RETRY_SECONDS": "1",
            "NOTICE_SWEEP_SECONDS": "1",
            # What is looked at before a start has tests of its own, and takes longer than a mail.
            "CELERY_SKIP_CHECKS": "1",
        }

    def worker(self, *, at_once: int = 1) -> subprocess.Popen[bytes]:
        """Start a worker that does so many things at once."""
        options = ("--without-gossip", "--without-mingle", "--concurrency", str(at_once))
        return self._start("celery", "--quiet", "--app", "bizsecure", "worker", *options)

    def beat(self) -> subprocess.Popen[bytes]:
        """Start a scheduler with a memory of its own."""
        schedule = f"{self._beats}-{time.monotonic_ns()}"
        return self._start(
            "celery", "--quiet", "--app", "bizsecure", "beat", "--schedule", schedule
        )

    def send_notices(self, *options: str, hours_ahead: int = 0) -> subprocess.Popen[bytes]:
        """Start a pass by hand, on a machine whose clock may be wrong."""
        if hours_ahead:
            words = (str(hours_ahead), "send_notices", "--skip-checks", *options)
            return self._start("tests.faults.wrong_clock", *words)
        return self._start("django", "send_notices", "--skip-checks", *options)

    def let_files_grow(
        self, processes: Sequence[subprocess.Popen[bytes]], *, may_grow: bool
    ) -> None:
        """Let these and their children write to files or not, as with a disk that is full."""
        groups = {process.pid for process in processes}
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                key = int(entry.name)
                if os.getpgid(key) in groups:
                    _soft, hard = resource.prlimit(key, resource.RLIMIT_FSIZE)
                    resource.prlimit(key, resource.RLIMIT_FSIZE, (hard if may_grow else 0, hard))

    def counts(self, process: subprocess.Popen[bytes]) -> Any:
        """Wait for a pass to end and return the counts it printed."""
        output, _ = process.communicate(timeout=LONGEST_WAIT)
        assert process.returncode == 0, self.log.read_text()
        return json.loads(output)

    def wait_until(self, claim: Callable[[], Found]) -> Found:
        """Return what `claim` says as soon as it holds; fail when it does not in time."""
        deadline = time.monotonic() + LONGEST_WAIT
        while not (found := claim()):
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(LOOK_EVERY)
        return found

    def wait_until_everyone_is_told(self) -> NoticeReport:
        """Return the report once nobody is untold any more."""
        self.wait_until(lambda: not self.report().untold)
        return self.report()

    def wait_until_accepted(self, mails: int) -> None:
        """Return as soon as the mail server has taken so many mails."""
        self.wait_until(lambda: len(self.sink.accepted) >= mails)

    def report(self) -> NoticeReport:
        """Return the report of the change."""
        return notice_report(PolicyVersion.objects.get(number=2))

    def _start(self, *module: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=ROOT,
                env=self.environment,
                stdout=log if module[0] == "celery" else subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self._cleanup.callback(kill, process)
        return process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cleanup.close()


@contextmanager
def looking_into(database_url: str) -> Iterator[None]:
    """Let the models of this process look into another database, for as long as a block lasts."""
    os.environ["DATABASE_URL"], before = database_url, os.environ["DATABASE_URL"]
    other = ConnectionHandler({"default": Environment().database()})
    own, connections["default"] = connections["default"], other["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = own
        os.environ["DATABASE_URL"] = before


def a_change(*, customers: int = CUSTOMERS) -> PolicyVersion:
    """Publish a change that concerns so many customers of many years."""
    first_policy(RUN_ACCOUNT, PRODUCT_NEWS)
    a_crowd(customers)
    return published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout is not None:
        process.stdout.close()
    process.wait()


def let_leases_end() -> None:
    """Let time pass for whoever held a batch when they died."""
    held = MailBatch.objects.filter(lease_until__isnull=False)
    held.update(lease_until=timezone.now() - DAY)


def check_that_everyone_was_told(works: Works, *, repeated: int = 0) -> None:
    """Compare the mail server's record with ours: nobody missing, nobody told twice by us.

    At most `repeated` mails came twice, each under its own Message-ID.
    """
    report = works.wait_until_everyone_is_told()
    copies = Counter(mail.recipients[0] for mail in works.sink.accepted)
    messages = {(mail.recipients[0], mail.message_id) for mail in works.sink.accepted}
    assert len(copies) == len(messages) == report.affected == report.told
    assert copies.total() - len(copies) <= repeated
    assert Notice.objects.count() == report.told
    assert list(broken_rows(Notice)) == []
