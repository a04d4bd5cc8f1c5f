"""What every page may say about the visitor."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.remembered import remembered_name


def remembered_visitor(request: HttpRequest) -> dict[str, str]:
    """Give pages `remembered_name`, for "Welcome back" and "not you?".

    It is empty for whoever is signed in: the page knows them better than the cookie does.
    """
    # A request that is refused before anybody is recognized has no user, and gets an error page.
    user = getattr(request, "user", None)
    is_known = user is not None and user.is_authenticated
    return {"remembered_name": "" if is_known else remembered_name(request)}
