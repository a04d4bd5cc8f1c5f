"""Why the vault says no; each value is the sentence people read."""

from __future__ import annotations

from enum import Enum

from django.utils.translation import gettext_lazy as _


class Reason(Enum):
    OTHER_DATE = _(
        "You have this card here already, with another date. Remove it from the list first, then "
        "add it again."
    )
    TOO_MANY_CARDS = _("You have as many cards here as fit. Remove one that you do not need.")
    TOO_MANY_TRIES = _(
        "Several cards were refused today, so we ask no more until tomorrow. Your bank can tell "
        "you why it refuses a card."
    )
    NOT_ALLOWED = _("The register of disclosures does not allow this card to be handed over.")
