"""`make bench-load`: pages under load while a delivery goes on, beside an empty signed-in page.

    python -m benchmarks.load [--customers 20000] [--rows 100000] [--browsers 4] [--seconds 20]

The site runs in gunicorn on a PostgreSQL of its own, a worker delivers a change of policy to a
local mail server, and each browser, a thread with one kept connection, opens the pages by turns.
The empty page is a view of Django that says nothing to somebody who is signed in. All share the
processors, so the ratios count: a page may cost twice an empty one. The exit code is 1 when one
costs more, when a request fails or no mail went out.
"""

from __future__ import annotations

import argparse
import http.client
import importlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.database import set_up
from bizsecure.local.services import PrivatePostgres, free_port, in_use

ROOT = Path(__file__).resolve().parents[1]
PROCESSES, THREADS = 2, 2
PATIENCE = 60
MOST_RATIO = 2


def main() -> int:
    """Measure, print what was measured, and return 1 if anything failed."""
    chosen = _arguments()
    with ExitStack() as cleanup:
        server = cleanup.enter_context(PrivatePostgres())
        sink = cleanup.enter_context(_running([sys.executable, "-m", "benchmarks.sink"]))
        assert sink.stdout is not None  # noqa: S101 - asked for below
        mail = f"smtp://127.0.0.1:{int(sink.stdout.readline())}"
        port = free_port()
        site = {"DEBUG": "on", "SITE_URL": f"http://127.0.0.1:{port}", "ALLOWED_HOSTS": "127.0.0.1"}
        set_up(server.url(), **site, EMAIL_URL=mail)
        # Models can be imported only now.
        measures = importlib.import_module("benchmarks.load_measures")
        pages, cookies = measures.prepare(
            customers=chosen.customers, rows=chosen.rows, browsers=chosen.browsers
        )
        cleanup.enter_context(_running(_gunicorn(port)))
        _wait_for(port)
        send = [sys.executable, "manage.py", "send_notices", "--seconds", str(PATIENCE + 600)]
        cleanup.enter_context(_running(send))
        browsers = [Browser(port, pages, cookie) for cookie in cookies]
        for browser in browsers:
            browser.warm_up()
        before, began = measures.accepted(), time.monotonic()
        _browse(browsers, chosen.seconds)
        mails = measures.accepted() - before
        rate = mails / (time.monotonic() - began)
    failed = sum(browser.failed for browser in browsers)
    slow = _show(browsers, pages)
    print(f"  {rate:,.0f} mails a second went out meanwhile; {failed} requests failed.")
    return int(bool(slow) or failed > 0 or mails == 0)


class Browser(threading.Thread):
    """Somebody who is signed in and opens the pages by turns, as fast as they come."""

    def __init__(self, port: int, pages: Mapping[str, str], cookie: str) -> None:
        super().__init__()
        self._server = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._pages, self._headers = pages, {"Cookie": cookie}
        self.seconds: dict[str, list[float]] = {name: [] for name in pages}
        self.failed = 0
        self.until = 0.0

    def warm_up(self) -> None:
        """Open each page once, so that code and templates are loaded; nothing of it counts."""
        for name, address in self._pages.items():
            self._open(name, address)
        self.seconds = {name: [] for name in self._pages}

    def run(self) -> None:
        while time.monotonic() < self.until:
            for name, address in self._pages.items():
                self._open(name, address)

    def _open(self, name: str, address: str) -> None:
        began = time.perf_counter()
        try:
            self._server.request("GET", address, headers=self._headers)
            answer = self._server.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._server.close()
            self.failed += 1
            return
        if answer.status == http.HTTPStatus.OK:
            self.seconds[name].append(time.perf_counter() - began)
        else:
            self.failed += 1


def _browse(browsers: Sequence[Browser], seconds: float) -> None:
    for browser in browsers:
        browser.until = time.monotonic() + seconds
        browser.start()
    for browser in browsers:
        browser.join()


def _show(browsers: Sequence[Browser], pages: Mapping[str, str]) -> list[str]:
    """Print how long the pages took, and return which of them took too long."""
    print(f"{len(browsers)} browsers while a delivery goes on")
    print(f"  {'page':<12}{'requests':>10}{'median':>12}{'95 %':>12}{'ratio':>8}")
    usual, slow_pages = 0.0, []
    for name in pages:
        seconds = [each for browser in browsers for each in browser.seconds[name]]
        if len(seconds) < 2:
            print(f"  {name:<12}{len(seconds):>10}")
            continue
        middle, slow = median(seconds), quantiles(seconds, n=20)[-1]
        usual = usual or middle
        if middle > MOST_RATIO * usual:
            slow_pages.append(name)
        print(
            f"  {name:<12}{len(seconds):>10}{1000 * middle:>9.1f} ms{1000 * slow:>9.1f} ms"
            f"{middle / usual:>8.1f}"
        )
    if slow_pages:
        print(f"  More than {MOST_RATIO} times an empty page: {', '.join(slow_pages)}.")
    return slow_pages


def _gunicorn(port: int) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "benchmarks.load_site", "--log-level", "warning"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(PROCESSES)]
    return [*command, "--threads", str(THREADS)]


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not in_use(port):
        if time.monotonic() > deadline:
            raise SystemExit("The site did not start.")
        time.sleep(0.1)


def _arguments() -> argparse.Namespace:
    parser: Any = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of all account logs")
    parser.add_argument("--browsers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    chosen: argparse.Namespace = parser.parse_args()
    return chosen


if __name__ == "__main__":
    sys.exit(main())
