"""The site, and beside it a page with nothing on it for somebody who is signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bizsecure.urls import urlpatterns as site


@login_required
def empty(request: HttpRequest) -> HttpResponse:
    """Say nothing."""
    return HttpResponse("")


urlpatterns = [*site, path("empty/", empty, name="empty")]
