"""Pages about signing in: what protects it, and where one is signed in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import proof
from accounts.access import CustomerRequest, customer_required, recent_proof_required
from accounts.actors import Actor
from accounts.devices import in_words
from accounts.services.sessions import DEVICE, end_other_sessions
from accounts.services.sessions import end_session as end_one
from accounts.standing import open_sessions, protection_of


@customer_required
@require_safe
def security(request: CustomerRequest) -> HttpResponse:
    """Everything about signing in, for customers: what is set up, how strong, where to go."""
    return _security_page(request)


@login_required
@require_safe
def factors(request: CustomerRequest) -> HttpResponse:
    """The same for staff, who have no panel; customers are led to theirs."""
    if getattr(request, "customer", None) is not None:
        return redirect("security")
    return _security_page(request)


def _security_page(request: CustomerRequest) -> HttpResponse:
    sessions = open_sessions(request.user, timezone.now())
    context = {
        "page": "security",
        "protection": protection_of(request.user),
        "sessions_count": sessions.count(),
        "may_enter_admin": request.user.is_staff and proof.used_a_factor(request),
    }
    return render(request, "accounts/security.html", context)


@login_required
@require_safe
def sessions(request: CustomerRequest) -> HttpResponse:
    """Where one is signed in: family of the device and last use, no address of any machine."""
    rows = [
        {
            "number": session.pk,
            "device": in_words(session.data.get(DEVICE, "")),
            "began_at": session.created_at,
            "used_at": session.last_seen_at,
            "is_this": session.session_key == request.session.session_key,
        }
        for session in open_sessions(request.user, timezone.now())
    ]
    context = {"page": "security", "sessions": rows, "is_proven": proof.is_recent(request)}
    return render(request, "accounts/sessions.html", context)


@recent_proof_required
@require_safe
def confirm_sessions(request: CustomerRequest) -> HttpResponse:
    """Come back to the list, after the question whether it is still you."""
    return redirect("usersessions_list")


@recent_proof_required
@require_POST
def end_session(request: CustomerRequest, number: int) -> HttpResponse:
    """End one session, wherever it is."""
    if not end_one(user=request.user, number=number, actor=Actor.customer(request.user)):
        raise Http404
    messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")


@recent_proof_required
@require_POST
def end_sessions(request: CustomerRequest) -> HttpResponse:
    """End every session but this one."""
    actor = Actor.customer(request.user)
    ended = end_other_sessions(user=request.user, but=request.session.session_key, actor=actor)
    said = ngettext("Signed out in %(n)s other place.", "Signed out in %(n)s other places.", ended)
    messages.success(request, said % {"n": ended} if ended else _("You were signed in only here."))
    return redirect("usersessions_list")


class PasskeyAgain(ReauthenticateWebAuthnView):  # type: ignore[misc]
    """A passkey that does not fit leads back to the question, with what comes after it."""

    def form_invalid(self, form: Any) -> HttpResponse:
        for problem in form.errors.get("credential", []):
            messages.error(self.request, problem)
        return redirect(self.passthrough_next_url(reverse("mfa_reauthenticate_webauthn")))


passkey_again = PasskeyAgain.as_view()
