"""Customers, and where they live."""

from __future__ import annotations

import secrets
import uuid
import zoneinfo
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.address_format import format_of
from accounts.digests import AddressDigest, address_digest
from accounts.lookup import (
    NUMBER,
    FoldedName,
    TelephoneDigest,
    TurnedName,
    folded,
    telephone_digest,
    turned,
)
from accounts.models.users import User
from bizsecure.core.sealing import SealedCharField

# Without letters and digits that are taken for one another when read aloud.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 8
# What is computed from which column.
DERIVED = {
    "email": ("address_digest",),
    "name": ("folded_name", "turned_name"),
    "telephone": ("telephone_digest",),
}


def new_number() -> str:
    """Return a customer number that tells nothing, not even how many customers there are."""
    return "BZ-" + "".join(secrets.choice(NUMBER_ALPHABET) for _each in range(NUMBER_LENGTH))


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Questions about customers."""

    def served(self) -> CustomerQuerySet:
        """Customers whose account is not closed; suspended ones are served and told like others."""
        return self.exclude(status=Customer.Status.CLOSED)

    def staying(self) -> CustomerQuerySet:
        """Customers who are served and have not asked us to close their account."""
        return self.served().exclude(status=Customer.Status.CLOSING)

    def with_address(self, address: str) -> CustomerQuerySet:
        """Customers to whom we would write at this address, however its letters are written."""
        return self.filter(address_digest=address_digest(address))

    def reachable_by_mail(self) -> CustomerQuerySet:
        """Customers who proved that their address is theirs."""
        return self.filter(email_verified_at__isnull=False).exclude(email="")

    def locked(self, keys: Iterable[int]) -> CustomerQuerySet:
        """These customers, held until the transaction ends, always in the same order.

        Whoever adds to the ledgers of a customer holds the customer, so that rows of one
        chain are written one after another.
        """
        those = {"pk__in" if isinstance(keys, models.QuerySet) else "pk__among": keys}
        return self.filter(**those).order_by("pk").select_for_update(no_key=True)

    def found_by(self, typed: str) -> CustomerQuerySet:
        """Customers with exactly this number, address or telephone number, or a name like this.

        A name is found by how it begins, or by how its last word begins.
        """
        typed = typed.strip()
        if NUMBER.fullmatch(typed):
            return self.filter(number=typed.upper())
        if "@" in typed:
            return self.with_address(typed)
        if any(each.isdigit() for each in typed):
            telephone = telephone_digest(typed)
            return self.filter(telephone_digest=telephone) if telephone else self.none()
        name = folded(typed)
        if not name:
            return self.none()
        return self.filter(Q(folded_name__begins=name) | Q(turned_name__begins=name))

    def update(self, **columns: Any) -> int:
        """Update as Django does, and what is derived from a column along with it."""
        if "email" in columns:
            email = columns["email"]
            columns["address_digest"] = address_digest(email) if email else None
        if "name" in columns:
            name = columns["name"]
            columns["folded_name"] = folded(name) or None
            columns["turned_name"] = turned(name) or None
        return super().update(**columns)


class Customer(models.Model):
    """A person or company that we serve. May exist without a sign-in (OPT-4)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("In good standing")
        SUSPENDED = "suspended", _("Suspended")
        # Asked for, and still to be undone: signing in works, no use of choice goes on.
        CLOSING = "closing", _("Being closed")
        CLOSED = "closed", _("Closed")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("customer number"), max_length=16, default=new_number, unique=True)
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="customer"
    )
    name = models.CharField(_("name"), max_length=200)
    folded_name = FoldedName(max_length=200)
    turned_name = TurnedName(max_length=200)
    company = SealedCharField(_("company"), max_length=200, null=True)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    address_digest = AddressDigest(of="email")
    email_verified_at = models.DateTimeField(_("address proven"), null=True, blank=True)
    telephone = SealedCharField(_("telephone"), max_length=40, null=True)
    telephone_digest = TelephoneDigest(max_length=40)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.ACTIVE
    )
    language = models.CharField(_("language"), max_length=16, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/New_York")
    joined_at = models.DateTimeField(_("customer since"), default=timezone.now, editable=False)
    # Counts the changes of personal information, so that two editors notice each other.
    revision = models.PositiveIntegerField(default=0, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email_verified_at__isnull=True) | ~Q(email=""),
                name="customer_proven_address_is_known",
            ),
        ]
        indexes = [
            # In the order of the staff's list, which many who came at one moment must not slow.
            models.Index(fields=["joined_at", "id"], name="customer_joined"),
            models.Index(fields=["status", "joined_at", "id"], name="customer_status_joined"),
            models.Index(fields=["email"], name="customer_email"),
            models.Index(fields=["address_digest"], name="customer_address_digest"),
            # The few whom no mail of ours reaches.
            models.Index(
                fields=["id"],
                name="customer_unproven",
                condition=Q(email_verified_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Save as Django does, and what is derived from a column along with it."""
        if update_fields is not None:
            update_fields = set(update_fields)
            for column in update_fields & DERIVED.keys():
                update_fields = {*update_fields, *DERIVED[column]}
        super().save(*args, update_fields=update_fields, **options)

    @property
    def first_name(self) -> str:
        """What we greet the customer with: the first word of the name."""
        return self.name.split(maxsplit=1)[0] if self.name.strip() else ""

    @property
    def is_told_by_letter(self) -> bool:
        """Whether no mail of ours reaches the customer, as far as we know."""
        return self.user_id is None and self.email_verified_at is None

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which the customer reads times."""
        return zoneinfo.ZoneInfo(self.time_zone)


class Address(models.Model):
    """An address of a customer. Everything but the country is sealed (SEC-1)."""

    class Kind(models.TextChoices):
        BILLING = "billing", _("Billing address")
        POSTAL = "postal", _("Postal address")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.BILLING)
    street = SealedCharField(_("street and number"), max_length=200, null=True)
    extra = SealedCharField(_("apartment, building"), max_length=200, null=True)
    city = SealedCharField(_("city"), max_length=120, null=True)
    region = SealedCharField(_("state or region"), max_length=120, null=True)
    postcode = SealedCharField(_("postal code"), max_length=20, null=True)
    country = CountryField(_("country"), blank=True)

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind"], name="address_one_of_each_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.uid}"

    @property
    def lines(self) -> list[str]:
        """The address as it is written on a letter in its country, without the name."""
        names = ("street", "extra", "city", "region", "postcode")
        values = {name: str(getattr(self, name) or "") for name in names}
        lines = format_of(str(self.country or "")).lines(values)
        return [*lines, str(self.country.name)] if self.country else lines
