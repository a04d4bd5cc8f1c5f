"""What is said of a request that we do not take."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import bad_request

# Content too large (RFC 9110, 15.5.14)
TOO_LARGE = 413


def not_taken(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was wrong, without a look at what was sent, or at who sent it."""
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html"), status=TOO_LARGE)
    return bad_request(request, exception)
