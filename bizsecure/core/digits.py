"""Card numbers as digits: how one is told from any other number."""

from __future__ import annotations

import re
import unicodedata

SHORTEST_NUMBER = 12
LONGEST_NUMBER = 19
# What people and keyboards put between groups of digits, and what pasting leaves behind.
_BETWEEN = {"Zs", "Pd", "Cf"}
# Cards begin with 2 to 6 (ISO/IEC 7812: banks and travel), telephone numbers and dates also with
# others.
_WRITTEN_OUT = re.compile(r"(?<!\d)[2-6]\d{12,18}(?!\d)")


def luhn_holds(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def bare_digits(typed: str) -> str | None:
    """Return the digits of a number as somebody types it, or None if it holds anything else.

    Digits of every script count, full-width ones too; spaces and dashes between them do not.
    """
    digits = []
    for character in typed.strip():
        if character.isdecimal():
            digits.append(str(unicodedata.decimal(character)))
        elif unicodedata.category(character) not in _BETWEEN:
            return None
    return "".join(digits)


def holds_card_number(text: str) -> bool:
    """Whether a card number stands somewhere in a text that should have none."""
    kept = []
    for character in text:
        if character.isdecimal():
            kept.append(str(unicodedata.decimal(character)))
        elif unicodedata.category(character) not in _BETWEEN:
            kept.append(character)
    return any(luhn_holds(found) for found in _WRITTEN_OUT.findall("".join(kept)))
