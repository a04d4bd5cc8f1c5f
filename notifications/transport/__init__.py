"""The only door through which mail leaves: persistent connections, to a server or a provider."""

from __future__ import annotations

from notifications.transport.envelope import UNTRIED, Delivery, Envelope, Outcome, Prepared
from notifications.transport.provider import Provider, ProviderTransport
from notifications.transport.server import Encryption, Server
from notifications.transport.signing import Signer
from notifications.transport.transport import Transport
from notifications.transport.ways import AnyTransport, Way, narrowed, transport_over, way_of

__all__ = [
    "UNTRIED",
    "AnyTransport",
    "Delivery",
    "Encryption",
    "Envelope",
    "Outcome",
    "Prepared",
    "Provider",
    "ProviderTransport",
    "Server",
    "Signer",
    "Transport",
    "Way",
    "narrowed",
    "transport_over",
    "way_of",
]
