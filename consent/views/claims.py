"""Getting a sign-in for an account that has none, with a code from our staff (OPT-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.views import SignupView
from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import posted
from accounts.actors import Actor
from accounts.forms import ClaimForm
from accounts.models import ClaimCode, User
from accounts.services.claiming import Reason, claim_in_hand, try_code
from consent.forms import ClaimSignUpForm
from consent.services.joining import join_by_code

SHOWN = "claim"
SHOWN_FOR = timedelta(hours=1)


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Ask for number and code; whoever is signed in then has the account."""
    if getattr(request, "customer", None):
        messages.info(request, str(Reason.HAS_ACCOUNT.value))
        return redirect("overview")
    in_hand = _in_hand(request) if request.user.is_authenticated else None
    form = ClaimForm(None if in_hand else posted(request))
    if request.method == "POST":
        refused: HttpResponse | None = consume_or_429(request, action="claim")
        if refused:
            return refused
        if in_hand or (in_hand := _tried(form)):
            return _with_code(request, in_hand)
    context = {"form": form, "in_hand": in_hand}
    return render(request, "consent/claim.html", context, status=422 if form.errors else 200)


def _tried(form: ClaimForm) -> ClaimCode | None:
    """Return the code that was typed, if it is one; else say so in the form."""
    if not form.is_valid():
        return None
    found = try_code(number=form.cleaned_data["number"], code=form.cleaned_data["code"])
    if found is None:
        form.add_error("code", Reason.NOT_RIGHT.value)
    return found


def _with_code(request: HttpRequest, found: ClaimCode) -> HttpResponse:
    """Give the account to whoever is signed in; let others make a sign-in first."""
    if not isinstance(request.user, User):
        request.session[SHOWN] = [found.pk, timezone.now().timestamp()]
        return redirect("claim_sign_up")
    request.session.pop(SHOWN, None)
    join_by_code(claim=found, user=request.user, actor=Actor.customer(request.user))
    messages.success(request, _("Welcome. The account is yours now."))
    return redirect("overview")


def _in_hand(request: HttpRequest) -> ClaimCode | None:
    """Return the code that this browser has shown within the last hour."""
    number, at = request.session.get(SHOWN, (0, 0.0))
    now = timezone.now()
    is_fresh = 0 <= now.timestamp() - at < SHOWN_FOR.total_seconds()
    return claim_in_hand(number=number, now=now) if is_fresh else None


class ClaimSignUp(SignupView):  # type: ignore[misc]
    """Making a sign-in, for who has shown a code; it becomes a customer's only afterwards."""

    template_name = "consent/claim_sign_up.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _in_hand(request) is None:
            return redirect("claim")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_form_class(self) -> type[ClaimSignUpForm]:
        return ClaimSignUpForm


sign_up = ClaimSignUp.as_view()
