"""Checks a receipt of BizSecure without asking BizSecure.

    python3 check_receipt.py RECEIPT.json [--key HEX] [--heads HEADS.json]

It needs Python 3.10 or later and nothing else. It computes the hash of the record anew, climbs from
there to the root in the signed head, and checks the signature of the head (Ed25519, RFC 8032). With
--key the head must be signed by this key, which you noted at another time or got from somebody
else. With --heads the receipt's head must stand in the list of all heads, and each head must name
the one before. Prints what the record says and what was found; ends with 0 if everything holds, and
with 1 if anything does not. What a receipt has beside the record explains it and proves nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

# The curve of Ed25519: RFC 8032, section 5.1.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)

Point = tuple[int, int, int, int]
"""(x, y, z, t), where x/z and y/z are the coordinates and t = xy/z."""


class Wrong(Exception):
    """Something in the receipt does not hold; the sentence says what."""


def check(
    receipt: dict[str, Any], key: str | None = None, heads: list[Any] | None = None
) -> list[str]:
    """Return what was found to hold, a sentence each; raises Wrong at the first that does not."""
    record, head = receipt["record"], receipt["head"]
    body = json.loads(head["body"])
    row_hash = hashlib.sha256(record["content"].encode()).hexdigest()
    if row_hash != record["row_hash"]:
        raise Wrong("The record was altered: its hash is another.")
    values = json.loads(record["content"])
    found = [f"  {name}: {value}" for name, value in zip(record["columns"], values, strict=True)]
    found.append("The record has the hash that it claims.")

    climbed = hashlib.sha256(b"\x00" + f"{record['ledger']}\n{row_hash}".encode()).digest()
    for side, other in receipt["inclusion"]:
        pair = (
            (bytes.fromhex(other), climbed) if side == "left" else (climbed, bytes.fromhex(other))
        )
        climbed = hashlib.sha256(b"\x01" + pair[0] + pair[1]).digest()
    if climbed.hex() != body["ledgers"][record["ledger"]]["root"]:
        raise Wrong("The record is not among those of the signed head.")
    found.append(
        f"It is among the {body['ledgers'][record['ledger']]['rows']} records of head "
        f"{body['number']}, made at {body['made_at']}."
    )

    check_signature(head, key)
    found.append(f"The head is signed by the key {head['public_key']}.")
    if heads is not None:
        check_chain(heads, head, key)
        found.append(f"It stands in the chain of {len(heads)} heads.")
    return found


def explained(receipt: dict[str, Any]) -> list[str]:
    """Return what the receipt says of keeping, a sentence each. It is said, and not proven."""
    said = []
    for name, what in (("record_storage", "record"), ("processing", "information used")):
        part = receipt.get(name)
        if not isinstance(part, dict) or "retention_period" not in part:
            continue
        places = part.get("storage_locations")
        where = "; ".join(map(str, places)) if isinstance(places, list) else "a place it leaves out"
        said.append(f"Said, not proven: the {what} is kept {part['retention_period']}, in {where}.")
    return said


def check_signature(head: dict[str, Any], key: str | None) -> None:
    """Raises Wrong unless the body is signed by the head's own key, which is `key` if given."""
    if key is not None and head["public_key"] != key:
        raise Wrong("The head is signed by another key.")
    signed = (bytes.fromhex(head["public_key"]), head["body"].encode())
    if not is_signed(*signed, bytes.fromhex(head["signature"])):
        raise Wrong("The signature of the head is not good.")


def check_chain(heads: list[Any], mine: dict[str, Any], key: str | None) -> None:
    """Raises Wrong unless each head names the one before, and one of them is ours."""
    previous = "0" * 64
    in_order = sorted(heads, key=lambda head: int(json.loads(head["body"])["number"]))
    for number, head in enumerate(in_order, start=1):
        body = json.loads(head["body"])
        if (body["number"], body["previous"]) != (number, previous):
            raise Wrong(f"Head {number} does not follow the one before.")
        check_signature(head, key)
        previous = hashlib.sha256(head["body"].encode()).hexdigest()
    if mine["body"] not in [head["body"] for head in heads]:
        raise Wrong("The head of the receipt is not in the list.")


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether this is a signature of the message (RFC 8032, section 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = unpacked(public), unpacked(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    challenge = hashlib.sha512(signature[:32] + public + message).digest()
    challenge_number = int.from_bytes(challenge, "little") % ORDER
    return are_equal(times(scalar, base()), add(commitment, times(challenge_number, key)))


def base() -> Point:
    """The point from which all others are made."""
    y = 4 * pow(5, P - 2, P) % P
    return unpacked(y.to_bytes(32, "little")) or NEUTRAL


def add(one: Point, other: Point) -> Point:
    """Return the sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    """Return the point added to itself so often."""
    total = NEUTRAL
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def are_equal(one: Point, other: Point) -> bool:
    """Return whether two points are the same, however they are written."""
    same_x = (one[0] * other[2] - other[0] * one[2]) % P == 0
    same_y = (one[1] * other[2] - other[1] * one[2]) % P == 0
    return same_x and same_y


def unpacked(packed: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, or None (RFC 8032, section 5.1.3)."""
    number = int.from_bytes(packed, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def main() -> int:
    """Check the file named on the command line."""
    parser = argparse.ArgumentParser(description="Check a receipt of BizSecure.")
    parser.add_argument("receipt")
    parser.add_argument("--key", help="the public key that must have signed, in hexadecimal")
    parser.add_argument("--heads", help="the list of all heads")
    options = parser.parse_args()
    try:
        heads = _read(options.heads)["heads"] if options.heads else None
        receipt = _read(options.receipt)
        found = check(receipt, options.key, heads)
    except Wrong as wrong:
        return _say(f"DOES NOT HOLD: {wrong}", 1)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _say("DOES NOT HOLD: this is not a receipt that can be read.", 1)
    return _say("\n".join([*found, *explained(receipt), "Everything holds."]), 0)


def _read(name: str) -> Any:
    return json.loads(Path(name).read_text(encoding="utf-8"))


def _say(words: str, result: int) -> int:
    sys.stdout.write(words + "\n")
    return result


if __name__ == "__main__":
    sys.exit(main())
