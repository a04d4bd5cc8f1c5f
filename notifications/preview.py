"""A message to many as its readers get it, before it is sent."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.announcement_words import compose_announcement
from notifications.models import Announcement

DARK = "@media (prefers-color-scheme: dark)"
PHONE = "<style>html { max-width: 320px; margin: 0 auto; outline: 1px solid #888; }</style></head>"


def preview(announcement: Announcement, form: str, language: str) -> str:
    """Return the mail as text, html, phone or dark, for a reader of a language, without a name."""
    if language not in announcement.languages:
        raise Http404
    with override(language):
        return _shown(compose_announcement(announcement, language), form)


def _shown(words: dict[str, str], form: str) -> str:
    filled = {
        name: text.replace("[[name]]", _("customer")).replace("[[token]]", "example")
        for name, text in words.items()
    }
    if form == "text":
        return f"{filled['subject']}\n\n{filled['text']}"
    html = filled["html"]
    if form == "dark":
        return html.replace(DARK, "@media all")
    if form == "phone":
        return html.replace("</head>", PHONE, 1)
    if form == "html":
        return html
    raise Http404
