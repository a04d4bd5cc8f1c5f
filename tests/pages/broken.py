"""A site with a page that fails, knowing things that nobody may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def broken(request: HttpRequest) -> HttpResponse:
    """Fail with a secret in hand."""
    secret = f"alice@example.com, {request.POST}"
    raise RuntimeError(secret)


urlpatterns = [path("broken/", broken), path("", include("bizsecure.urls"))]
