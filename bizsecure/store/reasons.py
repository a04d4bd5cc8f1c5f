"""Why the shop refuses something; the value is the sentence people read."""

from __future__ import annotations

from enum import Enum

from django.utils.translation import gettext_lazy as _

from bizsecure.store.models import HeldService, RefundReason
from bizsecure.vault.cards import Decline


class Reason(Enum):
    NOTHING_TO_ORDER = _("Your cart is empty, so there is nothing to order.")
    OVER_LIMIT = _("Your cart holds more of something than we sell in one order.")
    NOT_BEGUN = _(
        "This checkout was begun anew in another window, or too long ago. Nothing was ordered. "
        "Here is your order as it stands now."
    )
    PRICES_CHANGED = _(
        "Something changed since you began. Nothing was ordered. Please look at what is new."
    )
    NO_ADDRESS = _("Please give the address that goes on your invoice.")
    TERMS_CHANGED = _("Our terms changed while you were here. Please read them again.")
    NO_POLICY = _("Nothing can be ordered just now. Please try again later.")
    PAYMENT_OPEN = _(
        "A payment for this order is still open. We are asking what became of it; please look "
        "again in some minutes."
    )
    NO_SUCH_CARD = _("This card cannot be paid with. Please choose another one.")
    NOT_UNPAID = _("This order needs no payment any more.")
    NOT_CANCELLABLE = _("This order is paid. Cancel the service itself, or write to us.")
    ENDED = _("This service has ended.")
    BOUGHT_ONCE = _("This is paid for good, so there is nothing to renew.")
    NOT_FOR_SALE = _("We do not sell this any more. It stays as it is until it ends.")
    IS_CANCELLED = _("You cancelled this service. Take the cancellation back first.")
    NOTHING_TO_PAY_BACK = _(
        "This order is not paid, or it is being paid back already. Nothing was paid back."
    )
    TERMS_EMPTY = _("Terms need a text.")
    TERMS_AS_THEY_ARE = _("This is the text of the latest version. Nothing was published.")
    TERMS_OVERTAKEN = _("Somebody has just published a version. Look at it first.")
    TERMS_TOO_EARLY = _(
        "Terms cannot begin in the past, nor before the version that is published already."
    )
    TOO_LATE = _("That is over: the service has ended.")


def in_words(reason: str) -> str:
    """Return the reason in a log as people read it: a word of a closed list in its sentence."""
    if reason in Decline.__members__:
        return str(Decline[reason].value)
    for choices in (HeldService.CancelReason, RefundReason):
        if reason in choices.values:
            return str(choices(reason).label)
    return reason
