"""Where our mail provider calls: with mail that came in, and with what became of ours.

django-anymail checks the signature and reads what the provider sends. A call that comes twice,
or late, does what one does.
"""

from __future__ import annotations

import json
from email.errors import MessageError
from typing import Any

from anymail.exceptions import AnymailError
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.actors import SYSTEM
from notifications.hearing.parsing import one_line
from notifications.models import InboundMail
from notifications.providers import Call, TooLarge, provider_called
from notifications.services.bouncing import NotYet
from notifications.services.hearing import Handover, hear
from notifications.services.provider_events import ProviderEvent, hear_event
from notifications.transport.provider import METADATA

# What the reading of a call may end with that somebody else wrote.
UNREADABLE = (
    *(AnymailError, ImproperlyConfigured, SuspiciousOperation),
    *(AttributeError, LookupError, TypeError, ValueError),
)
FALLBACK = ("From", "Subject", "Message-Id")
# The field that has the mail as it came, where a provider is told to send it so.
AS_IT_CAME = ("body-mime", "email")
KNOWN = {event.value for event in ProviderEvent}
# What is looked through for the name of a mail of ours.
LONGEST_EVENT = 200_000


class Unusable(Exception):
    """A call that nobody we know has signed, or that says nothing that could be understood."""


@csrf_exempt
@require_POST
def provider_mail(request: HttpRequest, provider: str) -> HttpResponse:
    """A mail that came in. Answered once it is stored; until then the provider keeps it."""
    try:
        call, events = _heard(request, provider, of_mail=True)
    except (TooLarge, Unusable) as problem:
        return _refused(problem)
    for event in (each for each in events if hasattr(each, "message")):
        message = event.message
        sender = message.envelope_sender
        handover = Handover(
            message.envelope_recipient or "", None if sender is None else sender.strip("<>")
        )
        raw = _raw(call, event)
        hear(raw=raw, way=InboundMail.Way.PROVIDER, actor=SYSTEM, handover=handover)
    return _answer("heard", 200)


@csrf_exempt
@require_POST
def provider_events(request: HttpRequest, provider: str) -> HttpResponse:
    """What became of a mail of ours: it came back, is late, or was called spam."""
    try:
        _call, events = _heard(request, provider, of_mail=False)
        for event in (each for each in events if each.event_type in KNOWN):
            hear_event(
                event=ProviderEvent(event.event_type),
                message_id=str(event.metadata.get(METADATA) or event.message_id or ""),
                recipient=str(event.recipient or ""),
                words=str(event.mta_response or event.description or ""),
                whole=json.dumps(event.esp_event, default=str)[:LONGEST_EVENT],
                actor=SYSTEM,
            )
    except (TooLarge, Unusable) as problem:
        return _refused(problem)
    except NotYet:
        return _answer("too early, call again", 503)
    return _answer("heard", 200)


def _heard(request: HttpRequest, slug: str, *, of_mail: bool) -> tuple[Call, list[Any]]:
    """Return what a call says. Raises TooLarge, Unusable, and Http404 for who may not call."""
    provider = provider_called(slug)
    if provider is None:
        raise Http404
    reader = provider.reader(of_mail=of_mail)
    call = Call(request)
    try:
        reader.run_validators(call)
        return call, list(reader.parse_events(call))
    except UNREADABLE:
        raise Unusable from None


def _raw(call: Call, event: Any) -> bytes:
    """Return the mail as it came where we get it so, else as it can be put together again."""
    whole = next((call.octets[name] for name in AS_IT_CAME if name in call.octets), None)
    if whole is not None:
        return whole
    told = event.esp_event.get("RawEmail") if isinstance(event.esp_event, dict) else None
    if isinstance(told, str):
        return told.encode("utf-8", "surrogateescape")
    try:
        return bytes(event.message.as_bytes())
    except (MessageError, *UNREADABLE):
        head = [f"{name}: {one_line(call.POST.get(name.lower(), ''))}" for name in FALLBACK]
        words = call.POST.get("body-plain", "")
        return "\n".join([*head, "", words]).encode("utf-8", "replace")


def _refused(problem: Exception) -> HttpResponse:
    if isinstance(problem, TooLarge):
        return _answer("too large: no mail of more than 25 MB is taken", 413)
    return _answer("refused", 400)


def _answer(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", content_type="text/plain; charset=utf-8", status=status)
