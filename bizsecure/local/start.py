"""`make run`: from a folder with programs to a portal one can click through.

It writes `.env` on the first run, brings the database up to date, loads demo customers once, and
then runs the processes of the Procfile side by side until Ctrl-C.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

import environ
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from bizsecure.local.services import PrivateRedis, Unavailable, in_use
from bizsecure.local.surroundings import USUAL_PORT, Surroundings, look_around, write_first_env

ROOT = Path(__file__).resolve().parents[2]
DEMO_CUSTOMERS = 200
ENDED_BY_CTRL_C = 130
# How load_demo tells who can sign in: "Customer: address / password".
SIGN_IN = re.compile(r"^(?:\w+: +\S+ / \S+|Staff (?:by role|code): .+)$", re.MULTILINE)


class Output:
    """Standard output for as long as somebody reads it; when the reader is gone, all ends."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_read = True

    def write(self, text: str) -> None:
        """Write, or begin the end of every process if there is nobody to write to."""
        if self._is_read:
            try:
                self._stream.write(text)
                self._stream.flush()
            except OSError:
                self._is_read = False
                os.kill(os.getpid(), signal.SIGTERM)

    def flush(self) -> None:
        """Do nothing: what is written is out already."""

    def isatty(self) -> bool:
        """Return whether colours make sense."""
        return self._stream.isatty()


def say(sentence: str) -> None:
    """Tell the reader where we are."""
    print(f"\n==> {sentence}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Start everything and return the exit code once everything has ended."""
    parser = argparse.ArgumentParser(prog="make run")
    parser.add_argument("--port", type=int, default=USUAL_PORT)
    port = parser.parse_args(arguments).port
    if not 0 < port < 65536:
        return _refuse(f"{port} is no port: take a number from 1 to 65535.")
    if in_use(port):
        return _refuse(f"Port {port} is in use. Choose another one: make run PORT={port + 1}")
    (ROOT / "var").mkdir(exist_ok=True)
    lock = (ROOT / "var" / "run.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return _refuse("This copy of the portal is running already, in another terminal.")
    given = dict(os.environ)
    if write_first_env(ROOT):
        say("Wrote .env with fresh secrets of its own")
    environ.Env.read_env(ROOT / ".env")
    surroundings = look_around(ROOT, port, given=given, known=os.environ)
    with ExitStack() as brokers:
        # Loading tells workers of what there is to do. Nobody listens yet, and the sweep finds it.
        broker = brokers.enter_context(PrivateRedis()).url if surroundings.own_redis else None
        sign_ins = prepare(surroundings.environment | ({"REDIS_URL": broker} if broker else {}))
    return run(surroundings, {"SIGN_INS": sign_ins, "MAIL_PAGE": surroundings.mail_page or ""})


def prepare(environment: Mapping[str, str]) -> str:
    """Bring the database up to date, with demo customers the first time; return their sign-ins."""
    say("Bringing the database up to date")
    _manage(environment, "migrate", "--no-input")
    _manage(environment, "createcachetable")
    say("Loading demo customers, on the first run only")
    told = _manage(environment, "load_demo", "--customers", str(DEMO_CUSTOMERS))
    return "\n".join(SIGN_IN.findall(told))


def run(surroundings: Surroundings, for_welcome: Mapping[str, str]) -> int:
    """Run the processes of the Procfile until one of them ends or somebody ends them."""
    say("Starting; Ctrl-C ends everything")
    manager = Manager(Printer(Output(sys.stdout)))
    environment = {**surroundings.environment, **for_welcome}
    procfile = parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8"))
    for name, command in procfile.processes.items():
        if name not in surroundings.left_out:
            manager.add_process(name, command, env=environment, cwd=str(ROOT))
    # A closed terminal ends everything as Ctrl-C does.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    return 0 if manager.returncode == ENDED_BY_CTRL_C else int(manager.returncode or 0)


def _manage(environment: Mapping[str, str], *command: str) -> str:
    """Run a command of manage.py, let the reader follow, and return what it said."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = []
    for line in process.stdout or ():
        print(line, end="", flush=True)
        lines.append(line)
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, f"manage.py {command[0]}")
    return "".join(lines)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(ENDED_BY_CTRL_C)
    except Unavailable as reason:
        sys.exit(str(reason))
    except subprocess.CalledProcessError as failed:
        # The command has said for itself what is wrong.
        sys.exit(failed.returncode)
