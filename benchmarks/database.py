"""A database that is made for a benchmark and thrown away after it."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import django

from tests.environment import ENVIRONMENT
from tests.migrated import migrated_file

# With DEBUG on, Django would write down every statement.
SITE = {
    "DEBUG": "off",
    "SITE_URL": "https://www.example.com",
    "ALLOWED_HOSTS": "www.example.com",
}


def set_up(database_url: str, **more: str) -> None:
    """Start Django on this database, with the settings of the tests. Models come only after it."""
    os.environ.update({**ENVIRONMENT, **SITE, **more, "DATABASE_URL": database_url})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")
    django.setup()


@contextmanager
def new_database() -> Iterator[None]:
    """Give a new database beside the one of the settings: a file, or test_NAME on its server."""
    # Django's settings must be there before its connections are.
    from django.db import connection  # noqa: PLC0415

    is_file = connection.vendor == "sqlite"
    if is_file:
        # By itself Django would test in memory, where nobody else can write.
        measured = Path(connection.settings_dict["NAME"]).with_name("measured.sqlite3")
        connection.settings_dict["TEST"]["NAME"] = str(measured)
        shutil.copyfile(migrated_file(), measured)
    with redirect_stdout(StringIO()):
        # Which says that the table of its cache is there already.
        connection.creation.create_test_db(verbosity=0, autoclobber=True, keepdb=is_file)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def timed(action: Callable[[], Any]) -> tuple[Any, float]:
    """Return what an action returns, and how many seconds it took."""
    began = time.perf_counter()
    return action(), time.perf_counter() - began


def peak_mb() -> float:
    """Return the most memory this process has had. Linux counts it in kB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 if sys.platform != "darwin" else 1024) / 1024


def machine() -> Mapping[str, Any]:
    """Return what a figure was measured on."""
    return {"processors": os.cpu_count(), "python": sys.version.split()[0]}
