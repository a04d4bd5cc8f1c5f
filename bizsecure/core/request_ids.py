"""One number for everything that one request brings about, from nginx to the last task.

It stands in the answer's header, in every line of the log, and goes with each task. It is made
anew for each request and kept nowhere, so it leads to nobody.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import (
    bind_contextvars,
    bound_contextvars,
    clear_contextvars,
    get_contextvars,
)

HEADER = "X-Request-ID"
KEY = "request_id"
# What nginx calls $request_id, and what we make ourselves.
_FORM = re.compile(r"[0-9a-f]{32}")


def with_request_id(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request its number, and name it in the answer.

    A number that comes with the request counts only where a proxy of ours stands in front and
    writes it anew; anybody else could give two requests one number, or write into our log.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        number = _of_our_proxy(request) or secrets.token_hex(16)
        with bound_contextvars(**{KEY: number}):
            response = get_response(request)
        response[HEADER] = number
        return response

    return middleware


def _of_our_proxy(request: HttpRequest) -> str | None:
    if not settings.TRUSTED_PROXY_COUNT:
        return None
    given = request.headers.get(HEADER, "")
    return given if _FORM.fullmatch(given) else None


def put_along(headers: dict[str, Any] | None = None, **_kwargs: Any) -> None:
    """Put the number of the request into the headers of a task that is being handed over."""
    number = get_contextvars().get(KEY)
    if headers is not None and number:
        headers[KEY] = number


def task_begins(task_id: str = "", task: Any = None, **_kwargs: Any) -> None:
    """Have every line of this task name it, and the request that it came from."""
    given = getattr(task.request, KEY, None) or (task.request.headers or {}).get(KEY, "")
    bind_contextvars(task=task.name, task_id=task_id)
    if _FORM.fullmatch(str(given)):
        bind_contextvars(**{KEY: given})


def task_ended(**_kwargs: Any) -> None:
    """Let the next task of this process begin with none of it."""
    clear_contextvars()
