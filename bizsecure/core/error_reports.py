"""Where failures are told of, besides the log: a function of the company's choice.

`ERROR_REPORTER` names it, such as `ops.errors.to_our_tracker`. It takes what a line of the log
holds, which is nothing about a person: the kinds of the exceptions and where they were raised,
never their texts, variables, or what was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from bizsecure.core.logs import SECURITY, facts_of

Reporter = Callable[[Mapping[str, Any]], None]


class ErrorReports(logging.Handler):
    """Hands each error of the log to the function that the settings name."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of it; a reporter that fails itself must not take the page with it."""
        # A stranger's nonsense is no failure of ours, and could be sent a thousand times.
        if not settings.ERROR_REPORTER or record.name.startswith(SECURITY):
            return
        try:
            import_string(settings.ERROR_REPORTER)(facts_of(record))
        except Exception:  # noqa: BLE001  whatever somebody else's function raises
            self.handleError(record)


@register()
def the_reporter_is_there(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a name that leads to no function: failures would be told to nobody."""
    try:
        reporter = import_string(settings.ERROR_REPORTER) if settings.ERROR_REPORTER else len
    except ImportError:
        reporter = None
    if callable(reporter):
        return []
    return [
        Error(
            "ERROR_REPORTER names no function.",
            hint="Give the dotted path of a function that takes one mapping, or leave it empty. "
            "See docs/checks.md#bizsecuree031.",
            id="bizsecure.E031",
        )
    ]
