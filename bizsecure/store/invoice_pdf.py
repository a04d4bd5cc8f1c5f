"""An invoice as a PDF file, from the same frozen rows as the page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.staticfiles import finders
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bizsecure.core.paper import empty_pdf
from bizsecure.store.models import Invoice, Order
from bizsecure.store.pricing import FALLBACK_LOCALE, written

if TYPE_CHECKING:
    from fpdf import FPDF

# Every reader of PDF files has it, for the letters of western Europe.
PLAIN = "Helvetica"
# The typeface of the site, for names in other letters of Latin, and in Greek and Cyrillic. It
# goes into the file, which takes a second to make.
EMBEDDED = "Inter"
FONTS = {"": "Inter-Regular.woff2", "B": "Inter-SemiBold.woff2"}
MARGIN, LINE = 20, 6
COLUMNS = (88, 34, 18, 30)


def invoice_as_pdf(invoice: Invoice) -> bytes:
    """Return the file. The same invoice gives the same words every time."""
    page = empty_pdf("letter")
    page.set_creation_date(invoice.issued_at)
    page.set_title(f"{invoice.get_kind_display()} {invoice.label}")
    page.set_lang(get_language() or FALLBACK_LOCALE)
    page.set_margins(MARGIN, MARGIN)
    page.set_font(_typeface(page, invoice))
    page.add_page()
    _head(page, invoice)
    _lines(page, invoice.order)
    _totals(page, invoice.order)
    return bytes(page.output())


def _typeface(page: FPDF, invoice: Invoice) -> str:
    billing = getattr(invoice.order, "billing", None)
    words = [billing.name, *billing.lines] if billing else []
    words += [str(invoice.get_kind_display()), invoice.seller, _amount(invoice.order.money)]
    words += [f"{line.name} {line.get_period_display()}" for line in invoice.order.lines.all()]
    try:
        "".join(words).encode("latin-1")
    except UnicodeEncodeError:
        for style, file in FONTS.items():
            page.add_font(EMBEDDED, style, _font(file))
        return EMBEDDED
    return PLAIN


def _head(page: FPDF, invoice: Invoice) -> None:
    order = invoice.order
    _write(page, f"{invoice.get_kind_display()} {invoice.label}", size=18, style="B", height=12)
    issued = date_format(timezone.localtime(invoice.issued_at), "DATE_FORMAT")
    _write(page, _("Issued on %s") % issued)
    _write(page, _("Order %s") % order.number)
    page.ln(LINE)
    _write(page, _("From"), style="B")
    _write(page, invoice.seller)
    page.ln(LINE)
    _write(page, _("To"), style="B")
    billing = getattr(order, "billing", None)
    _write(page, "\n".join([billing.name, *billing.lines]) if billing else _("Erased"))
    page.ln(LINE)


def _lines(page: FPDF, order: Order) -> None:
    page.set_font("", size=10)
    heads = (_("Product"), _("Price"), _("Quantity"), _("Total"))
    with page.table(
        col_widths=COLUMNS,
        text_align=("LEFT", "RIGHT", "RIGHT", "RIGHT"),
        borders_layout="HORIZONTAL_LINES",
        line_height=LINE,
    ) as table:
        table.row(heads)
        for line in order.lines.all():
            price = f"{_amount(line.unit_money)} {line.get_period_display()}"
            table.row((line.name, price, str(line.quantity), _amount(line.net_money)))


def _totals(page: FPDF, order: Order) -> None:
    page.ln(LINE)
    if order.tax:
        _write(page, f"{_('Before tax')}: {_amount(order.net_money)}", align="R")
        names = {line.tax_name for line in order.lines.all() if line.tax_name}
        _write(page, f"{', '.join(sorted(names))}: {_amount(order.tax_money)}", align="R")
    _write(page, f"{_('Total')}: {_amount(order.money)}", size=12, style="B", align="R")
    if not order.tax:
        _write(page, _("No sales tax is charged."), align="R")


def _write(
    page: FPDF, text: str, *, size: int = 10, style: str = "", align: str = "L", height: int = LINE
) -> None:
    page.set_font("", style, size)
    page.multi_cell(0, height, text, align=align, new_x="LMARGIN", new_y="NEXT")


def _amount(money: object) -> str:
    return written(money, get_language() or FALLBACK_LOCALE)  # type: ignore[arg-type]


@cache
def _font(file: str) -> Path:
    return Path(str(finders.find(f"unfold/fonts/inter/{file}")))
