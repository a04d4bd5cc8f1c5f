"""A command of manage.py on a machine whose clock is so many hours ahead.

    python -m tests.faults.wrong_clock HOURS COMMAND...

The clock goes on from there, and nothing the program can ask is any the wiser.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import time_machine
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    ahead = timedelta(hours=int(sys.argv[1]))
    now = datetime.now(UTC)  # noqa: TID251 - this is where the clock is made
    with time_machine.travel(now + ahead, tick=True):
        execute_from_command_line(["manage.py", *sys.argv[2:]])
