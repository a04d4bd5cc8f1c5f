"""The words of an announcement: the Markdown that staff wrote, as a mail in text and HTML."""

from __future__ import annotations

import re
from typing import Any

import mrml
import nh3
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString  # noqa: TID251 - only for what nh3 has cleaned
from django.utils.translation import gettext as _
from django.utils.translation import override

from consent.prose import PARSER
from notifications.frame import NO_REMOTE_FONTS, REPLY_TO
from notifications.models import Announcement
from notifications.unsubscribing import unsubscribe_url

# No pictures: nothing in a mail of ours is fetched from anywhere.
ELEMENTS = {"p", "h2", "h3", "ul", "ol", "li", "em", "strong", "a", "blockquote"}
ATTRIBUTES = {"a": {"href"}}
ADDRESSES = {"https", "mailto"}
LINK = re.compile(r"\[([^\]\[]+)\]\(\s*<?([^\s()<>]+)>?\s*\)")
MARKS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)


def other_languages() -> list[str]:
    """Return the languages of the site beside the binding one."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def compose_announcement(announcement: Announcement, language: str) -> dict[str, str]:
    """Return subject, text and HTML in a language, with holes for the reader and nothing else.

    What can be stopped has a link to stop it, and the company's postal address.
    """
    with override(language):
        return _composed(announcement)


def _composed(announcement: Announcement) -> dict[str, str]:
    kind, words = announcement.definition, announcement.words
    context: dict[str, Any] = {
        "announcement": announcement,
        "subject": words.subject,
        "kind": kind,
        "greeting": _("Hello [[name]],"),
        "why": kind.why,
        "contact": REPLY_TO,
        "site_url": settings.SITE_URL,
        "postal_address": settings.POSTAL_ADDRESS,
        "unsubscribe": "" if kind.is_essential else unsubscribe_url("[[token]]"),
        "transfer": _transfer(announcement),
    }
    html = {**context, "body": as_html(words.text)}
    text = {**context, "body": as_text(words.text)}
    return {
        "subject": " ".join(words.subject.split()),
        "text": render_to_string("mail/announcement.txt", text).strip() + "\n",
        "html": mrml.to_html(
            render_to_string("mail/announcement.mjml", html), None, NO_REMOTE_FONTS
        ).content,
    }


def as_html(markdown: str) -> SafeString:
    """Return the Markdown as HTML of a mail: no pictures, no scripts, no styles."""
    html = PARSER.render(markdown)
    return SafeString(nh3.clean(html, tags=ELEMENTS, attributes=ATTRIBUTES, url_schemes=ADDRESSES))


def as_text(markdown: str) -> str:
    """Return the Markdown as a text that reads well without being rendered."""
    text = LINK.sub(lambda link: f"{link[1]}: {link[2]}", markdown.replace("\r\n", "\n"))
    text = MARKS.sub(lambda marked: marked[2], text)
    return HEADING.sub(lambda heading: heading[1].upper(), text).strip()


def _transfer(announcement: Announcement) -> dict[str, str] | None:
    if announcement.happens_on is None:
        return None
    return {
        "buyer": announcement.buyer,
        "part": announcement.part,
        "day": date_format(announcement.happens_on, "DATE_FORMAT"),
    }
