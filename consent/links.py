"""The address in a mail under which a customer answers without signing in."""

from __future__ import annotations

from bizsecure.core.keyring import keyring

PURPOSE = "choose"


def choose_token(*, customer_id: int, version_id: int) -> str:
    """Return the token that stands for this customer and this change, and for nothing else."""
    return keyring().seal_link(PURPOSE, customer_id, version_id)


def open_choose_token(token: str) -> tuple[int, int] | None:
    """Return the customer and the change a token stands for, or None for any other text."""
    return keyring().open_link(PURPOSE, token)
