"""A policy's Markdown as the sections of a page. Pure: no clock, no database.

Links to other sites lead by the page that says so, and are marked (LINK-1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, count

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString  # noqa: TID251 - only for what nh3 has cleaned
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it.token import Token

from bizsecure.core.leaving import leads_away, way_out
from consent.prose import PARSER, inline_text

# The parser makes no other elements. Should a new version of it, nh3 takes them out again.
ELEMENTS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("blockquote", "pre", "code", "em", "strong", "a", "span"),
}
ATTRIBUTES = {"a": {"href", "class"}, "span": {"class"}, "ol": {"start"}}
ADDRESSES = {"https", "http", "mailto"}

NUMBERED = re.compile(r"(?P<number>\d+(?:\.\d+)*)(?:\.|(?<=\.\d))\s+(?P<rest>.+)")


@dataclass(frozen=True)
class Section:
    """A part of a policy under its heading; what stands before the first heading has none.

    `anchor` is made of the words of the heading, so it outlives a new numbering.
    """

    anchor: str
    number: str
    title: str
    html: SafeString


def sections(markdown: str) -> tuple[Section, ...]:
    """Return the sections of a policy: one for each heading of the first and second level."""
    return _sections(markdown, _("(another site)"))


@lru_cache(maxsize=32)
def _sections(markdown: str, mark: str) -> tuple[Section, ...]:
    taken: set[str] = set()
    found = []
    for heading, tokens in _split(PARSER.parse(markdown)):
        if not heading and not tokens:
            continue
        numbered = NUMBERED.fullmatch(heading)
        number, words = numbered.group("number", "rest") if numbered else ("", heading)
        found.append(Section(_anchor(words, taken), number, heading, _html(tokens, mark)))
    return tuple(found)


def _split(tokens: Sequence[Token]) -> Iterator[tuple[str, list[Token]]]:
    heading, body = "", list[Token]()
    rest = iter(tokens)
    for token in rest:
        if token.type == "heading_open" and token.level == 0 and token.tag in {"h1", "h2"}:
            yield heading, body
            heading, body = inline_text(next(rest)), []
            next(rest)
        else:
            body.append(token)
    yield heading, body


def _anchor(words: str, taken: set[str]) -> str:
    name = f"section-{slugify(words, allow_unicode=True) or 'introduction'}"
    repeats = (f"{name}-{number}" for number in count(2))
    anchor = next(anchor for anchor in chain([name], repeats) if anchor not in taken)
    taken.add(anchor)
    return anchor


def _html(tokens: Sequence[Token], mark: str) -> SafeString:
    for token in tokens:
        token.children = list(_marked(token.children or [], mark))
    html = PARSER.renderer.render(tokens, PARSER.options, {})
    return SafeString(nh3.clean(html, tags=ELEMENTS, attributes=ATTRIBUTES, url_schemes=ADDRESSES))


def _marked(children: Sequence[Token], mark: str) -> Iterator[Token]:
    """Send links to other sites by the page that says so, and say it after their words."""
    away = False
    for child in children:
        if child.type == "link_open" and (away := leads_away(str(child.attrs["href"]))):
            child.attrs = {"href": way_out(str(child.attrs["href"])), "class": "away"}
        elif child.type == "link_close" and away:
            words = f'<span class="visually-hidden"> {escape(mark)}</span>'
            yield Token("html_inline", "", 0, content=words)
        yield child
