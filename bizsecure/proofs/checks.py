"""What Django looks at before a site is put in service."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004  Django's own name


@register(deploy=True)
def receipts_say_where_records_are(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of a real site whose receipts would name an invented place."""
    if settings.DEBUG or settings.STORAGE_LOCATION != settings.EXAMPLE_LOCATION:
        return []
    return [
        Warning(
            "STORAGE_LOCATION is the example's: receipts tell customers where records are kept.",
            hint="Set STORAGE_LOCATION to the place and country of the database, in one line. "
            "See docs/checks.md#proofsw001.",
            id="proofs.W001",
        )
    ]
