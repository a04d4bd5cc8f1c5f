"""Receipts: a row of a ledger, and the way from it to a signed head.

The fields about consent follow ISO/IEC TS 27560. A receipt is checked by `checker.py`, which needs
nothing of ours but the receipt, and can be read in a few minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from accounts.services.closing import TIME_TO_THINK
from bizsecure.core.ledger import LedgerRow
from bizsecure.proofs import merkle
from bizsecure.proofs.models import Head, Part
from consent.disclosed import what_happened
from consent.models import Choice, Disclosure, Notice
from consent.wording import worded

FORMAT = "bizsecure-receipt/1"
# Whose fields the receipt has, where it speaks of consent.
SCHEMA = "ISO/IEC TS 27560:2023"


@dataclass(frozen=True)
class Kind:
    """A ledger of which customers get receipts."""

    name: str
    model: Any
    related: tuple[str, ...]


KINDS = {
    "choice": Kind("choice", Choice, ("use", "version")),
    "notice": Kind("notice", Notice, ("version",)),
    "disclosure": Kind("disclosure", Disclosure, ("recipient",)),
}


def rows_of(kind: Kind, customer: Customer, now: datetime) -> Any:
    """Return the rows of this kind of which the customer may have a receipt, the newest first."""
    rows = kind.model.objects.select_related(*kind.related).order_by("-sequence")
    if kind.model is Disclosure:
        return kind.model.objects.visible_to(customer, now).select_related(*kind.related)
    return worded(rows.filter(customer=customer), "version__translations")


def covered_upto() -> dict[str, int]:
    """Return for each ledger the key of the last row that a signed head covers."""
    latest = Head.objects.first()
    ledgers = latest.contents["ledgers"] if latest else {}
    return {name: ledger["upto"] for name, ledger in ledgers.items()}


def part_of(row: LedgerRow) -> Part | None:
    """Return the part of a signed head that covers a row; None while none does."""
    parts = Part.objects.filter(ledger=row._meta.db_table, first_row__lte=row.pk)
    part = parts.select_related("head").order_by("-first_row").first()
    if part is None or row.pk > part.head.contents["ledgers"][part.ledger]["upto"]:
        return None
    return part


def receipt(kind: Kind, row: Any, customer: Customer) -> dict[str, Any] | None:
    """Return the receipt of a row; None while no signed head covers it, which takes two days."""
    part = part_of(row)
    if part is None:
        return None
    return {
        "format": FORMAT,
        "schema_version": SCHEMA,
        "receipt_id": f"{kind.name}-{customer.number}-{row.sequence}",
        "record_id": f"{part.ledger}-{row.pk}",
        "pii_controller": {
            "name": "BizSecure",
            "role": "PII controller",
            "address": settings.POSTAL_ADDRESS,
            "contact": f"support@{settings.MAIL_DOMAIN}",
            "url": settings.SITE_URL,
        },
        "pii_principal_id": customer.number,
        "privacy_rights": f"{settings.SITE_URL}{reverse('overview')}",
        **_about(row),
        # Of the record itself: what is used is said under `processing`.
        "record_storage": {
            "retention_period": _(
                "for good, without name and address once the account is closed and erased"
            ),
            "storage_locations": [settings.STORAGE_LOCATION],
        },
        "record": {
            "ledger": part.ledger,
            "columns": ["customer_id", "sequence", "previous_hash", *row.hashed],
            "content": row.content(),
            "row_hash": row.row_hash,
        },
        "inclusion": [[side, other.hex()] for side, other in _way_up(row, part)],
        "head": _signed(part.head),
    }


def _signed(head: Head) -> dict[str, str]:
    return {"body": head.body, "signature": head.signature, "public_key": head.public_key}


def _way_up(row: LedgerRow, part: Part) -> list[merkle.Step]:
    every: Any = type(row)._base_manager
    upto = part.head.contents["ledgers"][part.ledger]["upto"]
    mine = every.filter(pk__gte=part.first_row, pk__lte=upto).order_by("pk")
    keys, hashes = zip(*mine.values_list("pk", "row_hash")[: merkle.PART], strict=True)
    leaves = [merkle.leaf_of_row(part.ledger, row_hash) for row_hash in hashes]
    parts = part.head.parts.filter(ledger=part.ledger).order_by("index")
    roots = [bytes.fromhex(root) for root in parts.values_list("root", flat=True)]
    return merkle.way_up(leaves, keys.index(row.pk)) + merkle.way_up(roots, part.index)


def _about(row: Any) -> dict[str, Any]:
    """What the receipt says in words that a person and another system understand."""
    if isinstance(row, Choice):
        declared = row.version.declared_uses.get(use=row.use)
        return {
            "event": {
                "type": row.get_decision_display(),
                "state": row.decision,
                "entity": row.actor_kind,
                "time": row.recorded_at.isoformat(),
                # Until the customer says otherwise; nothing ends by itself.
                "validity_duration": "until changed",
                "way": row.get_method_display(),
                "question_hash": row.question_hash,
            },
            "processing": {
                "purpose": row.use.purpose,
                "pii_categories": row.use.data,
                "recipient": row.use.recipient,
                "lawful_basis": declared.ground,
                "basis": declared.basis,
                "collection_method": row.get_method_display(),
                "withdrawal_method": settings.SITE_URL + reverse("choices"),
                **_kept(),
            },
            "language": row.language,
            "notice": _policy(row.version),
        }
    if isinstance(row, Notice):
        told = {
            "type": row.get_channel_display(),
            "time": row.told_at.isoformat(),
            "message_id": row.message_id,
        }
        return {"event": told, "notice": _policy(row.version)}
    words = {"type": what_happened(row), "time": row.recorded_at.isoformat()}
    return {"event": words, "processing": {"ground": row.get_ground_display(), **_kept()}}


def _kept() -> dict[str, Any]:
    """How long we keep the information that is used, and where."""
    days = TIME_TO_THINK.days
    until = ngettext(
        "until %(days)d day after the customer asks for the account to be closed",
        "until %(days)d days after the customer asks for the account to be closed",
        days,
    )
    return {
        "retention_period": until % {"days": days},
        "storage_locations": [settings.STORAGE_LOCATION],
    }


def _policy(version: Any) -> dict[str, Any]:
    return {
        "title": version.title,
        "version": version.number,
        "text_hash": version.text_hash,
        "address": settings.SITE_URL + version.get_absolute_url(),
    }
