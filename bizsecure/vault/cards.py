"""What a card is, as far as it is known from its digits. Pure: no clock, no database.

Nothing here shows more than the last four digits of itself, whatever prints, logs or formats it:
a traceback or an error page holds what its variables say of themselves (SEC-1).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from bizsecure.core.digits import LONGEST_NUMBER, SHORTEST_NUMBER, bare_digits, luhn_holds

SHOWN_DIGITS = 4
# A card is valid for five years at most places; a date beyond twenty is a slip of the finger.
LONGEST_VALIDITY_YEARS = 20


class Brand(models.TextChoices):
    """Whose network a card belongs to."""

    VISA = "visa", "Visa"
    MASTERCARD = "mastercard", "Mastercard"
    AMEX = "amex", "American Express"
    DISCOVER = "discover", "Discover"
    DINERS = "diners", "Diners Club"
    JCB = "jcb", "JCB"
    UNIONPAY = "unionpay", "UnionPay"
    MAESTRO = "maestro", "Maestro"
    # What a provider keeps for us and names in no word of ours.
    OTHER = "other", _("Card")


class CardState(models.TextChoices):
    """What has become of a card."""

    CHECKING = "checking", _("Being checked")
    CONFIRMING = "confirming", _("Waits for you to confirm it")
    READY = "ready", _("Ready to pay with")
    REFUSED = "refused", _("Not accepted")
    REMOVED = "removed", _("Removed")

    @classmethod
    def held(cls) -> list[CardState]:
        """The states in which the number, or a token for it, is kept."""
        return [cls.CHECKING, cls.CONFIRMING, cls.READY]

    @classmethod
    def unsettled(cls) -> list[CardState]:
        """The states in which the card company has not said its last word."""
        return [cls.CHECKING, cls.CONFIRMING]

    @classmethod
    def shown(cls) -> list[CardState]:
        """The states that the customer sees; what was removed is in the log alone."""
        return [*cls.held(), cls.REFUSED]


class Mistake(Enum):
    """What can be wrong with a card; the value is the sentence people read."""

    NOT_DIGITS = _("A card number has digits only. Spaces and dashes between them are fine.")
    WRONG_LENGTH = _("This number is too short or too long. Please compare it with your card.")
    MISTYPED = _("This is no card number: a digit is wrong. Please compare it with your card.")
    UNKNOWN_BRAND = _("We do not know this kind of card. Please use another one.")
    NO_DATE = _("Type the date as it stands on the card: month and year, as in 04/28.")
    EXPIRED = _("This card has expired. Please use another one.")
    DATE_TOO_FAR = _("No card is valid for that long. Please compare the date with your card.")
    WRONG_CODE = _("The security code has three digits, on American Express cards four.")


class Decline(Enum):
    """Why a card company said no; the value is the sentence the customer reads."""

    REFUSED = _("Your bank declined the payment and gave no reason. It can tell you why.")
    TOO_LITTLE_MONEY = _("Your bank declined the payment: there is not enough money on the card.")
    EXPIRED = _("The card has expired. Please use another one.")
    WRONG_CODE = _("The security code is not the one of this card.")
    WRONG_NUMBER = _("Your bank does not know a card of this number.")
    LOST_OR_STOLEN = _("Your bank does not accept this card any more. Please use another one.")
    NOT_CONFIRMED = _("The payment was not confirmed with your bank.")
    NOT_SUPPORTED = _("This card cannot be used for payments of this kind. Please use another.")
    TRY_LATER = _("Your bank could not be asked just now. Please try again in some minutes.")
    NOT_ASKED = _("We could not reach the card company. Please enter the card again.")

    @property
    def word(self) -> str:
        """How it is written down."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Decline:
        """Return the reason behind a word; one that nobody knows gives no reason."""
        return next((reason for reason in cls if reason.word == word), cls.REFUSED)


class NotACard(Exception):
    """What was typed is no card. It knows the mistake and nothing of what was typed."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.name)
        self.mistake = mistake


@dataclass(frozen=True)
class _Range:
    brand: Brand
    first: int
    last: int
    lengths: range

    def holds(self, digits: str) -> bool:
        return self.first <= int(digits[: len(str(self.first))]) <= self.last


# The narrower range stands before the wider one that it is part of.
_RANGES = (
    _Range(Brand.AMEX, 34, 34, range(15, 16)),
    _Range(Brand.AMEX, 37, 37, range(15, 16)),
    _Range(Brand.DINERS, 300, 305, range(16, 20)),
    _Range(Brand.DINERS, 3095, 3095, range(16, 20)),
    _Range(Brand.DINERS, 36, 36, range(14, 20)),
    _Range(Brand.DINERS, 38, 39, range(16, 20)),
    _Range(Brand.JCB, 3528, 3589, range(16, 20)),
    _Range(Brand.VISA, 4, 4, range(13, 20)),
    _Range(Brand.MASTERCARD, 51, 55, range(16, 17)),
    _Range(Brand.MASTERCARD, 2221, 2720, range(16, 17)),
    _Range(Brand.DISCOVER, 6011, 6011, range(16, 20)),
    _Range(Brand.DISCOVER, 644, 649, range(16, 20)),
    _Range(Brand.DISCOVER, 65, 65, range(16, 20)),
    _Range(Brand.UNIONPAY, 62, 62, range(16, 20)),
    _Range(Brand.UNIONPAY, 81, 81, range(16, 20)),
    _Range(Brand.MAESTRO, 50, 50, range(12, 20)),
    _Range(Brand.MAESTRO, 56, 69, range(12, 20)),
)


class _Hidden:
    """Keeps digits and shows of them what `shown` says, and is neither copied to disk nor sent."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        self._digits = digits

    @property
    def shown(self) -> str:
        return "..."

    def __repr__(self) -> str:
        return f"<{self.shown}>"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("This stays in memory: it is never pickled, queued or cached.")


class CardNumber(_Hidden):
    """A number that passed the checks. Its digits are `reveal`ed in the vault and nowhere else."""

    __slots__ = ()

    @classmethod
    def typed(cls, text: str) -> CardNumber:
        """Return the number somebody typed. Raises NotACard with what is wrong with it."""
        digits = bare_digits(text)
        if not digits:
            raise NotACard(Mistake.NOT_DIGITS)
        if not SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER:
            raise NotACard(Mistake.WRONG_LENGTH)
        if not luhn_holds(digits):
            raise NotACard(Mistake.MISTYPED)
        number = cls(digits)
        if len(digits) not in number._range.lengths:
            raise NotACard(Mistake.WRONG_LENGTH)
        return number

    @property
    def brand(self) -> Brand:
        return self._range.brand

    @property
    def last_four(self) -> str:
        return self._digits[-SHOWN_DIGITS:]

    @property
    def shown(self) -> str:
        return f"card ending in {self.last_four}"

    @property
    def _range(self) -> _Range:
        for known in _RANGES:
            if known.holds(self._digits):
                return known
        raise NotACard(Mistake.UNKNOWN_BRAND)

    def reveal(self) -> str:
        """Return all the digits, to seal them or to hand them to the card company."""
        return self._digits

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CardNumber) and self._digits == other._digits

    __hash__ = None  # type: ignore[assignment]


class SecurityCode(_Hidden):
    """The code on the back of a card: in memory, used once, and gone (PCI 3.3.1)."""

    __slots__ = ()

    @classmethod
    def typed(cls, text: str, brand: Brand) -> SecurityCode:
        """Return the code somebody typed. Raises NotACard if no such card has one like it."""
        digits = bare_digits(text) or ""
        if len(digits) != (4 if brand is Brand.AMEX else 3):
            raise NotACard(Mistake.WRONG_CODE)
        return cls(digits)

    @property
    def shown(self) -> str:
        return "security code"

    def take(self) -> str:
        """Return the code and forget it: whoever asks a second time gets nothing."""
        digits, self._digits = self._digits, ""
        return digits


@dataclass(frozen=True, order=True)
class Expiry:
    """The last month in which a card is good."""

    year: int
    month: int

    @classmethod
    def typed(cls, text: str, today: date) -> Expiry:
        """Return the date somebody typed, such as 04/28 or 4 / 2028. Raises NotACard.

        A year of two digits is in the century of `today`.
        """
        month, slash, year = text.strip().partition("/")
        digits = (bare_digits(month) or "", bare_digits(year) or "")
        if not slash or len(digits[0]) not in {1, 2} or len(digits[1]) not in {2, 4}:
            raise NotACard(Mistake.NO_DATE)
        century = today.year // 100 * 100 if len(digits[1]) == 2 else 0
        expiry = cls(year=century + int(digits[1]), month=int(digits[0]))
        if not 1 <= expiry.month <= 12:
            raise NotACard(Mistake.NO_DATE)
        if expiry.is_over(today):
            raise NotACard(Mistake.EXPIRED)
        if expiry.year > today.year + LONGEST_VALIDITY_YEARS:
            raise NotACard(Mistake.DATE_TOO_FAR)
        return expiry

    @property
    def last_day(self) -> date:
        """A card is good until the month it names has ended."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def is_over(self, today: date) -> bool:
        return self.last_day < today

    def __str__(self) -> str:
        return f"{self.month:02}/{self.year % 100:02}"


@dataclass(frozen=True)
class CardDetails:
    """A card as it goes to the card company: what its number says of itself is four digits."""

    number: CardNumber
    expiry: Expiry
    holder: str

    def __repr__(self) -> str:
        return f"<{self.number.brand.label} {self.number.shown}, {self.expiry}>"

    __str__ = __repr__


@dataclass(frozen=True)
class KeptCard:
    """A card that a provider keeps: its token, and what may be known of it to recognize it."""

    token: str
    brand: Brand
    last_four: str
    expiry: Expiry

    def __repr__(self) -> str:
        return f"<{self.brand.label} ending in {self.last_four}>"
