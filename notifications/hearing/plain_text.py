"""The words of a mail, and which of them its writer wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

# Where the mail that is answered begins: what the usual programs write above it.
QUOTE_BEGINS = re.compile(
    r"""^\s*(?:
        >                                                # quoted
        | -{2,}\s*(?:original|forwarded|urspr|message|mensaje|messaggio|oprindelig|ursprung|reply)
        | _{10,}                                         # the line of Outlook
        | (?:on|am|le|el|il|op|em|den|dnia|dne|на|в)\s.{4,200}[:\uff1a]\s*$  # On ... wrote:
        | \d{4}[-年/.].{4,200}[:\uff1a]\s*$               # 2026-11-25 ... wrote:
        | (?:from|von|de|da|van|från|fra|od|от)\s*:\s.*(?:@|\[mailto) # the headers of Outlook
    )""",
    re.IGNORECASE | re.VERBOSE,
)
SIGNATURE = re.compile(r"^(?:-- ?|—|__)\s*$")
SENT_FROM = re.compile(
    r"^\s*(?:sent from|sent via|get outlook|gesendet|von meinem|envoyé d|enviado d|inviato da"
    r"|verzonden|skickat från|sendt fra|wysłane z|отправлено|diperoleh|iphone)",
    re.IGNORECASE,
)
# The sentence that a mail program puts into a mail it wrote at one press.
BY_A_PROGRAM = re.compile(
    r"^\s*this (?:message|e-?mail) was (?:automatically|auto-) ?generated", re.IGNORECASE
)
SILENT = {"script", "style", "title", "template"}
BREAKING = {"blockquote", "br", "p", "div", "tr", "li", "h1", "h2", "h3", "hr", "table", "ul", "ol"}
TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
LONGEST_LINE = 1_000


def own_words(text: str) -> str:
    """Return what the writer of a mail added: no quotes, no signature, no line of a program."""
    kept: list[str] = []
    lines = text.splitlines()
    marks_quotes = any(line.lstrip().startswith(">") for line in lines)
    for line in lines:
        if SIGNATURE.match(line):
            break
        if QUOTE_BEGINS.match(line[:LONGEST_LINE]):
            # What is quoted is marked line by line, or else reaches to the end.
            if marks_quotes:
                continue
            break
        if not SENT_FROM.match(line) and not BY_A_PROGRAM.match(line):
            kept.append(line)
    return "\n".join(kept).strip()


def from_html(markup: str) -> str:
    """Return the words of HTML, without what it quotes. Whatever is not HTML is words.

    Not with the standard library's parser, which takes minutes for what was written to that end.
    """
    lines = (" ".join(line.split()) for line in unescape("".join(_words(markup))).splitlines())
    return "\n".join(line for line in lines if line)


def _words(markup: str) -> Iterator[str]:
    """Yield what stands between tags. Each step goes forward, so none is taken twice."""
    at = quoted = 0
    while (opens := markup.find("<", at)) >= 0:
        if not quoted:
            yield markup[at:opens]
        ending = "-->" if markup.startswith("<!--", opens) else ">"
        closes = markup.find(ending, opens)
        if closes < 0:
            at = len(markup)
            break
        name = TAG.match(markup, opens + 1)
        tag = name[2].lower() if name else ""
        at = closes + len(ending)
        if tag in SILENT and name and not name[1]:
            # Nothing in it is words, up to its own end.
            end = re.compile(f"</{tag}", re.IGNORECASE).search(markup, at)
            at = end.start() if end else len(markup)
        elif tag == "blockquote" and name:
            quoted = max(0, quoted - 1) if name[1] else quoted + 1
        if tag in BREAKING:
            yield "\n"
    if not quoted:
        yield markup[at:]
