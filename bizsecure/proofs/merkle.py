"""Hash trees as RFC 9162, section 2.1, has them, over many leaves in parts. Pure.

A tree over a million rows is never held: each part of 1024 leaves has a root, and because parts
are a power of two, the tree over their roots is the tree over all leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

PART = 1024

Step = tuple[str, bytes]
"""A hash beside the way up, and the side on which it stands."""


def leaf(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def leaf_of_row(ledger: str, row_hash: str) -> bytes:
    """Return the leaf of a row: a row of one ledger can never stand for one of another."""
    return leaf(f"{ledger}\n{row_hash}".encode())


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of what stands above two others. No leaf can have it."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaves, or over the roots of parts. Of nothing it is all zeros."""
    if not hashes:
        return bytes(32)
    if len(hashes) == 1:
        return hashes[0]
    middle = _split(len(hashes))
    return node(root(hashes[:middle]), root(hashes[middle:]))


def way_up(hashes: Sequence[bytes], index: int) -> list[Step]:
    """Return the steps from one of the hashes to the root over all of them."""
    if len(hashes) <= 1:
        return []
    middle = _split(len(hashes))
    if index < middle:
        return [*way_up(hashes[:middle], index), ("right", root(hashes[middle:]))]
    return [*way_up(hashes[middle:], index - middle), ("left", root(hashes[:middle]))]


def climb(start: bytes, steps: Sequence[Step]) -> bytes:
    """Return the hash that the steps lead to."""
    for side, other in steps:
        start = node(other, start) if side == "left" else node(start, other)
    return start


def _split(number: int) -> int:
    """The largest power of two below a number."""
    return 1 << (number - 1).bit_length() - 1
