"""`make bench`: how fast notices are delivered, beside Postfix's load generator and our peers.

    python -m benchmarks.delivery [--mails 60000] [--turns 3] [--quick] [--write] [--json FILE]

All in one run on one machine, by turns, because rates change between machines and minutes:

- our delivery as it is, by three worker processes: claim a batch, write each customer's mail, hand
  it over, record the state and the proof; on PostgreSQL and on SQLite;
- `smtp-source -s 16`, written in C, which sends one and the same mail and records nothing;
- django-post_office, django-mailer, and Celery with a task for each mail and for each hundred.

All send mails of the same size to the same `smtp-sink`. What the peers put into their queues
before is not counted. What is held are the ratios; the exit code is 1 when one falls short.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.fetching import ROOT, NotToBeHad, Postfix, peers, postfix
from bizsecure.local.services import PrivatePostgres, PrivateRedis, free_port, in_use
from tests.environment import ENVIRONMENT
from tests.migrated import migrated_file

# One more than there are processors, so that none is idle while a worker waits for its commit.
WORKERS = 3
# As the portal has them, unless the run is too short for so many.
BATCH, SHORT_BATCH = 2000, 500
# With DEBUG on, Django would write down every statement.
SITE = {"DEBUG": "off", "SITE_URL": "https://www.example.com", "ALLOWED_HOSTS": "www.example.com"}
# How many mails of each a turn sends: a few seconds' worth.
PEERS = {"post_office": 600, "mailer": 150, "celery_chunks": 800, "celery_tasks": 200}
QUICK = {"post_office": 200, "celery_tasks": 60}
OURS = ("PostgreSQL", "SQLite")
NAMES = {
    "post_office": "django-post_office, two processes of four threads",
    "mailer": "django-mailer",
    "celery_chunks": "Celery, a task for a hundred mails",
    "celery_tasks": "Celery, a task for each mail",
}
SOURCE = "smtp-source -s 16"
KEEPING = "smtp-source -s 16 -d"
MOST_MB = 200
DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- delivery: written by make bench -->", "<!-- /delivery -->"
# The least that our delivery on PostgreSQL may be, as a multiple of the others' rate. A run of a
# second or two is mostly getting ready.
LEAST = {SOURCE: 0.8, "post_office": 20, "mailer": 20, "celery_chunks": 20, "celery_tasks": 100}
LEAST_IF_SHORT = 0.4


def main() -> int:
    """Measure by turns, print the medians, and return 1 if a ratio is not good enough."""
    chosen = _arguments()
    rates: dict[str, list[float]] = {}
    with ExitStack() as cleanup:
        batch = SHORT_BATCH if chosen.quick else BATCH
        run = Run(cleanup, mails=chosen.mails, turns=chosen.turns, batch=batch)
        for _turn in range(chosen.turns):
            for name, rate in run.turn(QUICK if chosen.quick else PEERS):
                rates.setdefault(name, []).append(rate)
        problems = run.problems()
    medians = {name: median(each) for name, each in rates.items()}
    # Within a turn, then the median: what disturbed one turn disturbed all who took it.
    ratios = {
        (ours, other): median(map(float.__truediv__, rates[ours], rates[other]))
        for ours in OURS
        for other in rates.keys() - set(OURS)
    }
    table = _table(medians, ratios)
    print(f"Delivery of mails of {run.octets:,} octets by {WORKERS} workers, medians\n\n{table}")
    print(f"{run.cost}\n")
    if chosen.write:
        _write(f"{table}\n{run.cost}\n", run.octets, chosen.turns)
    if run.peak_mb > MOST_MB:
        problems.append(f"A worker needs more than {MOST_MB} MB.")
    for other, least in _least(medians, is_short=chosen.quick).items():
        if ratios.get((OURS[0], other), least) < least:
            problems.append(f"Delivery is less than {least:.1f} times as fast as {other}.")
    print("\n".join(problems + run.left_out))
    if chosen.json:
        spelled = {f"{ours} / {other}": ratio for (ours, other), ratio in ratios.items()}
        figures = {"octets": run.octets, "rates": medians, "ratios": spelled}
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(bool(problems))


class Run:
    """One comparison: the servers, two filled outboxes, and the turns."""

    def __init__(self, cleanup: ExitStack, *, mails: int, turns: int, batch: int) -> None:
        self._batch = batch
        self.mails = mails // (WORKERS * batch) * WORKERS * batch
        self.left_out: list[str] = []
        # Of our workers: seconds of the processor for a mail, and the most memory one of them had.
        self.processor: dict[str, float] = {}
        self.peak_mb = 0.0
        self._folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="bizsecure-")))
        self._postfix = self._have(postfix)
        self._peers = self._have(peers)
        self._server = cleanup.enter_context(PrivatePostgres(careful=True))
        self._redis = cleanup.enter_context(PrivateRedis())
        self._port = cleanup.enter_context(_sink(self._postfix))
        self._databases = {
            "PostgreSQL": self._server.url("ours"),
            "SQLite": f"sqlite:///{self._folder}/portal.sqlite3",
        }
        shutil.copyfile(migrated_file(), self._folder / "portal.sqlite3")
        self._server.make_database("ours")
        self._server.make_database("peers")
        words = ""
        for name in OURS:
            words = self._python(name, "prepare", str(self.mails * turns))
        self._words = self._folder / "words.json"
        self._words.write_text(words, encoding="utf-8")
        self.octets: int = json.loads(words)["octets"]
        self._expected = 0
        if self._peers is not None:
            self._peer("-m", "django", "migrate", "--verbosity", "0")

    @property
    def cost(self) -> str:
        """What a mail of ours costs a worker, which other work on the machine hardly changes."""
        each = " and ".join(
            f"{1e6 * took:.0f} µs on {name}" for name, took in self.processor.items()
        )
        most = f"none had more than {self.peak_mb:.0f} MB"
        return f"A mail costs a worker {each} of its processor; {most}."

    def turn(self, peers: Mapping[str, int]) -> Iterator[tuple[str, float]]:
        """Let everybody send once; yield who sent how many mails a second."""
        for name in OURS:
            yield name, self._ours(name)
        if self._postfix is not None:
            for name, keeps in ((SOURCE, False), (KEEPING, True)):
                command = self._postfix.source(
                    self._port, mails=self.mails, octets=self.octets, keeps=keeps
                )
                began = time.perf_counter()
                subprocess.run(command, env=self._postfix.environment, check=True)
                yield name, self.mails / (time.perf_counter() - began)
        if self._peers is not None:
            for name, mails in peers.items():
                yield name, mails / float(self._peer("run.py", name, str(mails)).split()[-1])
        self._expected += self.mails

    def problems(self) -> list[str]:
        """Return in what the records of our own deliveries differ from what they should be."""
        found = []
        for name in OURS:
            counts = self._python(name, "accepted").split()
            if counts != [str(self._expected)] * 2:
                found.append(f"{name} recorded {counts} mails and proofs of {self._expected}.")
        return found

    def _ours(self, name: str) -> float:
        self._python(name, "due", str(self.mails))
        workers = [self._start(name) for _worker in range(WORKERS)]
        for worker in workers:
            assert worker.stdout is not None  # noqa: S101 - asked for when it was started
            worker.stdout.readline()
        began = time.perf_counter()
        for worker in workers:
            assert worker.stdin is not None  # noqa: S101 - the same
            worker.stdin.write("go\n")
            worker.stdin.flush()
        ended = [json.loads(worker.communicate()[0]) for worker in workers]
        seconds = time.perf_counter() - began
        accepted = sum(each["accepted"] for each in ended)
        self.processor[name] = sum(each["processor"] for each in ended) / max(1, accepted)
        self.peak_mb = max([self.peak_mb, *(each["peak_mb"] for each in ended)])
        if accepted != self.mails:
            sys.exit(f"{accepted} of {self.mails} mails were delivered on {name}.")
        return self.mails / seconds

    def _start(self, name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.deliverer", "work"]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment(name),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def _python(self, name: str, *words: str) -> str:
        command = [sys.executable, "-m", "benchmarks.deliverer", *words]
        return _output_of(command, ROOT, self._environment(name))

    def _peer(self, *words: str) -> str:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings",
            "PEERS_POSTGRES": str(self._server.folder),
            "PEERS_SMTP_PORT": str(self._port),
            "PEERS_REDIS": self._redis.url,
            "PEERS_WORDS": str(self._words),
        }
        return _output_of([str(self._peers), *words], ROOT / "benchmarks" / "peers", environment)

    def _environment(self, name: str) -> Mapping[str, str]:
        return {
            **os.environ,
            **ENVIRONMENT,
            **SITE,
            "DATABASE_URL": self._databases[name],
            "EMAIL_URL": f"smtp://127.0.0.1:{self._port}",
            "NOTICE_BATCH_SIZE": str(self._batch),
        }

    def _have(self, fetch: Any) -> Any:
        try:
            return fetch()
        except NotToBeHad as reason:
            self.left_out.append(f"Left out: {reason}")
            return None


@contextmanager
def _sink(tools: Postfix | None) -> Iterator[int]:
    """Start the mail server that everybody sends to: Postfix's, or a slower one of ours."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.sink", "--port", str(port)]
    environment: Mapping[str, str] = os.environ
    if tools is not None:
        command, environment = tools.sink(port), tools.environment
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not in_use(port):
            time.sleep(0.01)
        try:
            yield port
        finally:
            process.terminate()


def _output_of(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, text=True, capture_output=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def _least(medians: Mapping[str, float], *, is_short: bool) -> Mapping[str, float]:
    """Return how many times as fast as each of the others our delivery has to be.

    Where the load generator, which records nothing, is not so many times as fast as a peer, no
    more is asked than its own share of that.
    """
    share = LEAST_IF_SHORT if is_short else LEAST[SOURCE]
    # Without the generator there is nothing to say that less would do.
    fastest = medians.get(SOURCE, inf)
    return {
        other: min(least, share * fastest / medians[other])
        for other, least in LEAST.items()
        if other in medians
    }


def _table(medians: Mapping[str, float], ratios: Mapping[tuple[str, str], float]) -> str:
    rows = ["| | mails a second | our times on PostgreSQL | on SQLite |", "|---|---:|---:|---:|"]
    for name, rate in medians.items():
        times = [f"{ratios[ours, name]:.1f}" if (ours, name) in ratios else "" for ours in OURS]
        label = f"our delivery on {name}" if name in OURS else NAMES.get(name, f"`{name}`")
        rows.append(f"| {label} | {rate:,.0f} | {times[0]} | {times[1]} |")
    return "\n".join(rows) + "\n"


def _write(table: str, octets: int, turns: int) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    measured = f"Mails of {octets:,} octets, medians of {turns} turns, {os.cpu_count()} processors."
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{table}\n{END}{after}", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mails", type=int, help="mails we deliver in a turn: 60,000, or 6,000")
    parser.add_argument("--turns", type=int, help="three, or one")
    parser.add_argument("--quick", action="store_true", help="one turn, fewer mails of fewer peers")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    chosen = parser.parse_args()
    chosen.mails = chosen.mails or (6_000 if chosen.quick else 60_000)
    chosen.turns = chosen.turns or (1 if chosen.quick else 3)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
