"""The messages we sent to a customer, as they were sent."""

from __future__ import annotations

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import CustomerRequest, customer_required
from accounts.actors import Actor
from notifications.composing import html_as_sent, text_as_sent
from notifications.models import OutgoingMail
from notifications.services.reading import record_reading

MESSAGES_A_PAGE = 20
# A mail brings its own styles, and nothing else of it works here.
NOTHING_RUNS = {
    "default-src": [NONE],
    "script-src": [NONE],
    "img-src": [NONE],
    "font-src": [NONE],
    "connect-src": [NONE],
    "form-action": [NONE],
    "style-src": [UNSAFE_INLINE],
    "sandbox": [""],
}


@customer_required
@require_safe
def message_list(request: CustomerRequest) -> HttpResponse:
    """Every message to this customer, the newest first."""
    mails = OutgoingMail.objects.visible_to(request.customer).order_by("-queued_at", "-pk")
    pages = Paginator(mails, MESSAGES_A_PAGE)
    context = {"page": "messages", "page_obj": pages.get_page(request.GET.get("page"))}
    return render(request, "notifications/messages.html", context)


@customer_required
@require_safe
@csp_replace(NOTHING_RUNS)  # type: ignore[arg-type]
def message_html(request: CustomerRequest, number: int) -> HttpResponse:
    """One message as it looks in a mail program: nothing in it may run or be fetched."""
    mails = OutgoingMail.objects.visible_to(request.customer)
    mail = get_object_or_404(mails, pk=number)
    return HttpResponse(html_as_sent(mail, request.customer.name))


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: CustomerRequest, number: int) -> HttpResponse:
    """One message, word for word. Pressing its button, not opening it, says that it was read."""
    mails = OutgoingMail.objects.visible_to(request.customer)
    mail = get_object_or_404(mails, pk=number)
    if request.method == "POST":
        record_reading(mail=mail, actor=Actor.customer(request.user))
        messages.success(request, _("Thank you. We know now that you have read it."))
        return redirect("message", number)
    text = text_as_sent(mail, request.customer.name)
    context = {"page": "messages", "message": mail, "text": text}
    return render(request, "notifications/message.html", context)
