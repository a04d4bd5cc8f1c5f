"""The key that signs heads: Ed25519 (RFC 8032), from PROOF_KEY."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


def sign(content: bytes) -> tuple[str, str]:
    """Return the signature and the public key that checks it, both in hexadecimal."""
    key = _key(settings.PROOF_KEY)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return key.sign(content).hex(), public.hex()


@lru_cache(maxsize=2)
def _key(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
