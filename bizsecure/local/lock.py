"""Writes requirements.lock: what the site needs, all of it, with the hashes of every file.

    python -m bizsecure.local.lock --compiler PATH

With it `pip install --require-hashes --requirement requirements.lock` takes nothing but what was
there when it was made. What only some version of Python or some machine needs is in it as well:
the list is good for each that the site runs on, not for the one it was made on. The hashes come
from pip-compile; from where packages are taken is left to whoever installs.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(\[[\w,-]+\])?==([\w.+!-]+)", re.MULTILINE)
NEEDED = re.compile(r"^([A-Za-z0-9._-]+)\s*(?:\[([\w,\s-]+)\])?[^;]*(?:;(.*))?$")
EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")
HEADING = (
    "# Written by `make lock` from requirements.txt and constraints.txt: all the site needs, on\n"
    "# each version of Python and each machine it runs on. Install with pip's --require-hashes.\n"
)


def plain(name: str) -> str:
    """Return the name of a package as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(*files: str) -> dict[str, tuple[str, set[str]]]:
    """Return what these files pin: by plain name the version, and the extras that are wanted."""
    found: dict[str, tuple[str, set[str]]] = {}
    for file in files:
        for name, extras, version in PIN.findall((ROOT / file).read_text(encoding="utf-8")):
            found[plain(name)] = (version, {each for each in extras.strip("[]").split(",") if each})
    return found


def closure() -> dict[str, str]:
    """Return every package that the site needs under any condition, with its pinned version."""
    known = {**pins("constraints.txt"), **pins("requirements.txt")}
    waiting = [(name, extras) for name, (_version, extras) in pins("requirements.txt").items()]
    seen: dict[str, set[str]] = {}
    while waiting:
        name, extras = waiting.pop()
        if name not in known or (name in seen and extras <= seen[name]):
            continue
        seen[name] = seen.get(name, set()) | extras
        waiting += _needed_by(name, seen[name])
    return {name: known[name][0] for name in sorted(seen)}


def _needed_by(name: str, extras: set[str]) -> Iterator[tuple[str, set[str]]]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return
    for line in lines:
        found = NEEDED.match(line)
        if found:
            other, wanted, condition = found.groups()
            of_extra = EXTRA.search(condition or "")
            if of_extra is None or of_extra[1] in extras:
                yield plain(other), {each.strip() for each in (wanted or "").split(",") if each}


def main() -> None:
    """Have the hashes found, and write the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", required=True, help="the program pip-compile")
    compiler = parser.parse_args().compiler
    with tempfile.TemporaryDirectory() as folder:
        wanted, locked = Path(folder) / "wanted.in", Path(folder) / "locked.txt"
        wanted.write_text("".join(f"{name}=={each}\n" for name, each in closure().items()))
        subprocess.run(
            [
                *(compiler, "--quiet", "--generate-hashes", "--allow-unsafe", "--no-header"),
                *("--no-annotate", "--no-emit-index-url", "--no-emit-trusted-host"),
                *("--no-emit-find-links", "--strip-extras"),
                *("--output-file", str(locked), str(wanted)),
            ],
            check=True,
        )
        LOCK.write_text(HEADING + locked.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    main()
