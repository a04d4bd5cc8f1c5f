"""The only door through which mail leaves: persistent SMTP connections."""

from __future__ import annotations

from notifications.transport.envelope import UNTRIED, Delivery, Envelope, Outcome, Prepared
from notifications.transport.server import Encryption, Server
from notifications.transport.signing import Signer
from notifications.transport.transport import Transport

__all__ = [
    "UNTRIED",
    "Delivery",
    "Encryption",
    "Envelope",
    "Outcome",
    "Prepared",
    "Server",
    "Signer",
    "Transport",
]
