"""Letters as a PDF, a page each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Customer
from accounts.services.claiming import IssuedCode
from accounts.services.personal import postal_address
from bizsecure.core.paper import empty_pdf
from consent.calendar import policy_zone
from consent.models import PolicyVersion
from notifications.announcement_words import as_text
from notifications.frame import REPLY_TO
from notifications.models import Announcement

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = files("unfold") / "static" / "unfold" / "fonts" / "inter"
MARGIN, LINE = 25, 5.5
# Characters that a page holds in the smaller type.
LONGEST_PAGE = 4000


def letters_as_pdf(
    about: Announcement | PolicyVersion,
    customers: Iterable[Customer],
    codes: Mapping[int, IssuedCode],
) -> bytes:
    """Return the letters, each in the language of its reader, with the code for a sign-in if any.

    Whoever has no postal address gets a page that says so.
    """
    pdf = empty_pdf("A4")
    for style, weight in (("", "Regular"), ("B", "Bold")):
        pdf.add_font("Inter", style, str(FONTS / f"Inter-{weight}.woff2"))
    pdf.set_margins(MARGIN, MARGIN)
    for customer in customers:
        with translation.override(customer.language):
            _letter(pdf, about, customer, codes.get(customer.pk))
    if not pdf.page:
        pdf.set_font("Inter", "", 11)
        pdf.add_page()
        _lines(pdf, _("There is nobody to write to."))
    return bytes(pdf.output())


def letter_words(
    about: Announcement | PolicyVersion, customer: Customer, code: IssuedCode | None
) -> tuple[str, str]:
    """Return the subject and the text of a letter, in the language that is on."""
    context: dict[str, Any] = {
        "name": customer.name,
        "number": customer.number,
        "code": code.code if code else "",
        "code_until": date_format(code.claim.expires_at, "DATE_FORMAT") if code else "",
        "claim_url": settings.SITE_URL + reverse("claim"),
        "site_url": settings.SITE_URL,
        "contact": REPLY_TO,
    }
    if isinstance(about, Announcement):
        day = date_format(about.happens_on, "DATE_FORMAT") if about.happens_on else ""
        context |= {"announcement": about, "body": as_text(about.words.text), "day": day}
        template, subject = "announcement", about.words.subject
    else:
        day = date_format(about.effective_on, "DATE_FORMAT") if about.effective_on else ""
        asked = [declared.words.question for declared in about.new_uses()]
        context |= {"effective": day, "points": about.words.summary_lines, "new_uses": asked}
        context["policy_url"] = settings.SITE_URL + about.get_absolute_url()
        template = "policy_notice"
        subject = render_to_string("mail/policy_notice.subject.txt", context)
    text = render_to_string(f"notifications/letters/{template}.txt", context)
    return " ".join(subject.split()), text.strip()


def _letter(
    pdf: FPDF,
    about: Announcement | PolicyVersion,
    customer: Customer,
    code: IssuedCode | None,
) -> None:
    subject, text = letter_words(about, customer, code)
    # A page each: a text that does not fit is set smaller, and only a very long one goes on.
    pdf.set_auto_page_break(auto=len(text) > LONGEST_PAGE, margin=MARGIN)
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
    _lines(pdf, subject)
    pdf.ln(LINE / 2)
    pdf.set_font("Inter", "", 11 if len(text) < 1600 else 8)
    _lines(pdf, text, LINE if len(text) < 1600 else 4)


def _lines(pdf: FPDF, text: str, height: float = LINE) -> None:
    pdf.multi_cell(0, height, text, align="L", new_x="LMARGIN", new_y="NEXT")
