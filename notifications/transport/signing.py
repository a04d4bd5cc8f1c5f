"""DKIM (RFC 6376, RFC 8463): the domain vouches for the mail, unsubscribe headers included.

RSA is what every receiver checks; Ed25519 is faster, and some do not know it yet. Header fields
are written in the relaxed form, because relays fold lines anew; the body is taken as it is.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from notifications.transport.envelope import END_OF_MESSAGE, Prepared, prepared

SHORTEST_RSA_KEY = 2048

# Whoever adds a second one of these, or takes one away, breaks the signature. A receiver trusts
# one-click unsubscribing only where both of its headers are signed (RFC 8058, 4).
SIGNED = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"),
    *("auto-submitted", "list-id", "list-unsubscribe", "list-unsubscribe-post"),
)
SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r]|\r\n[ \t])*)\r\n")
_SPACE = re.compile(rb"[ \t\r\n]+")


@dataclass(frozen=True)
class Signer:
    """Signs for one domain with the key whose public half stands at `selector` in its DNS."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    @classmethod
    def from_pem(cls, domain: str, selector: str, pem: str) -> Signer:
        """Return the signer of a private key in PEM. Raises ValueError that repeats no secret."""
        if not SELECTOR.fullmatch(selector):
            raise ValueError("A selector is a name as in DNS.")
        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise ValueError("The key is no private key in PEM without a password.") from None
        if isinstance(key, Ed25519PrivateKey):
            return cls(domain, selector, key)
        if isinstance(key, RSAPrivateKey) and key.key_size >= SHORTEST_RSA_KEY:
            return cls(domain, selector, key)
        raise ValueError(f"The key is neither Ed25519 nor RSA of {SHORTEST_RSA_KEY} bits or more.")

    def signed(self, message: bytes | Prepared) -> Prepared:
        """Return the message, ready for the wire, with its signature on top."""
        message = message if isinstance(message, Prepared) else prepared(message)
        plain = bytes(message).removesuffix(END_OF_MESSAGE).replace(b"\r\n..", b"\r\n.")
        head, _, body = plain.partition(b"\r\n\r\n")
        fields = [(name.lower(), value) for name, value in _FIELD.findall(head + b"\r\n")]
        covered = [(name, value) for name, value in fields if name.decode() in SIGNED]
        # From once more than it is there: nobody can put another one on top.
        names = ":".join([*(name.decode() for name, _value in covered), "from"])
        body_hash = base64.b64encode(hashlib.sha256(_trimmed(body)).digest()).decode()
        value = (
            f"v=1; a={self._algorithm}; c=relaxed/simple; d={self.domain}; s={self.selector};\r\n"
            f" h={names};\r\n bh={body_hash};\r\n b="
        )
        lines = [_relaxed(name, each) for name, each in covered]
        own = _relaxed(b"dkim-signature", value.encode())
        signature = base64.b64encode(self._sign(b"\r\n".join([*lines, own]))).decode()
        folded = "\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
        return Prepared(f"DKIM-Signature: {value}{folded}\r\n".encode(), *message.pieces)

    @property
    def _algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    def _sign(self, headers: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(headers, PKCS1v15(), SHA256())
        # RFC 8463 signs the hash, and not what was hashed.
        return self.key.sign(hashlib.sha256(headers).digest())


def _relaxed(name: bytes, value: bytes) -> bytes:
    return name + b":" + _SPACE.sub(b" ", value).strip(b" ")


def _trimmed(body: bytes) -> bytes:
    """Empty lines at the end do not count; a body without any line is one empty line."""
    return body.rstrip(b"\r\n") + b"\r\n"
