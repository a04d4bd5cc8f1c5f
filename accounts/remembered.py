"""The first name of whoever last signed in with this browser, kept by the browser alone (COOKIE-1).

There is no row for the visitor: the name stands in a signed cookie, and "not you?" removes it.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from bizsecure.core.cookies import SignedCookie

LONGEST_NAME = 40
# Joiners shape the letters of Persian and Indian names, though they print nothing by themselves.
JOINERS = "\u200c\u200d"

NAME_COOKIE = SignedCookie("name", "accounts.remembered", max_age=timedelta(days=365))


def remember(response: HttpResponse, name: str) -> None:
    """Have the browser keep this first name for a year; an empty one is forgotten instead."""
    if kept := _greetable(name):
        NAME_COOKIE.write(response, kept)
    else:
        forget(response)


def remembered_name(request: HttpRequest) -> str:
    """Return the first name this browser keeps, or nothing where there is none we wrote."""
    name = NAME_COOKIE.read(request).value
    return name if isinstance(name, str) and name == _greetable(name) else ""


def forget(response: HttpResponse) -> None:
    """Have the browser forget the name."""
    NAME_COOKIE.clear(response)


def _greetable(name: str) -> str:
    """Return what fits into a greeting: one short line without control characters."""
    line = " ".join(name.split())
    shown = (character for character in line if character.isprintable() or character in JOINERS)
    return "".join(shown)[:LONGEST_NAME].strip()
