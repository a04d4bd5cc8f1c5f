"""When the tests of each promise last passed, as the test run wrote it down.

The run on SQLite is the whole one, and writes the file that PROMISES_HELD_FILE names
(tests/held.py). It belongs to the release: a deployment brings along the one of the run that
let the release through.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings


def held_at() -> dict[str, datetime]:
    """Return for each promise id when its tests last passed; nothing where no run wrote that down.

    A file that cannot be read is no proof, and the page about promises works without one.
    """
    try:
        entries = json.loads(Path(settings.PROMISES_HELD_FILE).read_text(encoding="utf-8"))
        return {str(key): datetime.fromisoformat(value) for key, value in entries.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
