"""The link in the mail to the old address, when somebody asked for another one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from accounts.links import cancellable
from accounts.services.changing_address import Reason, cancel_address_change
from bizsecure.core.errors import Refused

PAGE = "accounts/cancel_address_change.html"


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Cancel a change of address from the old address, without signing in.

    The page shows no address and no name. Opening it changes nothing, because programs that
    look for malware open every link.
    """
    change = cancellable(token)
    if change is None:
        return render(request, PAGE, {"unknown": True}, status=404)
    context: dict[str, Any] = {"change": change}
    if change.cancelled_at is None and not change.may_be_cancelled(timezone.now()):
        context["problem"] = Reason.TOO_LATE.value
        return render(request, PAGE, context, status=410)
    if request.method == "POST":
        try:
            context["change"] = cancel_address_change(change=change, actor=Actor.customer())
        except Refused as refusal:
            return render(request, PAGE, {"problem": refusal.sentence}, status=409)
        if request.user.is_authenticated and request.user == change.owner:
            # The session of this browser was ended with the others.
            logout(request)
    return render(request, PAGE, context)
