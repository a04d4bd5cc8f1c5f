"""What the benchmarks compare with, brought into `.bench/` when it is first needed.

Nothing of it is part of the product. What cannot be had is left out, and the reader is told why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".bench"
REQUIREMENTS = ROOT / "benchmarks" / "requirements-peers.txt"


class NotToBeHad(Exception):
    """Something to compare with is missing; the message says what and why."""


@dataclass(frozen=True)
class Postfix:
    """The load generator and the sink of Postfix, whose daemon is never started."""

    programs: Path
    libraries: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """In which the programs find their libraries."""
        return {**os.environ, "LD_LIBRARY_PATH": str(self.libraries)}

    def sink(self, port: int) -> list[str]:
        """Return the command of a mail server that takes everything and counts on its output."""
        own = ["-u", "nobody"] if os.geteuid() == 0 else []
        return [str(self.programs / "smtp-sink"), *own, "-c", f"127.0.0.1:{port}", "1000"]

    def source(self, port: int, *, mails: int, octets: int, keeps: bool) -> list[str]:
        """Return the command that sends so many mails over 16 sessions at once.

        By default each mail is a session of its own; one that `keeps` its sessions is faster.
        """
        options = ["-d"] if keeps else []
        options += ["-s", "16", "-m", str(mails), "-l", str(octets), "-f", "a@b", "-t", "c@d"]
        return [str(self.programs / "smtp-source"), *options, f"127.0.0.1:{port}"]


def postfix() -> Postfix:
    """Return Postfix's programs: unpacked from Debian's package, not installed."""
    unpacked = FOLDER / "postfix"
    found = Postfix(unpacked / "usr" / "sbin", unpacked / "usr" / "lib" / "postfix")
    if not (found.programs / "smtp-source").exists():
        _unpack_postfix(unpacked)
    return found


def peers() -> Path:
    """Return the Python of a virtual environment with the libraries that we compare with."""
    python = FOLDER / "peers" / "bin" / "python"
    stamp = FOLDER / "peers" / REQUIREMENTS.name
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print("Installing what delivery is compared with into .bench/peers", flush=True)
        _run([sys.executable, "-m", "venv", str(FOLDER / "peers")])
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        constraints = ["--constraint", str(ROOT / "constraints.txt")]
        _run([*install, "--requirement", str(REQUIREMENTS), *constraints])
        stamp.write_text(wanted, encoding="utf-8")
    return python


def _unpack_postfix(where: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise NotToBeHad("Postfix's smtp-source comes from its Debian package: no apt-get here.")
    packages = FOLDER / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    try:
        _run(["apt-get", "download", "--quiet", "postfix"], packages)
    except NotToBeHad:
        _run(["apt-get", "update", "--quiet"])
        _run(["apt-get", "download", "--quiet", "postfix"], packages)
    [package] = packages.glob("postfix_*.deb")
    _run(["dpkg", "-x", str(package), str(where)])


def _run(command: list[str], folder: Path = ROOT) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        words = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise NotToBeHad(f"{' '.join(command[:2])}: {words[-1] if words else 'failed'}") from None
