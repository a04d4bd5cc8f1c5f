"""What a customer's personal information was, and how it came to be what it is (OPT-3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django_countries import countries

from accounts.account_log import named, roles_of
from accounts.actors import ActorKind
from accounts.models import Customer, CustomerKey, ProfileChange

OLD, NEW = "accounts.profilechange.old_value", "accounts.profilechange.new_value"


@dataclass(frozen=True)
class Changed:
    """A change with its values in clear; None where nobody can read them any more."""

    row: ProfileChange
    old: str | None
    new: str | None
    role: str = ""

    @property
    def who(self) -> str:
        """Who changed it. Staff are named by their role."""
        return named(self.row.actor_kind, self.role)

    @property
    def field(self) -> str:
        return self.row.field

    @property
    def at(self) -> datetime:
        return self.row.recorded_at

    @property
    def before(self) -> str:
        """The old value as a page shows it."""
        return readable(self.field, self.old or "")

    @property
    def after(self) -> str:
        return readable(self.field, self.new or "")

    @property
    def is_readable(self) -> bool:
        return self.old is not None and self.new is not None


def readable(field: str, value: str) -> str:
    """A value in the reader's words, where what is kept is a code."""
    if field.endswith("country"):
        return str(countries.name(value)) or value
    return value.replace("_", " ") if field == "time_zone" else value


def place_of(column: str, field: str) -> str:
    """Return for which place the value of a field is sealed; it opens nowhere else."""
    return f"{column}|{field}"


def opened(customer: Customer, rows: Iterable[ProfileChange]) -> Iterator[Changed]:
    """Yield these rows of the customer's history with their values in clear."""
    key = CustomerKey.objects.filter(customer=customer).first()
    for row in rows:
        old = key.open(row.old_value, place_of(OLD, row.field)) if key else None
        new = key.open(row.new_value, place_of(NEW, row.field)) if key else None
        yield Changed(row, old, new)


def shown(customer: Customer, rows: Iterable[ProfileChange]) -> list[Changed]:
    """Return these rows for a page: with their values, and the role of staff who acted."""
    changes = list(opened(customer, rows))
    staff = {each.row.actor_user_id for each in changes if each.row.actor_kind == ActorKind.STAFF}
    roles = roles_of(staff)
    return [replace(each, role=roles.get(each.row.actor_user_id, "")) for each in changes]


def changes_since(customer: Customer, revision: int) -> list[Changed]:
    """Return what was changed after the customer's information was at this revision."""
    rows = ProfileChange.objects.filter(customer=customer, revision__gt=revision)
    return shown(customer, rows.order_by("sequence"))
