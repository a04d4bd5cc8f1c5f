"""A site with a page that wants a recent proof, one of ours and one of allauth's kind."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.access import customer_required, recent_proof_required


@recent_proof_required
@customer_required
def vault(request: HttpRequest) -> HttpResponse:
    """Show what is sensitive."""
    return HttpResponse("inside")


@reauthentication_required  # type: ignore[untyped-decorator]
def theirs(request: HttpRequest) -> HttpResponse:
    """Show what allauth guards."""
    return HttpResponse("inside")


urlpatterns = [
    path("vault/", vault),
    path("theirs/", theirs),
    path("", include("bizsecure.urls")),
]
