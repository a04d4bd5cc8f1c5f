"""The customer wants to know what came of a check."""

from __future__ import annotations

from bizsecure.vault.cards import CardState
from bizsecure.vault.checking import checker
from bizsecure.vault.models import Card


def ask_again(*, card: Card) -> None:
    """Ask the card company about an open check; of a settled one there is nothing to ask."""
    if card.state in CardState.unsettled():
        checker().ask_again(check=card.open_check)
