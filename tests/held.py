"""Writing down which promises the tests of a whole run found kept, for the page that shows them.

Only a run over everything counts: where tests were picked by name or left out, nothing is written.
A promise one of whose tests failed loses its entry.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest
from django.utils import timezone

from bizsecure.promises import PROJECT, PROMISES

KEPT_IN = Path(os.environ.get("PROMISES_HELD_FILE") or PROJECT / "var" / "promises-held.json")


class HeldPromises:
    """Listens to the reports of a run."""

    def __init__(self) -> None:
        self._outcomes: defaultdict[str, set[str]] = defaultdict(set)
        self._is_whole = True

    def pytest_collection_modifyitems(self, config: pytest.Config) -> None:
        """A run over chosen files or tests says nothing about a promise as a whole."""
        if any("::" in argument or argument.endswith(".py") for argument in config.args):
            self._is_whole = False

    def pytest_deselected(self) -> None:
        """Neither does one that leaves tests out."""
        self._is_whole = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how each part of each test of a promise ended."""
        self._outcomes[report.nodeid.partition("::")[0]].add(report.outcome)

    def pytest_sessionfinish(self) -> None:
        """Write the file anew, whole or not at all."""
        outcomes = {key: self._outcomes.get(path) for key, path in _test_files().items()}
        if not self._is_whole or not any(outcomes.values()):
            return
        now = timezone.now().isoformat(timespec="seconds")
        entries = {key: now for key, outcome in outcomes.items() if outcome == {"passed"}}
        KEPT_IN.parent.mkdir(parents=True, exist_ok=True)
        unfinished = KEPT_IN.with_suffix(".new")
        unfinished.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
        unfinished.replace(KEPT_IN)


def _test_files() -> dict[str, str]:
    return {promise.id: promise.test_file.as_posix() for promise in PROMISES}


def pytest_configure(config: pytest.Config) -> None:
    """Listen where the reports of all processes come together."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(HeldPromises(), "held-promises")
