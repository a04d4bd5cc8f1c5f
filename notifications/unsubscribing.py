"""The way out of what can be stopped: a link for one customer and one use (RFC 8058, RFC 2369).

The token never expires and needs no row. It can do nothing but say no to this use.
"""

from __future__ import annotations

from django.conf import settings

from bizsecure.core.keyring import keyring
from consent.models import Use
from notifications.kinds import Kind

PURPOSE = "unsubscribe"
# An address of the site that scripts and mail programs know; bizsecure.urls has it, too.
PATH = "/u/"
OPT_OUT_MAILBOX = f"optout@{settings.MAIL_DOMAIN}"


def unsubscribe_token(*, customer_id: int, use: str) -> str:
    """Return the token that stands for this customer and this use, and for nothing else."""
    return sealed_token(customer_id, use_id_of(use))


def sealed_token(customer_id: int, use_id: int) -> str:
    """Return the same for whoever knows the use already, and makes many."""
    return keyring().seal_link(PURPOSE, customer_id, use_id)


def use_id_of(use: str) -> int:
    """Return the primary key of a use, which never changes."""
    return int(Use.objects.values_list("pk", flat=True).get(key=use))


def open_unsubscribe_token(token: str) -> tuple[int, int] | None:
    """Return the customer and the use a token stands for, or None for any other text."""
    return keyring().open_link(PURPOSE, token)


def unsubscribe_url(token: str) -> str:
    """Return the whole address of the link, slash included: nobody may be redirected there."""
    return f"{settings.SITE_URL}{PATH}{token}/"


def list_headers(kind: Kind) -> dict[str, str]:
    """Return the headers of what can be stopped, with a hole for the token; none otherwise.

    The mail relay that signs our mail must sign both headers, List-Unsubscribe-Post too.
    """
    if kind.is_essential:
        return {}
    link = unsubscribe_url("[[token]]")
    by_mail = f"mailto:{OPT_OUT_MAILBOX}?subject=unsubscribe%20[[token]]"
    return {
        "List-Unsubscribe": f"<{link}>, <{by_mail}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-ID": kind.list_name,
    }
