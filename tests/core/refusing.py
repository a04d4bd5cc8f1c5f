"""A site with a form that a rule refuses, and one that fails for another reason."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from bizsecure.core.errors import Refused


class Reason(Enum):
    TOO_EARLY = "Not before %(earliest)s."


def form(request: HttpRequest) -> HttpResponse:
    """Show the sentences that wait for the visitor; refuse whatever is sent."""
    if request.method == "POST":
        raise Refused(Reason.TOO_EARLY, earliest=datetime(2027, 2, 3, 15, tzinfo=UTC))
    return HttpResponse("|".join(str(message) for message in messages.get_messages(request)))


def broken(request: HttpRequest) -> HttpResponse:
    """Fail with what is no refusal."""
    raise LookupError("no refusal")


urlpatterns = [
    path("form/", form),
    path("broken/", broken),
    path("", include("bizsecure.urls")),
]
