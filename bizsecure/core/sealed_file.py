"""A long file, sealed part by part, so that neither writing nor reading holds it in memory.

Each file has a key of its own. A part is bound to its place in the file, and the last one says
that it is the last: parts cannot be exchanged, left out or cut off without that being noticed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bizsecure.core.keyring import Tampered

PART_BYTES = 256 * 1024
SEALED_PART_BYTES = PART_BYTES + 16
KEY_BYTES = 32


def new_key() -> bytes:
    """Return a key for one file. A file that is begun anew needs a new one."""
    return secrets.token_bytes(KEY_BYTES)


class SealingWriter:
    """Something to write a file to, from front to back, which writes it on sealed.

    Every part but the last is SEALED_PART_BYTES long. Closing it writes the last one; until then
    the file does not open.
    """

    def __init__(self, key: bytes, output: IO[bytes]) -> None:
        self._cipher, self._output = AESGCM(key), output
        self._waiting = bytearray()
        self._number = 0
        self.size = 0

    def write(self, content: bytes) -> int:
        self._waiting += content
        self.size += len(content)
        # The last part is only known to be the last when nothing follows.
        while len(self._waiting) > PART_BYTES:
            self._seal(bytes(self._waiting[:PART_BYTES]), is_last=False)
            del self._waiting[:PART_BYTES]
        return len(content)

    def flush(self) -> None:
        """Do nothing: a part is written when it is full."""

    def close(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, content: bytes, *, is_last: bool) -> None:
        nonce, place = _nonce(self._number), _place(is_last=is_last)
        self._output.write(self._cipher.encrypt(nonce, content, place))
        self._number += 1


def sealed_parts(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the parts of a sealed file, as `opened` takes them."""
    return iter(lambda: file.read(SEALED_PART_BYTES), b"")


def opened(key: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the file in clear, part by part. Raises Tampered where it is not what was sealed."""
    cipher = AESGCM(key)
    number, part = 0, None
    for following in parts:
        if part is not None:
            yield _open(cipher, number, part, is_last=False)
            number += 1
        part = following
    if part is None:
        raise Tampered
    yield _open(cipher, number, part, is_last=True)


def _open(cipher: AESGCM, number: int, part: bytes, *, is_last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number), part, _place(is_last=is_last))
    except InvalidTag:
        raise Tampered from None


def _nonce(number: int) -> bytes:
    """The place in the file. No two parts under one key have the same."""
    return number.to_bytes(12, "big")


def _place(*, is_last: bool) -> bytes:
    return b"last" if is_last else b"more"
