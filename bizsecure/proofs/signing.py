"""The key that signs heads: Ed25519 (RFC 8032), from PROOF_KEY."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


def sign(content: bytes) -> tuple[str, str]:
    """Return the signature and the public key that checks it, both in hexadecimal."""
    key = _key(settings.PROOF_KEY)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return key.sign(content).hex(), public.hex()


def is_signed(content: bytes, signature: str, public_key: str) -> bool:
    """Return whether this key, in hexadecimal, made this signature of the content."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), content)
    except (ValueError, InvalidSignature):
        return False
    return True


@lru_cache(maxsize=2)
def _key(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
