"""Which way mail leaves: to a mail server by SMTP, or to a provider by HTTP."""

from __future__ import annotations

from dataclasses import replace

from notifications.transport.provider import Provider, ProviderTransport
from notifications.transport.server import Server
from notifications.transport.transport import Transport

PROVIDERS = ("mailgun://",)

Way = Server | Provider
AnyTransport = Transport | ProviderTransport


def way_of(url: str) -> Way:
    """Return where EMAIL_URL leads. Raises ValueError, which repeats nothing of it."""
    return Provider.from_url(url) if url.startswith(PROVIDERS) else Server.from_url(url)


def narrowed(way: Way, connections: int) -> Way:
    """Return the same way for a worker that opens so many connections at most."""
    return replace(way, connections=min(way.connections, connections))


def transport_over(way: Way) -> AnyTransport:
    """Return the transport that leads this way; nothing is connected before the first message."""
    return ProviderTransport(way) if isinstance(way, Provider) else Transport(way)
