"""The signed heads for everybody, and each customer's own receipts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest, customer_required
from bizsecure.proofs import check_receipt
from bizsecure.proofs.models import Head
from bizsecure.proofs.receipts import KINDS, covered_upto, receipt, rows_of

HEADS_SHOWN = 30
RECEIPTS_SHOWN = 20
JSON = "application/json; charset=utf-8"


@require_safe
def heads(request: HttpRequest) -> HttpResponse:
    """The latest heads, and how a receipt is checked with them."""
    latest = list(Head.objects.all()[:HEADS_SHOWN])
    key = latest[0].public_key if latest else ""
    return render(request, "proofs/heads.html", {"heads": latest, "key": key})


@require_safe
def heads_json(request: HttpRequest) -> StreamingHttpResponse:
    """All heads, the first one first, as the program that checks receipts reads them."""
    return StreamingHttpResponse(_listed(), content_type=JSON)


@require_safe
def head(request: HttpRequest, number: int) -> HttpResponse:
    """One head."""
    return HttpResponse(_as_json(get_object_or_404(Head, number=number)), content_type=JSON)


@require_safe
def checker(request: HttpRequest) -> HttpResponse:
    """The program that checks receipts, to be read and run elsewhere."""
    source = Path(check_receipt.__file__).read_text(encoding="utf-8")
    headers = {"Content-Disposition": 'attachment; filename="check_receipt.py"'}
    return HttpResponse(source, content_type="text/x-python; charset=utf-8", headers=headers)


@customer_required
@require_safe
def receipts(request: CustomerRequest) -> HttpResponse:
    """What the customer can have a receipt of: choices, notices and disclosures."""
    now, upto = timezone.now(), covered_upto()
    kinds = [
        (kind, [(row, row.pk <= upto.get(row._meta.db_table, 0)) for row in rows])
        for kind in KINDS.values()
        if (rows := rows_of(kind, request.customer, now)[:RECEIPTS_SHOWN])
    ]
    return render(request, "proofs/receipts.html", {"page": "receipts", "kinds": kinds})


@customer_required
@require_safe
def receipt_file(request: CustomerRequest, kind: str, sequence: int) -> HttpResponse:
    """One receipt. 404 for what is not the customer's, and while no head covers it."""
    known = KINDS.get(kind)
    if known is None:
        raise Http404
    rows = rows_of(known, request.customer, timezone.now())
    document = receipt(known, get_object_or_404(rows, sequence=sequence), request.customer)
    if document is None:
        raise Http404
    name = f'attachment; filename="{document["receipt_id"]}.json"'
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return HttpResponse(text, content_type=JSON, headers={"Content-Disposition": name})


def _listed() -> Any:
    yield '{"heads": ['
    separator = ""
    for each in Head.objects.order_by("number").iterator(chunk_size=500):
        yield separator + _as_json(each)
        separator = ",\n"
    yield "]}\n"


def _as_json(head: Head) -> str:
    signed = {"body": head.body, "signature": head.signature, "public_key": head.public_key}
    return json.dumps(signed)
