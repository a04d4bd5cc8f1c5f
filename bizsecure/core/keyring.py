"""The keys of the house: AES-256-GCM for what is stored, AES-SIV for what stands in a link.

A key is known by an id derived from itself, so that operators give nothing but keys. The
newest key seals; every key in the ring opens.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FORMAT = b"S1"
KEY_ID_BYTES = 4
NONCE_BYTES = 12
# Beside its purpose, what a token for a mail address is sealed for.
ADDRESS = b"address"
HEADER_BYTES = len(FORMAT) + KEY_ID_BYTES


class Tampered(Exception):
    """A value that was altered, moved to another row or field, or sealed under a lost key."""


class KeyRing:
    """Seals and opens bytes for a place: a table, a column and a row."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self.newest = _key_id(keys[0])
        self._link_keys = [AESSIV(_derived(key, b"links")) for key in keys]

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Return `plain` sealed under the newest key, readable at `place` alone."""
        header = FORMAT + self.newest
        nonce = os.urandom(NONCE_BYTES)
        return header + nonce + self._keys[self.newest].encrypt(nonce, plain, header + place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Return what was sealed at `place`. Raises Tampered for anything else."""
        header, rest = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
        key = self._keys.get(self.key_id(sealed))
        if key is None:
            raise Tampered
        try:
            return key.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], header + place)
        except (InvalidTag, ValueError):
            raise Tampered from None

    def key_id(self, sealed: bytes) -> bytes:
        """Return the id of the key that sealed this value."""
        if not sealed.startswith(FORMAT) or len(sealed) < HEADER_BYTES + NONCE_BYTES:
            raise Tampered
        return sealed[len(FORMAT) : HEADER_BYTES]

    def seal_link(self, purpose: str, number: int, other: int = 0) -> str:
        """Return an opaque token for a link that stands for two numbers and one purpose.

        The same numbers give the same token, so a mail that is sent again is the same mail.
        """
        plain = number.to_bytes(8, "big") + other.to_bytes(8, "big")
        return _spelled(self._link_keys[0].encrypt(plain, [purpose.encode()]))

    def open_link(self, purpose: str, token: str) -> tuple[int, int] | None:
        """Return the numbers behind a token made for this purpose, or None for any other text."""
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        # Base64 has several spellings of the same bytes; only the one we wrote is our token.
        if _spelled(sealed) != token:
            return None
        plain = self._opened([purpose.encode()], sealed)
        return _numbers(plain) if plain is not None else None

    def seal_address(self, purpose: str, number: int) -> str:
        """Return an opaque token for a mail address of ours that stands for a number.

        Its letters are small, and read however they are written: there are mail servers that
        write all of an address in small letters. An address with it fits into a line of a header,
        and into the 64 octets that a local part may have (RFC 5321, 4.5.3.1.1).
        """
        plain = number.to_bytes(8, "big")
        return self._link_keys[0].encrypt(plain, [purpose.encode(), ADDRESS]).hex()

    def open_address(self, purpose: str, token: str) -> int | None:
        """Return the number behind the token of an address, or None for any other text.

        Tokens as they stood in addresses before are read as well: mails live for years.
        """
        sealed = _read_small(token.lower())
        if sealed is None:
            numbers = self.open_link(purpose, token)
            return numbers[0] if numbers else None
        plain = self._opened([purpose.encode(), ADDRESS], sealed)
        return int.from_bytes(plain, "big") if plain is not None else None

    def _opened(self, purpose: list[bytes], sealed: bytes) -> bytes | None:
        for key in self._link_keys:
            try:
                return key.decrypt(sealed, purpose)
            except (InvalidTag, ValueError):
                continue
        return None


def keyring() -> KeyRing:
    """Return the ring of the keys in CRYPTOGRAPHY_KEYS."""
    return _keyring(tuple(settings.CRYPTOGRAPHY_KEYS))


def digest(purpose: str, value: str) -> str:
    """Return a digest that shows whether two values are equal and cannot be reversed.

    A digest that is stored must stay comparable, so its key is not rotated (digest_root).
    """
    key = _derived(digest_root(), b"digest:" + purpose.encode())
    return hashlib.blake2b(value.encode(), key=key, digest_size=20).hexdigest()


def digest_root() -> bytes:
    """Return what the keys of digests are derived from: DIGEST_KEY, or the oldest of the ring.

    Derived from the oldest, it opens nothing. Set as DIGEST_KEY before that key is taken out of
    the ring, it keeps every stored digest comparable.
    """
    given: bytes | None = settings.DIGEST_KEY
    return given or _derived(settings.CRYPTOGRAPHY_KEYS[-1], b"digests")


@lru_cache(maxsize=4)
def _keyring(keys: tuple[bytes, ...]) -> KeyRing:
    return KeyRing(keys)


def _numbers(plain: bytes) -> tuple[int, int]:
    return int.from_bytes(plain[:8], "big"), int.from_bytes(plain[8:], "big")


def _spelled(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _read_small(token: str) -> bytes | None:
    """What a token in small letters stands for: in base 16, or in base 32 as some did before."""
    for read, spell in ((bytes.fromhex, bytes.hex), (_from_base32, _in_base32)):
        with suppress(ValueError):
            sealed = read(token)
            # As in links: one spelling, which is ours.
            if spell(sealed) == token:
                return sealed
    return None


def _in_base32(octets: bytes) -> str:
    return base64.b32encode(octets).decode().rstrip("=").lower()


def _from_base32(token: str) -> bytes:
    return base64.b32decode(token + "=" * (-len(token) % 8), casefold=True)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id" + key).digest()[:KEY_ID_BYTES]


@lru_cache(maxsize=64)
def _derived(key: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(key)
