"""What the company sells, and at which price since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext_lazy as _
from moneyed import Money

from bizsecure.core.ledger import AppendOnlyRow
from bizsecure.store.cart import LARGEST_QUANTITY, LONGEST_SLUG
from bizsecure.store.pricing import SELLING_CURRENCY, Period


class Kind(models.TextChoices):
    """What sort of thing a product is."""

    HOSTING = "hosting", _("Hosting")
    DOMAIN = "domain", _("Domain name")
    CERTIFICATE = "certificate", _("Certificate")
    SCANNING = "scanning", _("Security scanning")
    BACKUP = "backup", _("Backups")


class ProductQuerySet(models.QuerySet["Product"]):
    """Questions about the catalogue."""

    def on_sale(self) -> ProductQuerySet:
        return self.filter(is_on_sale=True)

    def named(self, slugs: Iterable[str]) -> ProductQuerySet:
        """Products with these slugs, on sale or not; slugs nobody knows find nothing."""
        return self.filter(slug__in=set(slugs))

    def with_prices(self, at: datetime) -> ProductQuerySet:
        """Load prices along: `prices.all()` of each product is what counts at `at`."""
        return self.prefetch_related(Prefetch("prices", Price.objects.current(at).in_order()))


class Product(models.Model):
    """Something a customer can buy. Retired by taking it off sale, never by deleting it."""

    slug = models.SlugField(_("short name in addresses"), max_length=LONGEST_SLUG, unique=True)
    name = models.CharField(_("name"), max_length=100)
    summary = models.CharField(_("summary"), max_length=300)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    delivered_by = models.CharField(
        _("delivered by"), max_length=100, blank=True, help_text=_("Empty when we do it ourselves.")
    )
    partner_receives = models.CharField(
        _("what the partner receives"),
        max_length=200,
        blank=True,
        help_text=_("Said before one buys. Reads after “receives”."),
    )
    description = models.TextField(
        _("description"), blank=True, help_text=_("For the product's own page; a paragraph a line.")
    )
    availability = models.CharField(
        _("availability"), max_length=120, blank=True, help_text=_("When it works after one pays.")
    )
    largest_quantity = models.PositiveSmallIntegerField(
        _("most in one order"),
        default=LARGEST_QUANTITY,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_QUANTITY)],
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_on_sale = models.BooleanField(_("on sale"), default=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ("position", "slug")
        constraints = [
            # Nobody buys from a partner without having been told what the partner receives.
            models.CheckConstraint(
                condition=Q(delivered_by="", partner_receives="")
                | (~Q(delivered_by="") & ~Q(partner_receives="")),
                name="product_partner_and_what_it_receives",
                violation_error_message=_("Name the partner and what it receives, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="product_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(largest_quantity__range=(1, LARGEST_QUANTITY)),
                name="product_can_be_bought",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Feature(models.Model):
    """What a product offers in one respect: a row of the comparison table."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="features")
    name = models.CharField(_("name"), max_length=60)
    value = models.CharField(_("value"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ("position", "name")
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="feature_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class PriceQuerySet(models.QuerySet["Price"]):
    """Questions about prices."""

    def of(self, slug: str, period: str) -> PriceQuerySet:
        """Prices of a product, if it is on sale at all, for a period."""
        return self.filter(product__slug=slug, product__is_on_sale=True, period=period)

    def current(self, at: datetime) -> PriceQuerySet:
        """The prices that count at `at`: of each product and period the latest to have begun."""
        begun = self.filter(currency=SELLING_CURRENCY.code, valid_from__lte=at)
        later = Price.objects.filter(
            product=OuterRef("product"),
            period=OuterRef("period"),
            currency=OuterRef("currency"),
            valid_from__lte=at,
            valid_from__gt=OuterRef("valid_from"),
        )
        return begun.filter(~Exists(later))

    def in_order(self) -> PriceQuerySet:
        """The cheaper first, so that the month stands before the year."""
        return self.order_by("amount", "pk")


class Price(AppendOnlyRow):
    """What a product costs for a period from a moment on.

    Rows are only ever added: another price is another row, and the database refuses the rest.
    So what a product cost on any day can always be said.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="prices")
    amount = models.DecimalField(
        _("amount"),
        max_digits=10,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    currency = models.CharField(_("currency"), max_length=3, default=SELLING_CURRENCY.code)
    period = models.CharField(_("for each"), max_length=8, choices=Period.choices)
    valid_from = models.DateTimeField(_("valid from"))

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering = ("product", "period", "-valid_from")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "period", "currency", "valid_from"], name="price_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_above_zero"),
            models.CheckConstraint(
                condition=Q(period__in=Period.values), name="price_for_a_known_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}, {self.get_period_display()}"

    @property
    def money(self) -> Money:
        """The amount with its currency."""
        return Money(self.amount, self.currency)
