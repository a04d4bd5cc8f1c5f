"""What every page of a signed-in customer shows about messages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from notifications.pending import open_announcements as find_open_announcements


def open_announcements(request: HttpRequest) -> dict[str, Any]:
    """Give templates `open_announcements`, asked for only where a page shows the banner."""
    customer = getattr(request, "customer", None)
    if customer is None:
        return {"open_announcements": []}
    return {"open_announcements": SimpleLazyObject(lambda: find_open_announcements(customer))}
