"""What every page of a signed-in customer shows about policies."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Customer
from consent.pending import Change, changes_at
from consent.position import Position


def open_changes(request: HttpRequest) -> dict[str, Any]:
    """Give templates `open_changes`, asked for only where a page shows the banner."""
    customer = getattr(request, "customer", None)
    if customer is None:
        return {"open_changes": []}
    return {
        "open_changes": SimpleLazyObject(
            lambda: [change for change in changes_of(request, customer) if change.is_open]
        )
    }


def changes_of(request: HttpRequest, customer: Customer) -> list[Change]:
    """Return the changes that concern the customer who asks, asked for once a request."""
    known: list[Change] | None = getattr(request, "known_changes", None)
    if known is None:
        known = changes_at(position_of(request, customer))
        request.known_changes = known  # type: ignore[attr-defined]
    return known


def position_of(request: HttpRequest, customer: Customer) -> Position:
    """Return where the customer who asks stands, read once a request."""
    known: Position | None = getattr(request, "known_position", None)
    if known is None:
        known = Position(customer)
        request.known_position = known  # type: ignore[attr-defined]
    return known
