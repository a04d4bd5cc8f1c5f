"""What a line of text typed by a person may hold."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bizsecure.core.digits import holds_card_number

# Joiners are part of emoji and of several scripts.
JOINERS = {"\u200c", "\u200d"}
INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def plain_line(value: str) -> None:
    """Refuse characters that cannot be seen or that turn the reading direction around.

    They hide in names to fool a reader, and in header lines to add another one.
    """
    for character in value:
        if character not in JOINERS and unicodedata.category(character) in INVISIBLE_CATEGORIES:
            raise ValidationError(
                _("This contains a character that cannot be seen. Please type it again."),
                code="invisible",
            )


def no_card_number(value: str) -> None:
    """Refuse a card number where none belongs: there it would be kept in the clear (SEC-1)."""
    if holds_card_number(value):
        raise ValidationError(
            _("This looks like a card number. Please do not write it here."), code="card"
        )
