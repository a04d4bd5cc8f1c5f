"""Who has received what: for each customer their own, for everybody the counts of a year."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest, customer_required
from bizsecure.core.spreadsheets import lines_of_csv
from consent.calendar import in_policy_zone
from consent.disclosed import COLUMNS, disclosure_row
from consent.models import Disclosure
from consent.transparency import as_rows, yearly_counts
from consent.who_has_it import who_has_it

CSV = "text/csv; charset=utf-8"


@customer_required
@require_safe
def disclosures(request: CustomerRequest) -> HttpResponse:
    """Who received what of the customer, when, why, for which order, and how it went."""
    context = {"page": "disclosures", "who": who_has_it(request.customer, timezone.now())}
    return render(request, "consent/disclosures.html", context)


@customer_required
@require_safe
def disclosures_csv(request: CustomerRequest) -> HttpResponse:
    """The same as a table to take away."""
    rows = _rows(request)
    table = ([_written(value) for value in row.values()] for row in rows)
    return HttpResponse(
        [*lines_of_csv([COLUMNS]), *lines_of_csv(table)],
        content_type=CSV,
        headers=_named(request, "csv"),
    )


@customer_required
@require_safe
def disclosures_json(request: CustomerRequest) -> HttpResponse:
    """The same for machines."""
    rows = [{name: _written(value) for name, value in row.items()} for row in _rows(request)]
    return HttpResponse(
        json.dumps(rows, ensure_ascii=False, indent=2),
        content_type="application/json; charset=utf-8",
        headers=_named(request, "json"),
    )


@require_safe
@in_policy_zone
def transparency(request: HttpRequest) -> HttpResponse:
    """How often anything was disclosed, by year, ground and kind of recipient (DISC-2)."""
    return render(request, "consent/transparency.html", {"years": yearly_counts(timezone.now())})


@require_safe
@in_policy_zone
def transparency_csv(request: HttpRequest) -> HttpResponse:
    """The same as a table."""
    rows = lines_of_csv(as_rows(yearly_counts(timezone.now())))
    headers = {"Content-Disposition": 'attachment; filename="transparency.csv"'}
    return HttpResponse(list(rows), content_type=CSV, headers=headers)


def _rows(request: CustomerRequest) -> Iterator[Mapping[str, Any]]:
    rows = Disclosure.objects.visible_to(request.customer, timezone.now()).with_outcome()
    yield from (disclosure_row(row) for row in rows.iterator(chunk_size=2000))


def _written(value: Any) -> Any:
    return (
        timezone.localtime(value).isoformat(timespec="seconds") if hasattr(value, "hour") else value
    )


def _named(request: CustomerRequest, ending: str) -> dict[str, str]:
    name = f"who-has-it-{request.customer.number}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}
