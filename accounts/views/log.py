"""The account log, to read and to take away."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest, customer_required
from accounts.account_log import LogEntry, LogPage, Place, entries_of, every_entry
from accounts.log_files import as_csv, as_json
from accounts.log_filter import LogFilterForm

ENTRIES_A_PAGE = 50
FILES: dict[str, Any] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_json, "application/json; charset=utf-8"),
}


@customer_required
@require_safe
def account_log(request: CustomerRequest) -> HttpResponse:
    """Everything that happened to the account, the newest first (DATA-2)."""
    form = LogFilterForm(request.GET)
    page, before = LogPage(), Place.read(request.GET.get("before", ""))
    if form.is_valid():
        page = entries_of(
            request.customer,
            number=ENTRIES_A_PAGE,
            kinds=form.kinds,
            before=before or form.end,
            since=form.beginning,
        )
    context = {
        "page": "log",
        "form": form,
        "days": _by_day(page.entries),
        "log": page,
        "is_first_page": before is None,
        "filter": _filter_of(request),
    }
    return render(request, "accounts/log.html", context, status=422 if form.errors else 200)


@customer_required
@require_safe
def log_file(request: CustomerRequest, ending: str) -> HttpResponseBase:
    """The log as a file, or the part of it that the page shows."""
    form = LogFilterForm(request.GET)
    if not form.is_valid():
        return account_log(request)
    entries = every_entry(request.customer, kinds=form.kinds, before=form.end, since=form.beginning)
    write, content_type = FILES[ending]
    response = StreamingHttpResponse(
        write(entries, request.customer.zone), content_type=content_type
    )
    name = f"account-log-{request.customer.number}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _by_day(entries: list[LogEntry]) -> list[tuple[date, list[LogEntry]]]:
    """The entries of each day of the reader's calendar, the newest day first."""
    days = groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())
    return [(day, list(of_day)) for day, of_day in days]


def _filter_of(request: CustomerRequest) -> str:
    """How the address of a page says what is shown on it, without the place."""
    asked = {name: request.GET.get(name, "") for name in LogFilterForm.base_fields}
    return urlencode({name: value for name, value in asked.items() if value})
