"""The door to the staff pages: nobody gets in on a password alone, not even with an old session.

Staff see customers, and their pages need a laxer content security policy; a second factor is the
counterweight.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import proof


def may_enter(request: HttpRequest) -> bool:
    """Return whether this is a member of staff who used a second factor in this session."""
    user = request.user
    is_staff = user.is_authenticated and user.is_active and user.is_staff
    return bool(is_staff) and proof.used_a_factor(request)


def lead_in(login: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return what stands in place of the admin's own sign-in: ours, and then the second factor."""

    @wraps(login)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not (user.is_authenticated and user.is_staff) or proof.used_a_factor(request):
            entered: HttpResponse = secure_admin_login(login)(request, *args, **kwargs)
            return entered
        if is_mfa_enabled(user):
            return proof.ask_again(request, by_factor=True)
        messages.warning(
            request, _("The staff pages open with a second factor. Set one up, then come back.")
        )
        return redirect(reverse("mfa_index"))

    return door
