"""The numbers the sandbox acquirer knows, and how it behaves for each (docs/payments.md).

They belong to nobody. Any other number is declined, so that no real card is ever kept here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Manner(Enum):
    """How a request is answered, beside what the answer is."""

    AT_ONCE = "at once"
    # It is done, and the answer comes later than anybody waits.
    TOO_LATE = "too late"
    # It is done, and the connection ends without an answer.
    NO_ANSWER = "no answer"
    # The connection ends before anything is done; sent again, it is done.
    NOT_HEARD = "not heard"
    # Undecided for a while; a call says when it is decided.
    UNDECIDED = "undecided"
    # Done, and a call tells so twice.
    TOLD_TWICE = "told twice"
    # Done, and a call tells so before the answer is out.
    TOLD_FIRST = "told first"


@dataclass(frozen=True)
class Reply:
    """What a request is answered: approved, declined for a reason, or to be confirmed."""

    outcome: str = "approved"
    reason: str = ""
    manner: Manner = Manner.AT_ONCE


def _declined(reason: str) -> Reply:
    return Reply("declined", reason)


YES = Reply()
CONFIRM = Reply("confirm")
UNKNOWN_NUMBER = _declined("not_supported")

# Of each number: what a check of the card is answered, and what a charge.
REPLIES: dict[str, tuple[Reply, Reply]] = {
    # Visa, Mastercard, American Express, Discover, Diners Club, JCB, UnionPay: approved
    "4242424242424242": (YES, YES),
    "5555555555554444": (YES, YES),
    "378282246310005": (YES, YES),
    "6011111111111117": (YES, YES),
    "3056930009020004": (YES, YES),
    "3566002020360505": (YES, YES),
    "6200000000000005": (YES, YES),
    # Declined when it is checked
    "4000000000000002": (_declined("refused"), _declined("refused")),
    "4000000000000069": (_declined("expired"), _declined("expired")),
    "4000000000000127": (_declined("wrong_code"), _declined("wrong_code")),
    "4000000000009987": (_declined("lost_or_stolen"), _declined("lost_or_stolen")),
    "4000000000000119": (_declined("try_later"), _declined("try_later")),
    # Good when it is checked, declined when it is charged
    "4000000000000341": (YES, _declined("refused")),
    "4000000000009995": (YES, _declined("too_little_money")),
    # 3-D Secure: always, only when it is checked, only when it is charged
    "4000000000003220": (CONFIRM, CONFIRM),
    "4000002500003155": (CONFIRM, YES),
    "4000000000003063": (YES, CONFIRM),
    # Trouble on the way, when it is charged
    "4000000000001000": (YES, Reply(manner=Manner.TOO_LATE)),
    "4000000000001018": (YES, Reply(manner=Manner.NO_ANSWER)),
    "4000000000001026": (YES, Reply(manner=Manner.NOT_HEARD)),
    "4000000000001034": (YES, Reply(manner=Manner.UNDECIDED)),
    "4000000000001042": (YES, Reply(manner=Manner.TOLD_TWICE)),
    "4000000000001059": (YES, Reply(manner=Manner.TOLD_FIRST)),
    # Trouble on the way, when it is checked
    "4000000000001067": (Reply(manner=Manner.TOO_LATE), YES),
    "4000000000001075": (Reply(manner=Manner.NOT_HEARD), YES),
}


def reply_to(step: str, number: str) -> Reply:
    """Return how a check (`verify`) or a charge of this number is answered."""
    check, charge = REPLIES.get(number, (UNKNOWN_NUMBER, UNKNOWN_NUMBER))
    return check if step == "verify" else charge
