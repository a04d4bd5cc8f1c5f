"""Customers out to a file and in from one. Nothing of a file is kept on our side."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from accounts import exchange
from accounts.actors import Actor, Channel
from accounts.admin.asking import StaffForm
from accounts.admin.letters import LetterPages
from accounts.admin.looking import ReasonForm
from accounts.admin.record import StaffRequest, terms_door
from accounts.models import Customer
from accounts.services.acting import Asked
from accounts.services.exchanging import (
    EXPORT,
    IMPORT,
    MOST_AT_ONCE,
    export_customers,
    look_to_compare,
)
from accounts.validators import plain_line
from bizsecure.core.admin import sent
from bizsecure.core.errors import Refused
from bizsecure.core.keyring import Tampered, keyring

LARGEST_FILE = 100 * 1024


class ExportForm(ReasonForm):
    """Who is exported, and why."""

    numbers = forms.CharField(
        label=gettext_lazy("Customer numbers, one a line"),
        max_length=20 * MOST_AT_ONCE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "class": "monospace"}),
    )
    field_order = ("numbers", "reason", "case_number", "words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("You export them")

    def clean_numbers(self) -> list[str]:
        return re.findall(r"[A-Z0-9-]+", self.cleaned_data["numbers"].upper())


class ImportForm(StaffForm):
    """A file, and what it is founded on."""

    file = forms.FileField(label=gettext_lazy("CSV file"), widget=UnfoldAdminFileFieldWidget)
    asked_on = forms.DateField(
        label=gettext_lazy("The customers asked on"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=40,
        validators=[plain_line],
        help_text=gettext_lazy("Where their requests are kept. The customers read it."),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(_("A file of at most 100 kilobytes, please."), code="large")
        try:
            text: str = file.read().decode("utf-8-sig")
            exchange.read(text)
        except UnicodeDecodeError:
            raise ValidationError(_("This file is not written in UTF-8."), code="coding") from None
        except exchange.Unreadable as problem:
            raise ValidationError(str(problem), code="unreadable") from problem
        return text


class ConfirmedForm(forms.Form):
    """What was compared, sealed for who compared it, on its way back to be brought in."""

    compared = forms.CharField(max_length=3 * LARGEST_FILE, widget=forms.HiddenInput)


class ExchangePages(LetterPages):
    """The pages of export and import."""

    def has_export_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm(EXPORT)

    def has_import_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm(IMPORT)

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Export"), url_path="export", permissions=["export"]
    )
    def export_page(self, request: StaffRequest) -> HttpResponse:
        """A file of exactly these customers; a look at each is written down first."""
        if closed := terms_door(request):
            return closed
        form = ExportForm(sent(request))
        if form.is_valid():
            try:
                found = export_customers(actor=Actor.staff(request.user), **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, refused.sentence)
            else:
                return _file("".join(exchange.as_csv(found)))
        context = {"title": _("Export customers"), "form": form, "back": _customers()}
        return self.page(request, "admin/accounts/export.html", context)

    @action(  # type: ignore[untyped-decorator]
        description=gettext_lazy("Import"), url_path="import", permissions=["import"]
    )
    def import_page(self, request: StaffRequest) -> HttpResponse:
        """What a file would change; and, confirmed, changing it."""
        if closed := terms_door(request):
            return closed
        if "compared" in request.POST:
            return self._bring_in(request)
        form = ImportForm(sent(request), request.FILES or None)
        context = {"title": _("Import customers"), "form": form, "back": _customers()}
        if form.is_valid():
            facts = {
                "text": form.cleaned_data["file"],
                "asked_on": form.cleaned_data["asked_on"].isoformat(),
                "reference": form.cleaned_data["reference"],
            }
            try:
                context |= self._compare(request, facts)
            except Refused as refused:
                form.add_error(None, refused.sentence)
        return self.page(request, "admin/accounts/import.html", context)

    def _compare(self, request: StaffRequest, facts: dict[str, Any]) -> dict[str, Any]:
        actor = Actor.staff(request.user)
        rows = exchange.read(facts["text"])
        numbers = exchange.numbers_in(rows)
        look_to_compare(numbers=numbers, case_number=facts["reference"], actor=actor)
        known = Customer.objects.filter(number__in=numbers).values_list("number", "revision")
        facts["revisions"] = dict(known)
        compared = exchange.bring_in(
            rows, asked=_asked(facts), actor=actor, revisions=facts["revisions"], dry_run=True
        )
        mistaken = any(row.mistakes for row in compared)
        changing = [row for row in compared if row.differences]
        return {
            "rows": [row for row in compared if row.differences or row.mistakes],
            "same": sum(not row.differences and not row.mistakes for row in compared),
            "mistaken": mistaken,
            "compared": "" if mistaken or not changing else _sealed(request, facts),
            "looked": True,
        }

    def _bring_in(self, request: StaffRequest) -> HttpResponse:
        form = ConfirmedForm(request.POST)
        facts = _opened(request, form.cleaned_data["compared"]) if form.is_valid() else None
        if facts is None:
            self.message_user(request, _("Please choose the file again."), "error")
            return redirect(request.path)
        rows = exchange.bring_in(
            exchange.read(facts["text"]),
            asked=_asked(facts),
            actor=Actor.staff(request.user),
            revisions=facts["revisions"],
            dry_run=False,
        )
        if any(row.mistakes for row in rows):
            context = {"title": _("Import customers"), "form": ImportForm(), "back": _customers()}
            wrong = {"rows": [row for row in rows if row.mistakes], "mistaken": True}
            return self.page(request, "admin/accounts/import.html", {**context, **wrong})
        changed = sum(bool(row.differences) for row in rows)
        said = ngettext("%d customer was changed.", "%d customers were changed.", changed)
        self.message_user(request, said % changed, "success")
        return redirect(_customers())


def _asked(facts: Mapping[str, Any]) -> Asked:
    day = forms.DateField().clean(facts["asked_on"])
    return Asked(Channel.IMPORT, day, facts["reference"])


def _place(request: StaffRequest) -> bytes:
    return f"accounts.import|{request.user.pk}".encode()


def _sealed(request: StaffRequest, facts: Mapping[str, Any]) -> str:
    plain = json.dumps(facts, ensure_ascii=False).encode()
    return base64.b64encode(keyring().seal(plain, _place(request))).decode()


def _opened(request: StaffRequest, compared: str) -> dict[str, Any] | None:
    try:
        plain = keyring().open(base64.b64decode(compared, validate=True), _place(request))
    except (binascii.Error, ValueError, Tampered):
        return None
    facts: dict[str, Any] = json.loads(plain)
    return facts


def _customers() -> str:
    return reverse("admin:accounts_customer_changelist")


def _file(text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return answer
