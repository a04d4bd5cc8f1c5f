"""Two texts of a policy side by side (CHANGE-1). Pure: no clock, no database.

Paragraphs are laid beside one another first, words are compared within them after that, so
that a sentence that moved into another paragraph does not tear both of them apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice

from diff_match_patch import diff_match_patch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString  # noqa: TID251 - the type of what format_html gives

from consent.prose import Paragraph, paragraphs

# Two paragraphs are the same one, reworded, when they share at least this part of their words.
ALIKE = 0.5
# A rewrite of hundreds of paragraphs at once is shown as removed and added: looking for what
# was reworded in it would keep the reader waiting.
MOST_PAIRS = 10_000

TOKEN = re.compile(r"\w+(?:['\u2019.@-]\w+)*|\s+|[^\w\s]")
WORD = re.compile(r"\w+")
# The comparison library sees one character for each word. From here on the characters are
# letters, so its search for natural boundaries still tells words from punctuation.
FIRST_LETTER = 0x20000

KEPT, REMOVED, ADDED = "{}", "<del>{}</del>", "<ins>{}</ins>"
MARKS = {
    diff_match_patch.DIFF_EQUAL: KEPT,
    diff_match_patch.DIFF_DELETE: REMOVED,
    diff_match_patch.DIFF_INSERT: ADDED,
}


@dataclass(frozen=True)
class Row:
    """A paragraph before and after, as HTML: everything escaped, changes in del and ins.

    A side is empty where the other one stands alone.
    """

    old: SafeString
    new: SafeString
    same: bool
    heading: bool


@lru_cache(maxsize=32)
def side_by_side(old: str, new: str) -> tuple[Row, ...]:
    """Return the comparison of two Markdown texts, a row for each paragraph."""
    return tuple(
        _row(before, after) for before, after in _aligned(paragraphs(old), paragraphs(new))
    )


@lru_cache(maxsize=32)
def around_changes(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the changed rows, each with the paragraph before and after it and its heading."""
    shown: set[int] = set()
    heading = 0
    for place, row in enumerate(rows):
        heading = place if row.heading else heading
        if not row.same:
            shown.update({heading, place - 1, place})
            # A heading stands for what is below it, not for the end of what is above.
            if place + 1 < len(rows) and not rows[place + 1].heading:
                shown.add(place + 1)
    return tuple(row for place, row in enumerate(rows) if place in shown)


def _aligned(
    old: list[Paragraph], new: list[Paragraph]
) -> Iterator[tuple[Paragraph | None, Paragraph | None]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        before, after = old[old_from:old_to], new[new_from:new_to]
        if kind == "equal":
            yield from zip(before, after, strict=True)
        else:
            yield from _paired(before, after)


def _paired(
    old: list[Paragraph], new: list[Paragraph]
) -> Iterator[tuple[Paragraph | None, Paragraph | None]]:
    """Pair reworded paragraphs so that their likeness sums up highest; the others stand alone."""
    likeness = _likeness_of_all(old, new)
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            together = best[i + 1][j + 1] + likeness[i][j]
            best[i][j] = max(best[i + 1][j], best[i][j + 1], together)
    i = j = 0
    while i < len(old) and j < len(new):
        if likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            yield old[i], new[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield old[i], None
            i += 1
        else:
            yield None, new[j]
            j += 1
    yield from ((paragraph, None) for paragraph in old[i:])
    yield from ((None, paragraph) for paragraph in new[j:])


def _likeness_of_all(old: list[Paragraph], new: list[Paragraph]) -> list[list[float]]:
    if len(old) * len(new) > MOST_PAIRS:
        return [[0.0] * len(new) for _ in old]
    words = [Counter(WORD.findall(paragraph.text.lower())) for paragraph in new]
    return [
        [
            _likeness(Counter(WORD.findall(before.text.lower())), counted)
            if before.heading == after.heading
            else 0.0
            for after, counted in zip(new, words, strict=True)
        ]
        for before in old
    ]


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """Return which part of their words two paragraphs share, or 0 if it is too little."""
    shared = 2 * (old & new).total() / max(old.total() + new.total(), 1)
    return shared if shared >= ALIKE else 0.0


def _row(old: Paragraph | None, new: Paragraph | None) -> Row:
    heading = bool((old or new or Paragraph("", heading=False)).heading)
    if old is None or new is None:
        before = format_html(REMOVED if old else KEPT, old.text if old else "")
        after = format_html(ADDED if new else KEPT, new.text if new else "")
        return Row(before, after, same=False, heading=heading)
    before, after = _compared(old.text, new.text)
    return Row(before, after, same=old.text == new.text, heading=heading)


def _compared(old: str, new: str) -> tuple[SafeString, SafeString]:
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    letters: dict[str, str] = {}
    spelled = _spelled(before, letters), _spelled(after, letters)
    # It looks for the shortest difference for a second at most, and takes a longer one then.
    comparison = diff_match_patch()
    edits = comparison.diff_main(*spelled, checklines=False)
    comparison.diff_cleanupSemantic(edits)
    removed = _marked(before, [edit for edit in edits if edit[0] != comparison.DIFF_INSERT])
    added = _marked(after, [edit for edit in edits if edit[0] != comparison.DIFF_DELETE])
    return removed, added


def _spelled(tokens: list[str], letters: dict[str, str]) -> str:
    return "".join(
        token
        if len(token) == 1 and token.isascii() and not token.isalnum()
        else letters.setdefault(token, chr(FIRST_LETTER + len(letters)))
        for token in tokens
    )


def _marked(tokens: list[str], edits: list[tuple[int, str]]) -> SafeString:
    rest = iter(tokens)
    parts = (format_html(MARKS[kind], "".join(islice(rest, len(span)))) for kind, span in edits)
    return format_html_join("", "{}", ((part,) for part in parts))
