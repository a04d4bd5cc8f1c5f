"""What an editor is shown whom another one overtook: nothing typed is lost, nothing overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Customer
from accounts.profile_history import Changed, changes_since, readable


@dataclass(frozen=True)
class Meanwhile:
    """A field that was changed while somebody was typing: what it was, is, and would become."""

    change: Changed
    old: str | None
    typed: str

    @property
    def before(self) -> str:
        return readable(self.change.field, self.old or "")

    @property
    def wanted(self) -> str:
        """What was typed, as a page shows it."""
        return readable(self.change.field, self.typed)

    @property
    def is_conflict(self) -> bool:
        """Whether both changed it, and to different values."""
        return self.typed not in (self.old, self.change.new)


def changed_meanwhile(
    customer: Customer, revision: int, typed: Mapping[str, Any]
) -> list[Meanwhile]:
    """Return what was changed since the editor's revision, each field once."""
    first: dict[str, str | None] = {}
    latest: dict[str, Changed] = {}
    for change in changes_since(customer, revision):
        first.setdefault(change.field, change.old)
        latest[change.field] = change
    return [
        Meanwhile(change, first[name], str(typed.get(name) or ""))
        for name, change in latest.items()
    ]


def caught_up(
    customer: Customer, typed: Mapping[str, Any], meanwhile: list[Meanwhile]
) -> dict[str, Any]:
    """Return the form again: as typed, but as it is now where the editor had changed nothing."""
    untouched = {
        each.change.field: each.change.new
        for each in meanwhile
        if each.typed == each.old and each.change.new is not None
    }
    return {**typed, **untouched, "revision": customer.revision}
