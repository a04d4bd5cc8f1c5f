"""Every cookie that this site sets, as the page about cookies shows them (COOKIE-4).

Names and lifetimes are read from the code that sets them. A browser that walks the site in
tests/journeys/ finds no cookie that is not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.lifetime import CUSTOMERS
from accounts.remembered import NAME_COOKIE
from bizsecure.core.languages import LANGUAGE_COOKIE
from bizsecure.store.cart_cookie import CART_COOKIE
from bizsecure.store.remarks import REMARKS_COOKIE
from bizsecure.store.suggesting import NO_SUGGESTIONS


@dataclass(frozen=True)
class SetCookie:
    """A cookie of ours: what it is for, how long it stays, and what is missing without it."""

    name: str
    purpose: str
    holds: str
    kept: str
    without: str


def cookies_set() -> Iterator[SetCookie]:
    """Yield each cookie, those that the most depends on first."""
    yield SetCookie(
        settings.SESSION_COOKIE_NAME,
        _("Keeps you signed in while you go from page to page."),
        _("A random number. What it stands for is kept on our side."),
        _("until you sign out or close the browser, at most %(idle)s after your last visit")
        % {"idle": _hours(CUSTOMERS.idle)},
        _("You cannot sign in, so you cannot use the control panel."),
    )
    yield SetCookie(
        settings.CSRF_COOKIE_NAME,
        _("Makes sure that a form was sent from our page, and not by another site in your name."),
        _("A random number."),
        _("until you close the browser"),
        _("Forms refuse to be sent, and say why."),
    )
    yield SetCookie(
        CART_COOKIE.key,
        _("Remembers what is in your shopping cart when you leave and come back."),
        _("Products, periods and quantities, signed by us. No price and no name."),
        _days(CART_COOKIE.max_age),
        _("The cart stays empty."),
    )
    yield SetCookie(
        REMARKS_COOKIE.key,
        _("Carries what the shop has to say about your cart to the next page."),
        _("A word from a short list, and the product it is about, signed by us."),
        _minutes(REMARKS_COOKIE.max_age),
        _("You do not read that something was put into the cart or is no longer sold."),
    )
    yield SetCookie(
        NO_SUGGESTIONS.key,
        _("Remembers that you want no suggestions, before you are signed in."),
        _("Your no, signed by us."),
        _days(NO_SUGGESTIONS.max_age),
        _("Suggestions come back on your next visit."),
    )
    yield SetCookie(
        LANGUAGE_COOKIE.key,
        _("Remembers the language that you chose at the foot of a page."),
        _("A short word for the language, signed by us."),
        _days(LANGUAGE_COOKIE.max_age),
        _("Pages are in the language that your browser asks for."),
    )
    yield SetCookie(
        NAME_COOKIE.key,
        _("Greets you by your first name when you come back. “Not you?” removes it."),
        _("Your first name, signed by us."),
        _days(NAME_COOKIE.max_age),
        _("We do not greet you. Nothing else is missing."),
    )


def _days(span: timedelta) -> str:
    return ngettext("%(days)d day", "%(days)d days", span.days) % {"days": span.days}


def _hours(span: timedelta) -> str:
    hours = int(span / timedelta(hours=1))
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


def _minutes(span: timedelta) -> str:
    minutes = int(span / timedelta(minutes=1))
    return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}
