"""Who a header names: mailboxes such as `Alice Adams <alice@example.com>`, however misspelled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

LONGEST = 254
# Nobody names more; whoever does wants us to search for long.
MOST, MOST_HEADERS, LONGEST_HEADER = 100, 20, 5_000
ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]\\]{1,64}@[^\s<>@,;:\"()\[\]\\]{1,250}")
# What stands between commas, where commas in quotes or angle brackets part nothing.
PIECE = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"|<[^>]*>|[^,;])+")
COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Mailbox:
    """An address, and the name beside it."""

    name: str
    address: str


def mailboxes(values: Iterable[str]) -> list[Mailbox]:
    """Return everybody whom these headers name, in their order; what is no address is left out."""
    few = [value[:LONGEST_HEADER] for value in islice(values, MOST_HEADERS)]
    return [box for value in few for box in _in(value)][:MOST]


def addresses(values: Iterable[str]) -> list[str]:
    """Return the addresses in these headers."""
    return [box.address for box in mailboxes(values)]


def _in(value: str) -> Iterator[Mailbox]:
    for piece in PIECE.findall(value):
        angled = re.search(r"<([^<>]*)>\s*$", piece) or re.search(r"<([^<>]*)>", piece)
        written = angled[1] if angled else COMMENT.sub(" ", piece)
        found = ADDRESS.search(written)
        if found is None or len(found[0]) > LONGEST or found[0].startswith("."):
            continue
        before = piece[: angled.start()] if angled else ""
        name = " ".join(COMMENT.sub(" ", before).replace('"', " ").replace("\\", "").split())
        yield Mailbox(name[:200], found[0].rstrip(".>'"))
