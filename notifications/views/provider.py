"""Where our mail provider calls: with mail that came in, and with what became of ours.

django-anymail checks the signature and reads what the provider sends. A call that comes twice,
or late, does what one does.
"""

from __future__ import annotations

from email.errors import MessageError
from typing import Any

from anymail.exceptions import AnymailError
from anymail.webhooks.mailgun import MailgunInboundWebhookView, MailgunTrackingWebhookView
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.actors import SYSTEM
from notifications.hearing.parsing import one_line
from notifications.models import InboundMail
from notifications.services.bouncing import NotYet
from notifications.services.hearing import Handover, hear
from notifications.services.provider_events import ProviderEvent, hear_event
from notifications.transport.provider import METADATA

# What the reading of a call may end with that somebody else wrote.
UNREADABLE = (AnymailError, SuspiciousOperation, AttributeError, LookupError, TypeError, ValueError)
FALLBACK = ("From", "Subject", "Message-Id")
KNOWN = {event.value for event in ProviderEvent}


@csrf_exempt
@require_POST
def provider_mail(request: HttpRequest) -> HttpResponse:
    """A mail that came in. Answered once it is stored; until then the provider keeps it."""
    events = _events(request, MailgunInboundWebhookView)
    for event in events or ():
        message = event.message
        sender = message.envelope_sender
        handover = Handover(
            message.envelope_recipient or "", None if sender is None else sender.strip("<>")
        )
        raw = _raw(request, message)
        hear(raw=raw, way=InboundMail.Way.PROVIDER, actor=SYSTEM, handover=handover)
    return _answer("refused" if events is None else "heard", 400 if events is None else 200)


@csrf_exempt
@require_POST
def provider_events(request: HttpRequest) -> HttpResponse:
    """What became of a mail of ours: it came back, is late, or was called spam."""
    events = _events(request, MailgunTrackingWebhookView)
    if events is None:
        return _answer("refused", 400)
    try:
        for event in (each for each in events if each.event_type in KNOWN):
            hear_event(
                event=ProviderEvent(event.event_type),
                message_id=str(event.metadata.get(METADATA) or event.message_id or ""),
                recipient=str(event.recipient or ""),
                words=str(event.mta_response or event.description or ""),
                actor=SYSTEM,
            )
    except NotYet:
        return _answer("too early, call again", 503)
    return _answer("heard", 200)


def _events(request: HttpRequest, view: Any) -> list[Any] | None:
    """Return what a signed call says, or None for any other."""
    if not settings.MAILGUN_SIGNING_KEY:
        raise Http404
    reader = view()
    try:
        reader.run_validators(request)
        return list(reader.parse_events(request))
    except UNREADABLE:
        return None


def _raw(request: HttpRequest, message: Any) -> bytes:
    """Return the mail as it came where we get it so, else as it can be put together again."""
    if "body-mime" in request.POST:
        return request.POST["body-mime"].encode("utf-8", "surrogateescape")
    try:
        return bytes(message.as_bytes())
    except (MessageError, *UNREADABLE):
        head = [f"{name}: {one_line(request.POST.get(name.lower(), ''))}" for name in FALLBACK]
        words = request.POST.get("body-plain", "")
        return "\n".join([*head, "", words]).encode("utf-8", "replace")


def _answer(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", content_type="text/plain; charset=utf-8", status=status)
