"""`make bench` and `make bench-quick`: all measurements, one after the other.

    python -m benchmarks.everything [--quick]

Each says beforehand about how long it takes on a quiet machine with two processors. One that
misses its limits, or cannot run here, keeps none of the others from running; the exit code is 1
when there was one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Measurement(NamedTuple):
    """A module of this package with its options, and about how many minutes it takes."""

    what: str
    command: tuple[str, ...]
    minutes: float


WHOLE = (
    Measurement("cost against size, up to a million", ("growth", "--write"), 20),
    Measurement("delivery beside Django's mail classes", ("notices",), 2),
    Measurement("a download of 100,000 rows", ("download",), 2),
    Measurement("delivery beside the peers", ("delivery", "--write"), 10),
    Measurement("pages while a delivery goes on", ("load",), 2),
    Measurement("what it costs a page to be counted", ("visits",), 0.2),
    Measurement("verifying a million rows", ("verifying",), 3),
)
QUICK = (
    Measurement("cost of 20,000", ("growth", "--quick"), 0.6),
    Measurement("what it costs a page to be counted", ("visits", "--rounds", "20"), 0.1),
    Measurement("verifying 20,000 rows", ("verifying", "--rows", "20000"), 0.2),
    Measurement("a download of 10,000 rows", ("download", "--rows", "10000"), 0.2),
    Measurement("delivery beside the peers", ("delivery", "--quick"), 0.8),
)


def main() -> int:
    """Run them all and say which of them fell short."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few customers, in two minutes")
    chosen = QUICK if parser.parse_args().quick else WHOLE
    print(f"About {sum(each.minutes for each in chosen):.0f} minutes on a quiet machine.")
    short = []
    for what, (module, *options), minutes in chosen:
        print(f"\n==> {what[0].upper()}{what[1:]}: about {minutes:g} min", flush=True)
        began = time.monotonic()
        command = [sys.executable, "-m", f"benchmarks.{module}", *options]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            short.append(what)
        print(f"    took {(time.monotonic() - began) / 60:.1f} min", flush=True)
    print(f"\nFell short: {'; '.join(short)}." if short else "\nEverything within its limits.")
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
