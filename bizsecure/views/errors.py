"""What is said of a request that we do not take."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views import csrf
from django.views.defaults import bad_request

# What a page that needs our cookies was for, in the words of whoever pressed its button.
NEEDS_COOKIES = {
    "cart_add": _("The cart remembers in a cookie what you chose, so without one it stays empty."),
    "checkout_begin": _("Buying something takes a cart, and the cart is kept in a cookie."),
    "account_login": _("Signing in takes a cookie, by which the next page knows that it is you."),
    "account_signup": _(
        "A new account takes a cookie, by which the next page knows whose account it is."
    ),
    "account_reset_password": _(
        "A new password takes a cookie, by which the next page knows that it is you."
    ),
}
# Content too large (RFC 9110, 15.5.14)
TOO_LARGE = 413


def not_taken(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was wrong, without a look at what was sent, or at who sent it."""
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html"), status=TOO_LARGE)
    return bad_request(request, exception)


def without_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why a form was not taken: its browser keeps no cookies, or the page was too old.

    Everything public reads without cookies; what needs one says so in a sentence (COOKIE-3).
    """
    if request.COOKIES:
        return csrf.csrf_failure(request, reason)
    page = request.resolver_match.url_name if request.resolver_match else None
    context = {"needs": NEEDS_COOKIES.get(page or "")}
    return render(request, "without_cookies.html", context, status=403)
