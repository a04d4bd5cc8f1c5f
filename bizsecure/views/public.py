"""Pages for everybody: what we promise, which cookies we set, how to report a weakness."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from bizsecure.cookies_set import cookies_set
from bizsecure.core.leaving import destination
from bizsecure.core.security_contact import security_txt
from bizsecure.held_promises import held_at
from bizsecure.promises import PROMISES

# Since when Sec-GPC counts as a no.
OBEYS_SINCE = "2026-11-25"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    return render(request, "home.html")


@require_safe
def promises(request: HttpRequest) -> HttpResponse:
    """Each promise, what makes it true, and when its tests last passed."""
    held = held_at()
    groups = [
        (name, [(promise, held.get(promise.id)) for promise in members])
        for name, members in groupby(PROMISES, key=attrgetter("group"))
    ]
    context = {"groups": groups, "number": len(PROMISES), "is_recorded": bool(held)}
    return render(request, "site/promises.html", context)


@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """Each cookie that we set, and what does not work without it (COOKIE-3, COOKIE-4)."""
    return render(request, "site/cookies.html", {"cookies": list(cookies_set())})


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """How information is protected, what nobody can promise, and where to write (SEC-3)."""
    return render(request, "site/security.html")


@require_safe
def security_contact(request: HttpRequest) -> HttpResponse:
    """The same for machines and for those who search for weaknesses (RFC 9116)."""
    return HttpResponse(security_txt(), content_type="text/plain; charset=utf-8")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers look for the page that changes a password."""
    return redirect("account_change_password")


@require_safe
def privacy_control(request: HttpRequest) -> JsonResponse:
    """That we obey browsers that ask for nothing to be shared (Global Privacy Control)."""
    return JsonResponse({"gpc": True, "lastUpdate": OBEYS_SINCE})


@require_safe
def leaving(request: HttpRequest, token: str) -> HttpResponse:
    """The last page of ours before another site, whose privacy is not ours (LINK-1).

    Nobody is sent on: the reader follows the link or turns back. An address that we did not
    write is 404.
    """
    address = destination(token)
    if address is None:
        raise Http404
    context = {"address": address, "host": urlsplit(address).hostname}
    return render(request, "site/leaving.html", context)
