"""What a reader sees of a policy's Markdown. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

# HTML in a policy is shown as the text it is, and pictures would come from somewhere else.
PARSER = MarkdownIt("commonmark", {"html": False}).disable("image")


class Paragraph(NamedTuple):
    """A paragraph, a point of a list, or a heading, as plain text in one line."""

    text: str
    heading: bool


def paragraphs(markdown: str) -> list[Paragraph]:
    """Return the paragraphs of a text as they read, without the marks of Markdown.

    Where a link leads is part of the text: it is added in brackets, unless it says so itself.
    """
    return [paragraph for paragraph in _paragraphs(PARSER.parse(markdown)) if paragraph.text]


def _paragraphs(tokens: Sequence[Token]) -> Iterator[Paragraph]:
    heading = False
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            heading = token.type == "heading_open"
        elif token.type == "inline":
            yield Paragraph(inline_text(token), heading)
        elif token.type in {"fence", "code_block"}:
            yield Paragraph(_one_line(token.content), heading=False)


def inline_text(token: Token) -> str:
    """Return what stands in a block, in one line, with the addresses that links lead to."""
    parts: list[str] = []
    addresses: list[str] = []
    for child in token.children or []:
        if child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif child.type == "link_open":
            addresses = [] if child.info == "auto" else [str(child.attrs["href"])]
        elif child.type == "link_close":
            parts.extend(f" ({address})" for address in addresses)
        else:
            parts.append(child.content)
    return _one_line("".join(parts))


def _one_line(text: str) -> str:
    return " ".join(text.split())
