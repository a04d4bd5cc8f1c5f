"""What a browser says with every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from consent.services.browser_signal import obey_signal

OBEYED = "signal_obeyed"


def browser_signal(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Obey `Sec-GPC: 1` of a customer who is signed in, once a session.

    The only thing that a GET records: the signal says no itself, and nothing else is done with
    it. What was recorded is said on the page, and can be undone among the choices.
    """

    def middleware(request: Any) -> HttpResponse:
        customer = request.customer
        if customer is not None and _says_no(request) and OBEYED not in request.session:
            if obey_signal(customer=customer, actor=Actor.customer(request.user)):
                messages.info(request, _recorded())
            request.session[OBEYED] = True
        return get_response(request)

    return middleware


def _says_no(request: HttpRequest) -> bool:
    """Any other value than 1 says nothing; of several headers one is enough."""
    return "1" in (each.strip() for each in request.headers.get("Sec-GPC", "").split(","))


def _recorded() -> str:
    return _(
        "Your browser says that you want nothing of yours shared (Global Privacy Control). So we "
        "recorded a no to offers of our partners. You find it among your choices."
    )
