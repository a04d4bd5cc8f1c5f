"""Mail handed over to a provider by its HTTP interface, in place of a mail server.

django-anymail speaks to the provider; what it says is put in the words of SMTP, so that the outbox
knows one kind of answer. Accepted means that the provider took the mail over, as a relay does;
that it came back the provider reports by calling us (views/provider.py). Each mail carries its
Message-ID as a header and as metadata, which the provider repeats in its calls.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTP
from time import monotonic
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives, get_connection

from notifications.transport.connection import CLOSING
from notifications.transport.conversation import Result
from notifications.transport.envelope import UNTRIED, Delivery, Envelope, Key, Outcome
from notifications.transport.server import MOST_CONNECTIONS

REGIONS = {"us": "https://api.mailgun.net/v3", "eu": "https://api.eu.mailgun.net/v3"}
MAILGUN = "anymail.backends.mailgun.EmailBackend"
METADATA = "message-id"
"""Under which name the provider keeps our Message-ID."""

FRUITLESS_CALLS = 2
# What Django or the provider writes itself, or what stands elsewhere in the call.
WRITTEN_BY_OTHERS = frozenset(
    {"from", "to", "subject", "reply-to", "date", "mime-version", "dkim-signature"}
)
TOO_MANY, OUR_FAULT = 429, {401, 403, 404}
LATER, REFUSED = 451, 550


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A mail provider: a mail backend of django-anymail and what it is made with.

    `connections` is how many calls one worker may have open at a time.
    """

    backend: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    connections: int = 4

    @classmethod
    def from_url(cls, url: str) -> Provider:
        """Return the provider of mailgun://API-KEY@DOMAIN?region=us|eu&connections=4.

        Anything else is a ValueError, which never repeats the URL: it holds a key.
        """
        try:
            parts = urlsplit(url)
            options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
            connections = int(options.pop("connections", cls.connections))
            api = REGIONS[options.pop("region", "us")]
        except (ValueError, KeyError):
            raise ValueError(
                "Write the provider as mailgun://API-KEY@DOMAIN; ?region= is us or eu, and "
                "?connections= a whole number."
            ) from None
        if parts.scheme != "mailgun" or not parts.hostname or not parts.username or options:
            raise ValueError("The URL of a provider is mailgun://, an API key, and a domain.")
        if connections not in range(1, MOST_CONNECTIONS + 1):
            raise ValueError(f"A worker opens 1 to {MOST_CONNECTIONS} connections.")
        key = {"api_key": unquote(parts.username), "sender_domain": parts.hostname}
        return cls(backend=MAILGUN, options={**key, "api_url": api}, connections=connections)


class ProviderTransport:
    """A way to one provider, for one thread, with the promises of Transport."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._pool = ThreadPoolExecutor(provider.connections, thread_name_prefix="provider")
        self._own = threading.local()
        self._opened: list[Any] = []
        self._fruitless = 0
        self.is_given_up = False
        self.was_dismissed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        for backend in self._opened:
            backend.close()

    def send_many(self, envelopes: Iterable[Envelope[Key]]) -> Iterator[Result[Key]]:
        """Yield the key of each envelope and what became of its message, as each is known.

        At most `connections` calls are unanswered at a time. A provider that is unwell, wants no
        more, or does not know us, gets nothing more: the rest is UNTRIED.
        """
        waiting = iter(envelopes)
        under_way: dict[Future[Delivery], Envelope[Key]] = {}
        while True:
            while len(under_way) < self._provider.connections and not self.is_given_up:
                envelope = next(waiting, None)
                if envelope is None:
                    break
                if monotonic() > envelope.fresh_until:
                    yield envelope.key, UNTRIED
                else:
                    under_way[self._pool.submit(self._send, envelope)] = envelope
            if not under_way:
                break
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                delivery = future.result()
                self._learn(delivery)
                yield under_way.pop(future).key, delivery
        for envelope in waiting:
            yield envelope.key, UNTRIED

    def _send(self, envelope: Envelope[Any]) -> Delivery:
        """Make one call; a call whose answer never came may have been heard."""
        mail: Any = _as_django_mail(envelope)
        try:
            self._backend().send_messages([mail])
        except AnymailRecipientsRefused:
            return Delivery(Outcome.REFUSED, REFUSED)
        except AnymailAPIError as error:
            return _told_by(getattr(error, "status_code", None))
        status = mail.anymail_status.status or {"failed"}
        if status <= {"invalid", "rejected"}:
            return Delivery(Outcome.REFUSED, REFUSED)
        if "failed" in status:
            return Delivery(Outcome.DEFERRED, LATER)
        return Delivery(Outcome.ACCEPTED, 250)

    def _backend(self) -> Any:
        """The backend of this thread, whose connection is kept."""
        if not hasattr(self._own, "backend"):
            provider = self._provider
            self._own.backend = get_connection(provider.backend, **provider.options)
            self._own.backend.open()
            self._opened.append(self._own.backend)
        return self._own.backend

    def _learn(self, delivery: Delivery) -> None:
        self.was_dismissed = self.was_dismissed or delivery.code == CLOSING
        is_fruitless = delivery.outcome in {Outcome.UNCONFIRMED, Outcome.DEFERRED}
        self._fruitless = self._fruitless + 1 if is_fruitless else 0
        if self.was_dismissed or self._fruitless >= FRUITLESS_CALLS:
            self.is_given_up = True


def _told_by(http: int | None) -> Delivery:
    """What the provider says of a call, in the words of SMTP. Nothing of it is final.

    It has not told us anything about the recipient.
    """
    if http is None:
        return Delivery(Outcome.UNCONFIRMED)
    if http == TOO_MANY or http in OUR_FAULT:
        return Delivery(Outcome.DEFERRED, CLOSING)
    return Delivery(Outcome.DEFERRED, LATER)


def _as_django_mail(envelope: Envelope[Any]) -> EmailMultiAlternatives:
    """Take a message apart as django-anymail wants it."""
    content = envelope.wire.as_chunk()
    made = message_from_bytes(content, policy=SMTP)
    text, html = made.get_body(("plain",)), made.get_body(("html",))
    headers = {
        name: str(value)
        for name, value in made.items()
        if name.lower() not in WRITTEN_BY_OTHERS and not name.lower().startswith("content-")
    }
    mail = EmailMultiAlternatives(
        subject=str(made["subject"]),
        body=text.get_content().replace("\r\n", "\n") if text else "",
        from_email=str(made["from"]),
        to=[envelope.recipient],
        reply_to=[str(made["reply-to"])] if made["reply-to"] else None,
        headers=headers,
    )
    if html is not None:
        mail.attach_alternative(html.get_content().replace("\r\n", "\n"), "text/html")
    vars(mail).update(metadata={METADATA: str(made["message-id"])})
    return mail
