"""Two installations of the same commit are the same, also in what nobody asked for by name."""

from __future__ import annotations

import re
from importlib.metadata import distributions

from tests.architecture.house import ROOT

# They come with Python and with virtual environments.
PART_OF_THE_GROUND = {"pip", "setuptools", "wheel"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    files = [*ROOT.glob("requirements*.txt"), ROOT / "constraints.txt"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    pins = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", text, re.MULTILINE)
    return {plain(name): version for name, version in pins}


def test_every_installed_package_is_pinned_at_its_version() -> None:
    installed = {plain(found.name): found.version for found in distributions()}
    pins = pinned()
    wrong = {
        name: version
        for name, version in installed.items()
        if name not in PART_OF_THE_GROUND and pins.get(name) != version
    }
    assert wrong == {}
