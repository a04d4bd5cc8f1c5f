"""Who may open a page of the control panel."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, QueryDict

from accounts import proof
from accounts.models import Customer, User


class CustomerRequest(HttpRequest):
    """A request of somebody who is signed in and a customer."""

    customer: Customer
    user: User


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form was sent with: something even if it is empty, nothing on a GET."""
    return request.POST if request.method == "POST" else None


def customer_required(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let customers in; send visitors to sign in, and refuse staff who are no customers."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "customer", None) is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def recent_proof_required(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let in whoever has proven within the last five minutes that it is still them.

    It stands above or below `customer_required`. Whoever looks is asked and comes back; what is
    sent too late is answered with 403, and nothing of it is kept.
    """
    return _guarded(view, by_factor=False)


def recent_factor_required(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """The same for pages that take a factor away: the password alone does not open them."""
    return _guarded(view, by_factor=True)


def _guarded(
    view: Callable[..., HttpResponseBase], *, by_factor: bool
) -> Callable[..., HttpResponseBase]:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not proof.is_recent(request, by_factor=by_factor):
            return proof.ask_again(request, by_factor=by_factor)
        return view(request, *args, **kwargs)

    return guarded
