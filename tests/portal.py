"""The whole portal as real processes, for tests that look at it from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from bizsecure.local.mailbox import Mailbox
from bizsecure.local.mailcatcher import smtp_server
from bizsecure.local.services import PrivateRedis, free_port
from tests.services import ROOT, manage

START_TRIES = 200
STOP_SECONDS = 20


class Portal:
    """Web server, worker, Redis, mail catcher and card company over a database of their own.

    `url` is where it is, `mailbox` what it has sent, `log` what its processes have said, and
    `bank` where customers confirm their payments.
    """

    def __init__(self, database_url: str, folder: Path) -> None:
        self._cleanup = ExitStack()
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.mailbox = Mailbox(folder / "mail")
        self.log = folder / "portal.log"
        self._mail_port = free_port()
        self._bank_port = free_port()
        self.bank = f"http://localhost:{self._bank_port}"
        self._folder = folder
        self._redis = PrivateRedis()
        self.environment: Mapping[str, str] = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": self._redis.url,
            "EMAIL_URL": f"smtp://localhost:{self._mail_port}",
            "SITE_URL": self.url,
            "SANDBOX_URL": self.bank,
        }

    def manage(self, *command: str) -> str:
        """Run a command of manage.py and return what it printed."""
        return manage(self.environment, *command)

    def spawn(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a Python module as one more process of the portal; it ends with the others."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._cleanup.callback(end, process)
        return process

    def start(self) -> None:
        """Start everything and return once the site answers."""
        mail = smtp_server(self.mailbox, self._mail_port)
        mail.start()
        self._cleanup.callback(mail.stop)
        self._cleanup.enter_context(self._redis)
        self.spawn(
            "bizsecure.local.acquirer",
            *("--port", str(self._bank_port), "--folder", str(self._folder / "acquirer")),
            *("--callback-url", f"{self.url}/webhooks/sandbox/"),
        )
        self.spawn("celery", "--quiet", "--app", "bizsecure", "worker", "--concurrency", "1")
        bind = ("--bind", f"127.0.0.1:{self.port}", "--threads", "4", "--no-control-socket")
        web = self.spawn("gunicorn", "bizsecure.wsgi", *bind)
        for _ in range(START_TRIES):
            if self._answers():
                return
            with suppress(subprocess.TimeoutExpired):
                web.wait(0.1)
        raise AssertionError(f"The site does not answer:\n{self.log.read_text()}")

    def _answers(self) -> bool:
        with closing(HTTPConnection("localhost", self.port, timeout=30)) as connection:
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
            except (OSError, HTTPException):
                return False

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._cleanup.close()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
