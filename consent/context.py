"""What every page of a signed-in customer shows about policies."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from consent.pending import open_changes as find_open_changes


def open_changes(request: HttpRequest) -> dict[str, Any]:
    """Give templates `open_changes`, asked for only where a page shows the banner."""
    customer = getattr(request, "customer", None)
    if customer is None:
        return {"open_changes": []}
    return {"open_changes": SimpleLazyObject(lambda: find_open_changes(customer))}
