"""Whether a process of the portal is well: what its container asks, or any supervisor.

python deploy/healthcheck.py web|worker|beat

Exit code 0 says yes. It needs nothing but Python, so that asking costs little: the web is asked for
its probe, the worker for an answer over the broker, and the beat by the file that it writes every
few minutes.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE_SECONDS = 8
WORKER_PATIENCE_SECONDS = 30
# Celery's scheduler writes its file every three minutes.
BEAT_WRITES_SECONDS = 600
SCHEDULE = "/var/lib/portal/celerybeat-schedule"


def web_is_well(bind: str, site_url: str) -> bool:
    """Whether the site answers on the address it is bound to, asked by its own name."""
    host, _colon, port = bind.rpartition(":")
    here = "127.0.0.1" if host in {"", "0.0.0.0"} else host  # noqa: S104  compared, not bound
    headers = {"Host": urlsplit(site_url).netloc, "X-Forwarded-Proto": "https"}
    try:
        with closing(HTTPConnection(here, int(port), timeout=PATIENCE_SECONDS)) as connection:
            connection.request("GET", "/healthz", headers=headers)
            return connection.getresponse().status == 200
    except (OSError, HTTPException, ValueError):
        return False


def worker_is_well() -> bool:
    """Whether the worker of this machine answers a ping over the broker."""
    ask = [sys.executable, "-m", "celery", "--quiet", "--app", "bizsecure", "inspect", "ping"]
    ask += ["--destination", f"celery@{socket.gethostname()}", "--timeout", "5"]
    try:
        asked = subprocess.run(ask, check=False, timeout=WORKER_PATIENCE_SECONDS)  # noqa: S603  our own words
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def beat_is_well(schedule: Path, now: float) -> bool:
    """Whether the scheduler wrote its file lately, whatever ending its kind of file has."""
    written = [path.stat().st_mtime for path in schedule.parent.glob(f"{schedule.name}*")]
    return bool(written) and now - max(written) < BEAT_WRITES_SECONDS


def main(arguments: list[str]) -> int:
    """Answer for the process that is named; 2 for one that nobody knows."""
    match arguments:
        case ["web"]:
            well = web_is_well(os.environ.get("WEB_BIND", ""), os.environ.get("SITE_URL", ""))
        case ["worker"]:
            well = worker_is_well()
        case ["beat"]:
            well = beat_is_well(Path(SCHEDULE), time.time())
        case _:
            sys.stderr.write("Say which: web, worker or beat.\n")
            return 2
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
