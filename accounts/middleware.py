"""Who is behind a request: for how long, which customer, and is it still them?"""

from __future__ import annotations

from collections.abc import Callable

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import proof
from accounts.lifetime import BEGAN, RESOLUTION, USED, limits_of
from accounts.models import Customer
from accounts.services.sessions import forget_session, note_use
from bizsecure.core.languages import is_for_staff, spoken


def session_limits(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Sign out whoever did nothing for too long, or has been signed in for too long."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            _keep_to_limits(request, request.session.session_key)
        return get_response(request)

    return middleware


def _keep_to_limits(request: HttpRequest, key: str) -> None:
    now, session = timezone.now(), request.session
    seconds = now.timestamp()
    limits = limits_of(is_staff=bool(getattr(request.user, "is_staff", False)))
    used = session.get(USED, 0)
    if limits.are_over(began=session.get(BEGAN, 0), used=used, now=seconds):
        forget_session(key=key)
        logout(request)
        messages.info(request, _("You were signed out, because that was long ago."))
    elif seconds - used >= RESOLUTION.total_seconds():
        session[USED] = seconds
        note_use(key=key, now=now)


def current_customer(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set `request.customer`: the customer who is signed in, or None.

    Whoever is one reads every page in the language and the zone of their account.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        customer = None
        # A visitor without a session costs no query.
        if request.session.session_key and request.user.is_authenticated:
            customer = Customer.objects.served().filter(user=request.user).first()
        request.customer = customer  # type: ignore[attr-defined]
        if customer is None:
            with timezone.override(None):
                return get_response(request)
        with timezone.override(customer.zone), translation.override(_language(request, customer)):
            response = get_response(request)
            response.headers["Content-Language"] = translation.get_language() or ""
            return response

    return middleware


def _language(request: HttpRequest, customer: Customer) -> str:
    return settings.LANGUAGE_CODE if is_for_staff(request) else spoken(customer.language)


class AskedAgain:
    """Ask whether it is still them where a page of allauth wants to know.

    allauth itself would put everything that was sent, and every header, into the session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Ask; leave every other exception alone."""
        if not isinstance(problem, ReauthenticationRequired):
            return None
        return proof.ask_again(request)
