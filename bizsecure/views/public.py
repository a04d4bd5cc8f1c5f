"""Pages for everybody: what we promise, which cookies we set, how to report a weakness."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.services.personal import change_language
from bizsecure.cookies_set import cookies_set
from bizsecure.core.languages import LANGUAGE_COOKIE, is_spoken
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


@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, in that language, whether to go on in it; pressing the button does it.

    A customer's account changes to it as well, so that mails are in it. A link in the foot of
    every page leads here: a form there would hand every reader of it a cookie.
    """
    if not is_spoken(code):
        raise Http404
    if request.method == "POST":
        customer = getattr(request, "customer", None)
        if customer is not None:
            actor = Actor.customer(customer.user)
            change_language(customer=customer, language=code, actor=actor)
        chosen = redirect(_way_back(request, request.POST.get("back", "")))
        LANGUAGE_COOKIE.write(chosen, code)
        return chosen
    came_from = urlsplit(request.headers.get("Referer", ""))
    back = came_from._replace(scheme="", netloc="").geturl()
    is_ours = came_from.netloc == request.get_host()
    with translation.override(code):
        context = {"code": code, "back": _way_back(request, back if is_ours else "")}
        response = render(request, "site/language.html", context)
        response.headers["Content-Language"] = code
        return response


def _way_back(request: HttpRequest, address: str) -> str:
    """Return the page that somebody came from, if it is one of ours and not this one."""
    is_path = address.startswith("/") and not address.startswith(request.path)
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_path and is_ours else reverse("home")
