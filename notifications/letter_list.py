"""Letters for those whom no mail has reached: a PDF, a page each (THIRD-5)."""

from __future__ import annotations

from importlib.resources import files

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fpdf import FPDF

from accounts.models import Customer
from accounts.services.personal import postal_address
from consent.calendar import policy_zone
from notifications.announcement_words import as_text
from notifications.models import Announcement, OutgoingMail, Telling

FONTS = files("unfold") / "static" / "unfold" / "fonts" / "inter"
MARGIN, LINE = 25, 5.5
# Characters that a page holds in the smaller type.
LONGEST_PAGE = 4000


def letters_due(announcement: Announcement) -> list[Customer]:
    """Return the addressees who are untold and for whom no mail is on its way."""
    told = Telling.objects.standing().filter(announcement=announcement, customer=OuterRef("pk"))
    coming = OutgoingMail.objects.live().filter(
        campaign__announcement=announcement, customer=OuterRef("pk")
    )
    mine = Customer.objects.filter(addressed__announcement=announcement)
    due = mine.filter(~Exists(told), ~Exists(coming)).prefetch_related("addresses")
    return list(due.order_by("pk"))


def letters_as_pdf(announcement: Announcement, customers: list[Customer]) -> bytes:
    """Return the letters. Whoever has no postal address gets a page that says so."""
    pdf = FPDF(format="A4")
    for style, weight in (("", "Regular"), ("B", "Bold")):
        pdf.add_font("Inter", style, str(FONTS / f"Inter-{weight}.woff2"))
    pdf.set_margins(MARGIN, MARGIN)
    # A page each: a text that does not fit is set smaller, and only a very long one goes on.
    pdf.set_auto_page_break(auto=len(announcement.text) > LONGEST_PAGE, margin=MARGIN)
    for customer in customers:
        with translation.override(customer.language):
            _letter(pdf, announcement, customer)
    if not customers:
        pdf.set_font("Inter", "", 11)
        pdf.add_page()
        _lines(pdf, _("There is nobody to write to."))
    return bytes(pdf.output())


def _letter(pdf: FPDF, announcement: Announcement, customer: Customer) -> None:
    today = date_format(timezone.localdate(timezone=policy_zone()), "DATE_FORMAT")
    address = postal_address(customer)
    lines = [customer.name, *(address.lines if address else [_("(no postal address is known)")])]
    pdf.add_page()
    pdf.set_font("Inter", "", 8)
    _lines(pdf, settings.POSTAL_ADDRESS)
    pdf.set_y(50)
    pdf.set_font("Inter", "", 11)
    _lines(pdf, "\n".join(lines))
    pdf.set_y(95)
    _lines(pdf, today)
    pdf.ln(LINE)
    pdf.set_font("Inter", "B", 13)
    _lines(pdf, announcement.subject)
    pdf.ln(LINE / 2)
    text = _words(announcement, customer)
    pdf.set_font("Inter", "", 11 if len(text) < 2200 else 8)
    _lines(pdf, text)


def _words(announcement: Announcement, customer: Customer) -> str:
    parts = [_("Hello %(name)s,") % {"name": customer.name}, as_text(announcement.text)]
    if announcement.happens_on:
        facts = {
            "buyer": announcement.buyer,
            "part": announcement.part,
            "day": date_format(announcement.happens_on, "DATE_FORMAT"),
        }
        parts.append(_("On %(day)s %(buyer)s takes over: %(part)s.") % facts)
    parts.append(_("We write to you by letter because no mail of ours reaches you."))
    return "\n\n".join(parts)


def _lines(pdf: FPDF, text: str) -> None:
    pdf.multi_cell(0, LINE, text, align="L", new_x="LMARGIN", new_y="NEXT")
