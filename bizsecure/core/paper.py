"""Empty PDF files, to be written on.

What makes them takes longer to load than anything else the portal needs, and most of its
processes never write one: it is loaded when somebody asks for the first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF


def empty_pdf(size: str) -> FPDF:
    """Return a file without a page yet, whose pages will be of this size: "A4" or "letter"."""
    pdf: FPDF = import_module("fpdf").FPDF(format=size)
    return pdf
