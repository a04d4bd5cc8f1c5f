"""What the shop says about a visitor's cart, and how it says it after a redirect.

Django's messages would open a session, which is a row in the database for somebody who merely
looks around. So what is to be said on the next page waits in a signed cookie for a minute: a
word from a closed list and the product it is about, no sentence and nothing personal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Any

from django.contrib.messages import SUCCESS, WARNING
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from bizsecure.core.cookies import Problem, SignedCookie
from bizsecure.store.cart import LARGEST_QUANTITY, MOST_LINES, SLUG, Flaw, Refusal

REMARKS_COOKIE = SignedCookie("cart-remarks", "store.remarks", max_age=timedelta(minutes=1))
# Every line of a cart may be gone at once, and there are few other things to say.
MOST_REMARKS = MOST_LINES + 8


class News(StrEnum):
    """What became of the cart."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    GONE = "gone"
    UNSOLD = "unsold"
    OVER_LIMIT = "over-limit"
    UNDONE = "undone"
    NOT_UNDONE = "not-undone"


# The product stands behind a colon, so that the sentence is right for one and for many.
SENTENCES: dict[Enum, object] = {
    News.ADDED: _("In your cart: %(product)s."),
    News.CHANGED: _("Quantity saved: %(product)s."),
    News.REMOVED: _("Taken out of your cart: %(product)s."),
    News.GONE: _("No longer for sale, so taken out of your cart: %(product)s."),
    Refusal.FULL: _(
        "Your cart holds up to %(lines)s different products. Take one out to add: %(product)s."
    ),
    Refusal.NOT_IN_CART: _("No longer in your cart, so nothing was changed: %(product)s."),
    Refusal.NOT_FOR_SALE: _("Not for sale, so not put into your cart: %(product)s."),
    Refusal.WRONG_QUANTITY: _(
        "The quantity must be a whole number from 1 to %(quantity)s: %(product)s."
    ),
    Refusal.TOO_MANY: _("More than we sell in one order, so nothing was changed: %(product)s."),
    News.UNDONE: _("Your cart is as it was before you signed in."),
    News.NOT_UNDONE: _("Your cart has changed since you signed in, so nothing was undone."),
    News.UNSOLD: _("No longer for sale, so not part of your order: %(product)s."),
    News.OVER_LIMIT: _("More than we sell in one order. Please lower the quantity: %(product)s."),
    Flaw.UNREADABLE: _("Part of your saved cart could not be read, so we left that part out."),
    Flaw.TOO_MANY_LINES: _("Your saved cart was too long: we kept the first %(lines)s products."),
    Problem.TAMPERED: _("Your saved cart was damaged, so it starts empty."),
    Problem.OVERSIZED: _("Your saved cart was too large to be ours, so it starts empty."),
    Problem.OUTDATED: _("Your saved cart was in an older form, so it starts empty."),
    Problem.EXPIRED: _("Your saved cart was older than 30 days, so it starts empty."),
}
SUBJECTS = {subject.value: subject for subject in SENTENCES}
GOOD_NEWS = {News.ADDED, News.CHANGED, News.REMOVED, News.UNDONE}


@dataclass(frozen=True)
class Remark:
    """One thing to say, about a product where it concerns one."""

    subject: Enum
    slug: str = ""

    def message(self, names: Mapping[str, str]) -> Message:
        """Return the remark in plain words; `names` has the name of each product by its slug."""
        sentence = str(SENTENCES[self.subject]) % {
            "product": names.get(self.slug, _("a product we do not know")),
            "lines": MOST_LINES,
            "quantity": LARGEST_QUANTITY,
        }
        return Message(SUCCESS if self.subject in GOOD_NEWS else WARNING, sentence)


def leave_remarks(response: HttpResponse, remarks: Iterable[Remark]) -> None:
    """Leave these remarks for the next page that looks for them, within a minute."""
    packed = [[remark.subject.value, remark.slug] for remark in dict.fromkeys(remarks)]
    REMARKS_COOKIE.write(response, packed[-MOST_REMARKS:])


def waiting_remarks(request: HttpRequest) -> list[Remark]:
    """Return what an earlier page left to be said. What we do not understand is not said."""
    packed = REMARKS_COOKIE.read(request).value
    if not isinstance(packed, list):
        return []
    return [remark for remark in map(_unpack, packed[:MOST_REMARKS]) if remark]


def drop_remarks(request: HttpRequest, response: HttpResponse) -> None:
    """Have the browser forget remarks that are now said."""
    if REMARKS_COOKIE.key in request.COOKIES:
        REMARKS_COOKIE.clear(response)


def _unpack(packed: Any) -> Remark | None:
    match packed:
        case [str(subject), str(slug)] if subject in SUBJECTS and SLUG.fullmatch(slug or "-"):
            return Remark(SUBJECTS[subject], slug)
    return None
