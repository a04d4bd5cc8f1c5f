"""The way out of news and offers, in the mail itself: no sign-in, no cookie, no reason (OPT-1)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from accounts.models import Customer
from consent.models import Choice, Use
from consent.services.opting_out import opt_out
from notifications.kinds import what_can_be_stopped
from notifications.unsubscribing import open_unsubscribe_token

ONE_CLICK = ("List-Unsubscribe", "One-Click")
Method = Choice.Method


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One press, here or in a mail program (RFC 8058), counts at once.

    A mail program sends no cookie and follows no redirect, so there is neither. Opening the page
    changes nothing, because programs that look for malware open every link; and it names nobody,
    because mails are forwarded.
    """
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return HttpResponse(_("Use https.") + "\n", content_type="text/plain", status=403)
    customer, use = _linked_or_404(token)
    stoppable = what_can_be_stopped()
    context: dict[str, Any] = {"kind": stoppable.get(use.key), "page": "unsubscribe"}
    if request.method == "POST":
        one_click = request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]
        everything = "all" in request.POST and not one_click
        known = Use.objects.filter(key__in=stoppable if everything else [use.key])
        uses = known.values_list("key", flat=True)
        method = Method.ONE_CLICK if one_click else Method.MAIL_LINK
        opt_out(customer=customer, uses=uses, method=method, actor=Actor.customer())
        if one_click:
            return HttpResponse(_("Unsubscribed.") + "\n", content_type="text/plain; charset=utf-8")
        context |= {"done": True, "everything": everything}
    return render(request, "notifications/unsubscribe.html", context)


def _linked_or_404(token: str) -> tuple[Customer, Use]:
    numbers = open_unsubscribe_token(token)
    if numbers is None:
        raise Http404
    customer = Customer.objects.filter(pk=numbers[0]).first()
    use = Use.objects.filter(pk=numbers[1]).first()
    if customer is None or use is None:
        raise Http404
    return customer, use
