"""The mail that everybody sends: the words of our own campaign."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from html import escape
from pathlib import Path

from django.core.mail import EmailMultiAlternatives


@lru_cache(maxsize=1)
def words() -> dict[str, str]:
    """Return subject, text and HTML with their holes."""
    known: dict[str, str] = json.loads(Path(os.environ["PEERS_WORDS"]).read_text(encoding="utf-8"))
    return known


def values(number: int) -> dict[str, str]:
    """What a customer's mail says that no other's does."""
    name = f"Customer Nº {number}"
    return {"name": name, "link": f"https://www.example.com/choose/{number:086d}/"}


def filled(text: str, number: int) -> str:
    """Return the words of one customer."""
    for field, value in values(number).items():
        text = text.replace(f"[[{field}]]", value)
    return text


def address(number: int) -> str:
    """Return where a customer's mail goes."""
    return f"customer-{number}@customers.example"


def message(number: int) -> EmailMultiAlternatives:
    """Return the mail of one customer, made by Django."""
    known = words()
    mail = EmailMultiAlternatives(
        known["subject"], filled(known["text"], number), known["sender"], [address(number)]
    )
    html = known["html"].replace("[[name]]", escape(values(number)["name"]))
    mail.attach_alternative(filled(html, number), "text/html")
    return mail
