"""The list with the hashes names all that the site needs, and nothing that its tests need."""

from __future__ import annotations

import re

from bizsecure.local.lock import LOCK, closure, pins, plain
from tests.architecture.house import ROOT

ENTRY = re.compile(
    r"^([\w.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", re.MULTILINE
)


def locked() -> dict[str, tuple[str, str]]:
    """Return by name the version that is locked, and the hashes of its files."""
    found = ENTRY.findall(LOCK.read_text(encoding="utf-8"))
    return {plain(name): (version, hashes) for name, version, hashes in found}


def test_everything_the_site_needs_is_locked_with_its_hashes() -> None:
    versions = {name: version for name, (version, _hashes) in locked().items()}
    assert versions == closure(), "Run `make lock`."
    assert all(hashes.count("--hash=") >= 1 for _version, hashes in locked().values())


def test_nothing_of_the_tests_is_locked() -> None:
    only_of_tests = set(pins("requirements-run.txt", "requirements-test.txt")) - set(closure())
    assert len(only_of_tests) >= 15
    assert only_of_tests & set(locked()) == set()


def test_from_where_packages_come_is_left_to_the_machine() -> None:
    for file in [LOCK, *ROOT.glob("requirements*.txt"), ROOT / "constraints.txt"]:
        source = file.read_text(encoding="utf-8")
        assert not re.search(r"index-url|find-links|trusted-host|https?://", source), file
