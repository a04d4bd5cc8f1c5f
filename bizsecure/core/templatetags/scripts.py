"""Scripts that run only as they were shipped (Subresource Integrity)."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

register = template.Library()


@register.simple_tag
def integrity(path: str) -> str:
    """Return what a script tag says of the script at this static path, for its `integrity`.

    A browser runs it only if it is the file that was there when the site was started: whoever
    can alter the file on its way, or in a cache, gets nothing run. While somebody works on the
    site, it is the file as it is now.
    """
    return _current(path) if settings.DEBUG else _when_started(path)


@lru_cache(maxsize=64)
def _when_started(path: str) -> str:
    return _current(path)


def _current(path: str) -> str:
    file = Path(_file(path))
    return _digest(file, file.stat().st_mtime_ns)


def _file(path: str) -> str:
    storage: Any = staticfiles_storage
    if hasattr(storage, "stored_name"):
        return str(storage.path(storage.stored_name(path)))
    found = finders.find(path)
    if not isinstance(found, str):
        raise template.TemplateSyntaxError(f"There is no static file {path}.")
    return found


@lru_cache(maxsize=64)
def _digest(file: Path, _changed_at: int) -> str:
    return f"sha384-{base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()}"
