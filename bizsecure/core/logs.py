"""Lines of the log: JSON in production, readable at home, and nothing about a person in either.

Every line goes the same way, whoever wrote it: Django's and Celery's are read for what they
tell and written anew in our words, then all pass the net of `redacting`. docs/logging.md says
which lines there are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.contextvars import merge_contextvars
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name

from bizsecure.core.redacting import redact, redacted

Facts = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
# What our own code sets, in a form of its own: the net would take a request's number for a token.
OURS = ("timestamp", "level", "logger", "request_id", "task_id")
LONGEST_CHAIN, DEEPEST = 5, 12
STATUSES = {403: "access refused", 404: "no such page", 429: "limit reached"}
SECURITY = "django.security."
TASKS = ("celery.app.trace", "celery.worker.strategy", "celery.worker.request")


def what_django_says(_logger: Any, _method: str, facts: Facts) -> Facts:
    """Say what Django noted of a request by its route: a path may hold somebody's token."""
    record = facts["_record"]
    request = getattr(record, "request", None)
    if not str(record.name).startswith("django.") or request is None:
        return facts
    status = getattr(record, "status_code", None)
    match = getattr(request, "resolver_match", None)
    user = getattr(request, "_cached_user", None)
    if record.name.startswith(SECURITY):
        facts["event"] = f"suspicious request: {record.name.removeprefix(SECURITY)}"
    elif status is not None and status >= 500:
        facts["event"] = "request failed"
    else:
        facts["event"] = STATUSES.get(status or 0, "request not taken")
    facts |= {"status": status, "method": request.method, "route": match.route if match else None}
    facts["user"] = getattr(user, "pk", None)
    return facts


def what_celery_says(_logger: Any, _method: str, facts: Facts) -> Facts:
    """Say what became of a task without its arguments, its result and the text of its failure."""
    record = facts["_record"]
    data = getattr(record, "data", None)
    if record.name not in TASKS or not isinstance(data, dict):
        return facts
    facts["event"] = f"task {data['description']}" if "description" in data else "task"
    if record.name == "celery.worker.strategy":
        facts["event"] = "task received"
    elif "runtime" in data:
        facts |= {"event": "task done", "seconds": round(float(data["runtime"]), 3)}
    facts |= {"task": data.get("name"), "task_id": data.get("id")}
    return facts


def where_it_failed(_logger: Any, _method: str, facts: Facts) -> Facts:
    """Put the kinds of the exceptions and where they came from in place of what they say.

    The text of an exception holds what was at hand: a database names the row that is in the way.
    """
    failed = facts.pop("exc_info", None)
    facts.pop("exception", None)
    if isinstance(failed, tuple) and failed[1] is not None:
        facts["failed"] = list(_chain(failed[1]))
    return facts


def through_the_net(_logger: Any, _method: str, facts: Facts) -> Facts:
    """Take out whatever looks like a secret or like somebody's, in any field."""
    return {name: facts[name] if name in OURS else redact(facts[name], name) for name in facts}


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line about this record holds in production."""
    facts: Facts = {"_record": record, "_from_structlog": False}
    if isinstance(record.msg, dict):
        facts |= record.msg
    else:
        facts |= {"event": record.getMessage(), "exc_info": record.exc_info}
    for step in (*BEFORE, *AFTER):
        facts = step(None, record.levelname.lower(), facts)
    return facts


BEFORE: tuple[Any, ...] = (
    merge_contextvars,
    add_log_level,
    add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
AFTER: tuple[Any, ...] = (
    what_django_says,
    what_celery_says,
    ProcessorFormatter.remove_processors_meta,
    where_it_failed,
    through_the_net,
)


def production() -> ProcessorFormatter:
    """Return what writes a line of JSON."""
    return _formatter(*AFTER, structlog.processors.JSONRenderer(ensure_ascii=True))


def at_home() -> ProcessorFormatter:
    """Return what writes a line to read, with the whole traceback: it is the developer's own."""
    show = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    return _formatter(*(step for step in AFTER if step is not where_it_failed), show)


def _formatter(*steps: Any) -> ProcessorFormatter:
    return ProcessorFormatter(foreign_pre_chain=BEFORE, processors=steps)


def logging_settings(*, readable: bool) -> dict[str, Any]:
    """Return LOGGING: everything to the standard error stream, and errors to the reporter too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": at_home if readable else production}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "lines"},
            "reports": {"class": "bizsecure.core.error_reports.ErrorReports", "level": "ERROR"},
        },
        "root": {"handlers": ["console", "reports"], "level": "INFO"},
        "loggers": {
            # Django mails reports with the whole request in them; ours go to the root alone.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # `runserver` writes the line of the request, with its path, itself.
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # They name the letters of what is written into an invoice.
            "fontTools": {"level": "ERROR"},
            "fpdf": {"level": "ERROR"},
        },
    }


structlog.configure(
    processors=[*BEFORE, ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def _chain(problem: BaseException | None) -> Iterator[dict[str, Any]]:
    for _place in range(LONGEST_CHAIN):
        if problem is None:
            return
        kind = type(problem)
        name = (
            kind.__qualname__
            if kind.__module__ == "builtins"
            else f"{kind.__module__}.{kind.__qualname__}"
        )
        yield {"kind": redacted(name), "at": _places(problem.__traceback__)}
        problem = problem.__cause__ or (
            None if problem.__suppress_context__ else problem.__context__
        )


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        path = Path(code.co_filename)
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else Path(*path.parts[-3:])
        places.append(f"{shown}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-DEEPEST:]
