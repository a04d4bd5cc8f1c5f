"""`make bench`: how fast notices are queued and delivered, beside Django's own mail classes.

    python -m benchmarks.notices [--queue 100000] [--mails 20000] [--loop 2000]
                                 [--database-url postgres://...] [--json FILE]

All in one run on one machine: a pass queues many customers, our delivery hands some of the
mails to a local mail server and records each with its proof, and a loop over Django's
EmailMultiAlternatives on one open connection hands the same words to the same server and
records nothing. Rates differ between machines and hours; what is held is the ratio of the two
and that a pass needs no memory for its customers. The exit code is 1 when either fails.

The database is a new one and is thrown away: a file, or test_NAME on the server of
--database-url.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from tests.environment import ENVIRONMENT

LEAST_RATIO = 3
# By how much the process may grow while it queues a hundred thousand customers.
MOST_GROWTH_MB = 32
ROOT = Path(__file__).resolve().parents[1]
# With DEBUG on, Django would write down every statement.
SITE = {"DEBUG": "off", "SITE_URL": "https://www.example.com", "ALLOWED_HOSTS": "www.example.com"}


def main() -> int:
    """Measure, print what was measured, and return 1 if it is not good enough."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory(prefix="bizsecure-bench-") as folder, _sink() as (port, sink):
        database_url = chosen.database_url or f"sqlite:///{folder}/portal.sqlite3"
        email_url = f"smtp://127.0.0.1:{port}"
        os.environ.update(ENVIRONMENT | SITE)
        os.environ.update(DATABASE_URL=database_url, EMAIL_URL=email_url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")
        django.setup()
        # Models can be imported only now.
        measures = importlib.import_module("benchmarks.measures")
        figures = measures.measure(queue=chosen.queue, mails=chosen.mails, loop=chosen.loop)
        sink.terminate()
        taken = int(sink.communicate()[0])
    problems = _problems(figures, taken)
    _show(figures)
    print("\n".join(problems), end="\n" if problems else "")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(bool(problems))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--queue", type=int, default=100_000, help="customers of the pass")
    parser.add_argument("--mails", type=int, default=20_000, help="mails we deliver of them")
    parser.add_argument("--loop", type=int, default=2_000, help="mails of Django's loop")
    parser.add_argument("--database-url", help="where to measure, instead of in a SQLite file")
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    return parser.parse_args()


@contextmanager
def _sink() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "benchmarks.sink"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - asked for one line above
        try:
            yield int(process.stdout.readline()), process
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate()


def _problems(figures: Mapping[str, Any], taken: int) -> list[str]:
    problems = []
    handed_over = figures["delivered"] + figures["looped"]
    if taken != handed_over:
        problems.append(f"The mail server took {taken} of {handed_over} mails.")
    if figures["ratio"] < LEAST_RATIO:
        problems.append(f"Delivery is less than {LEAST_RATIO} times as fast as Django's loop.")
    if figures["queue_growth_mb"] > MOST_GROWTH_MB:
        problems.append(f"A pass needs more than {MOST_GROWTH_MB} MB for its customers.")
    return problems


def _show(figures: Mapping[str, Any]) -> None:
    rows = [
        (f"queue {figures['queued']:,} customers", f"{figures['queue_seconds']:.2f} s"),
        ("  growth of the process", f"{figures['queue_growth_mb']:.1f} MB"),
        ("a second pass, nothing to do", f"{figures['second_pass_seconds']:.2f} s"),
        (f"deliver and record {figures['delivered']:,}", f"{figures['delivery_rate']:,.0f} /s"),
        (f"Django's loop over {figures['looped']:,}", f"{figures['loop_rate']:,.0f} /s"),
        ("ratio", f"{figures['ratio']:.1f}"),
    ]
    print(f"Notices on {figures['database']}")
    for name, value in rows:
        print(f"  {name:<36}{value:>14}")


if __name__ == "__main__":
    sys.exit(main())
