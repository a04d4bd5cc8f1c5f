"""Cards, and what happened to them. Touched by the services of this room and by nobody else."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, CustomerRow
from bizsecure.core.digits import LONGEST_NUMBER
from bizsecure.core.ledger import ledger_constraints
from bizsecure.core.sealing import SealedCharField
from bizsecure.vault.cards import SHOWN_DIGITS, Brand, CardState, Decline, Expiry
from bizsecure.vault.checking import CHECK_KEY, Check
from bizsecure.vault.retention import AFTER_EXPIRY, LONGEST_CHECK, REMIND_AHEAD, UNUSED_FOR

LONGEST_HOLDER = 60
# What a provider appends to the addresses of its pages is long.
LONGEST_URL = 2000


class CardQuerySet(models.QuerySet["Card"]):
    """Questions about cards."""

    def visible_to(self, customer: Customer) -> Self:
        """The cards a customer has or is adding, the newest first."""
        return self.filter(customer=customer, state__in=CardState.shown()).order_by(
            "-added_at", "-pk"
        )

    def held(self) -> Self:
        """Cards whose number or token we keep."""
        return self.filter(state__in=CardState.held())

    def ready(self) -> Self:
        return self.filter(state=CardState.READY)

    def good_on(self, today: date) -> Self:
        """Cards that can be paid with on a day."""
        return self.ready().filter(
            Q(year__gt=today.year) | Q(year=today.year, month__gte=today.month)
        )

    def perhaps_needless(self, now: datetime) -> Self:
        """Cards of which `retention.no_longer_needed` may say that their number is to go."""
        long_over = (now - AFTER_EXPIRY).date()
        return self.held().filter(
            Q(state__in=CardState.unsettled(), added_at__lte=now - LONGEST_CHECK)
            | Q(year__lt=long_over.year)
            | Q(year=long_over.year, month__lt=long_over.month)
            | Q(added_at__lte=now - UNUSED_FOR)
        )

    def about_to_expire(self, today: date) -> Self:
        """Cards that are good until some day of the next month, and that nobody reminded of."""
        ahead = today + REMIND_AHEAD
        soon = Q(year__lt=ahead.year) | Q(year=ahead.year, month__lte=ahead.month)
        return self.good_on(today).filter(soon).exclude(events__kind="expiring")

    def refused_since(self, moment: datetime) -> Self:
        return self.filter(state=CardState.REFUSED, added_at__gte=moment)

    def unsettled(self) -> Self:
        """Cards of which the card company has not said the last word."""
        return self.filter(state__in=CardState.unsettled())

    def due(self, now: datetime) -> Self:
        """Cards about which the card company is to be asked again."""
        return self.unsettled().filter(due_at__lte=now).order_by("due_at", "pk")


class Card(models.Model):
    """A card of a customer. Its number is sealed, and there only while it is needed.

    Where a provider keeps the number, its token stands here in place of it. Brand, last four
    digits and date are all that any page shows; the security code is never stored.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cards")
    state = models.CharField(
        _("status"), max_length=16, choices=CardState.choices, default=CardState.CHECKING
    )
    sealed_number = SealedCharField(max_length=LONGEST_NUMBER, null=True)
    sealed_token = SealedCharField(max_length=120, null=True)
    holder = SealedCharField(_("name on the card"), max_length=LONGEST_HOLDER, null=True)
    brand = models.CharField(_("brand"), max_length=16, choices=Brand.choices, blank=True)
    last_four = models.CharField(_("last four digits"), max_length=SHOWN_DIGITS, blank=True)
    month = models.PositiveSmallIntegerField(_("good until, month"), null=True)
    year = models.PositiveSmallIntegerField(_("good until, year"), null=True)
    added_at = models.DateTimeField(_("added"))
    last_used_at = models.DateTimeField(_("last paid with"), null=True)
    # The check with the card company: what it called it, where the customer confirms it, why it
    # said no, and when it is asked again.
    reference = models.CharField(max_length=120, blank=True)
    confirm_url = models.URLField(max_length=LONGEST_URL, blank=True)
    decline = models.CharField(max_length=32, blank=True)
    due_at = models.DateTimeField(null=True)

    objects = CardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CardState.values), name="card_in_a_known_state"
            ),
            # What is not needed any more is not there (PCI 3.2.1).
            models.CheckConstraint(
                condition=Q(state__in=["checking", "confirming", "ready"])
                | Q(sealed_number__isnull=True, sealed_token__isnull=True, holder__isnull=True),
                name="card_gone_is_gone",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | (
                    ~Q(brand="")
                    & ~Q(last_four="")
                    & Q(month__isnull=False, year__isnull=False)
                    & (
                        Q(sealed_number__isnull=False, sealed_token__isnull=True)
                        | Q(sealed_number__isnull=True, sealed_token__isnull=False)
                    )
                ),
                name="card_ready_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(month__isnull=True) | Q(month__gte=1, month__lte=12),
                name="card_until_a_month",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="card_due"),
            models.Index(fields=["year", "month"], name="card_until"),
        ]

    def __str__(self) -> str:
        return f"card {self.uid}"

    def get_absolute_url(self) -> str:
        return reverse("card", args=[self.uid])

    @property
    def open_check(self) -> Check:
        """What whoever checks this card is told of it."""
        return Check(
            uid=self.uid,
            key=f"{CHECK_KEY}{self.uid}",
            customer=self.customer,
            page=self.get_absolute_url(),
            began_at=self.added_at,
            reference=self.reference,
        )

    @property
    def expiry(self) -> Expiry | None:
        """The last month in which it is good, where that is known."""
        if self.year is None or self.month is None:
            return None
        return Expiry(self.year, self.month)

    def is_over(self, today: date) -> bool:
        return self.expiry is not None and self.expiry.is_over(today)

    @property
    def label(self) -> str:
        """How people tell their cards apart."""
        if not self.last_four:
            return str(_("New card"))
        return str(
            _("%(brand)s ending in %(digits)s")
            % {"brand": self.get_brand_display(), "digits": self.last_four}
        )

    @property
    def why_refused(self) -> str:
        """What the card company said, as a sentence."""
        return str(Decline.of(self.decline).value)

    @property
    def is_ready(self) -> bool:
        return self.state == CardState.READY

    @property
    def is_confirming(self) -> bool:
        return self.state == CardState.CONFIRMING

    @property
    def is_checking(self) -> bool:
        return self.state == CardState.CHECKING

    @property
    def is_refused(self) -> bool:
        return self.state == CardState.REFUSED


class CardEventQuerySet(models.QuerySet["CardEvent"]):
    """Questions about what happened to cards."""

    def newest_first(self) -> Self:
        return self.order_by("-recorded_at", "-sequence").select_related("card")


class CardEvent(CustomerRow):
    """That something happened to a card: when, and by whom."""

    class Kind(models.TextChoices):
        ADDED = "added", _("Card added")
        ACCEPTED = "accepted", _("Card checked and accepted")
        REFUSED = "refused", _("Card refused by the card company")
        UNCHECKED = "unchecked", _("Card forgotten: it could not be checked")
        REMOVED = "removed", _("Card removed")
        EXPIRING = "expiring", _("Card about to expire")
        EXPIRED = "expired", _("Card forgotten: it had expired")
        UNUSED = "unused", _("Card forgotten: it was not used for a long time")

    hashed = ("card_id", "kind", "actor_kind", "actor_user_id", "recorded_at")

    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)

    objects = CardEventQuerySet.as_manager()

    class Meta:
        constraints = ledger_constraints("card_event")

    def __str__(self) -> str:
        return f"{self.kind} {self.recorded_at:%Y-%m-%d}"
