"""What was released, and whether the last release gets along with the schema of this one.

    python -m tests.releases                   run the last release's tests on this tree's schema
    python -m tests.releases tests/promises    only these of its tests
    python -m tests.releases --write           note the migrations that this release has

An upgrade migrates first, so for a while the old code runs on the new schema. Here the last
release, which is the newest tag `v1.2.3` below this commit, runs its own tests on a PostgreSQL
that this tree has migrated.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from bizsecure.local.services import PrivatePostgres, Unavailable
from tests.migrated import migrate

ROOT = Path(__file__).resolve().parents[1]
RELEASED = ROOT / "tests" / "architecture" / "released_migrations.txt"
TAG = re.compile(r"v(\d+)\.(\d+)\.(\d+)")
REQUIREMENTS = ("requirements.txt", "requirements-run.txt", "requirements-test.txt")
# They look at files, at browsers or at migrations themselves, not through them.
NO_MATTER_OF_THE_SCHEMA = ("architecture", "journeys", "deploy", "local", "chaos")
MIGRATIONS = ("*/migrations/0*.py", "bizsecure/*/migrations/0*.py")


def released_migrations() -> set[tuple[str, str]]:
    """Return app and name of every migration that was released; nothing before the first time."""
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {(app, name) for app, name in pairs}


def write_released() -> int:
    """Note the migrations of this tree as released, and return how many they are."""
    head = [line for line in RELEASED.read_text("utf-8").splitlines() if line.startswith("#")]
    paths = sorted(path for pattern in MIGRATIONS for path in ROOT.glob(pattern))
    lines = [f"{path.parents[1].name} {path.stem}" for path in paths]
    RELEASED.write_text("\n".join([*head, *sorted(lines), ""]), encoding="utf-8")
    return len(lines)


def previous_release(repository: Path) -> str | None:
    """Return the newest release below the commit that is checked out; None if there is none."""
    here = _git(repository, "tag", "--points-at", "HEAD").split()
    below = _git(repository, "tag", "--merged", "HEAD").split()
    found = {tag: TAG.fullmatch(tag) for tag in below if tag not in here}
    numbers = {tag: tuple(map(int, match.groups())) for tag, match in found.items() if match}
    return max(numbers, key=lambda tag: numbers[tag], default=None)


def unpack(repository: Path, tag: str, folder: Path) -> None:
    """Put the files of a release into a folder."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", tag], cwd=repository, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")


def python_for(release: Path) -> str:
    """Return the Python that has what the release requires: ours, or one made for it."""
    same = all((release / name).read_bytes() == (ROOT / name).read_bytes() for name in REQUIREMENTS)
    if same:
        return sys.executable
    subprocess.run(["make", ".venv/test.installed"], cwd=release, check=True)
    return str(release / ".venv" / "bin" / "python")


def run_on_our_schema(release: Path, wanted: Sequence[str]) -> int:
    """Run the tests of the release on a database that this tree has migrated."""
    python = python_for(release)
    folders = sorted(path for path in (release / "tests").iterdir() if path.is_dir())
    every = [str(path) for path in folders if path.name not in NO_MATTER_OF_THE_SCHEMA]
    chosen = wanted or every
    with PrivatePostgres() as server:
        server.make_database("migrated")
        migrate(server.url("migrated"))
        theirs = {**os.environ, "DATABASE_URL": server.url(), "DATABASE_TEMPLATE": "migrated"}
        options = ["--quiet", "--numprocesses", "2", "--dist", "worksteal"]
        tests = [python, "-m", "pytest", *options, *chosen]
        return subprocess.run(tests, cwd=release, env=theirs, check=False).returncode


def _git(repository: Path, *command: str) -> str:
    with suppress(OSError):
        told = subprocess.run(
            ["git", *command], cwd=repository, check=False, capture_output=True, text=True
        )
        return told.stdout
    return ""


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for and return the exit code."""
    if list(arguments) == ["--write"]:
        print(f"{write_released()} migrations are noted as released.")
        return 0
    tag = previous_release(ROOT)
    if tag is None:
        print("No release stands below this commit (a tag such as v1.0.0): nothing to compare.")
        return 0
    print(f"==> The tests of {tag} on the schema of this tree", flush=True)
    with tempfile.TemporaryDirectory(prefix="bizsecure-release-") as folder:
        unpack(ROOT, tag, Path(folder))
        try:
            return run_on_our_schema(Path(folder), arguments)
        except Unavailable as reason:
            print(reason)
            return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
