"""The page that shows caught mails, to a browser on this machine only.

A mail is written by anybody, so nothing in it may run: every word is escaped, the HTML part
stands in a sandboxed frame without scripts, and no request leaves the machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from bizsecure.local.mailbox import Head, Mail, Mailbox

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
# Mails style themselves inline. The sandbox holds also when the part is opened by itself.
PART_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"
)
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d6dedb, #2c3836);
  --quiet: light-dark(#4b5a56, #a3b2ae); --link: light-dark(#14594b, #6fcab3); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem; font: 1rem/1.5 system-ui, sans-serif;
  background: light-dark(#f4f6f5, #0e1413); color: light-dark(#14201e, #e7eeec); }
h1 { font-size: 1.375rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.0625rem; margin: 1.5rem 0 .5rem; }
p { margin: 0 0 1rem; color: var(--quiet); }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: light-dark(#fff, #161d1c); }
caption { text-align: start; padding: .5rem 0; color: var(--quiet); }
th, td { text-align: start; vertical-align: top; padding: .5rem .75rem;
  border: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { white-space: nowrap; }
td a { display: inline-block; min-height: 1.5rem; }
pre, iframe { width: 100%; margin: 0; border: 1px solid var(--line); border-radius: 6px; }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-family: ui-monospace,
  monospace; background: light-dark(#fff, #161d1c); }
iframe { height: 40rem; resize: vertical; background: #fff; }
"""


def serve(mailbox: Mailbox, port: int) -> ThreadingHTTPServer:
    """Return a server of the page on 127.0.0.1, not yet serving."""

    class Handler(_Handler):
        box = mailbox

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


class _Handler(BaseHTTPRequestHandler):
    box: Mailbox
    server_version = "mail"
    sys_version = ""

    def do_GET(self) -> None:
        # A page elsewhere could let its own name point to this machine and read along; such a
        # request still carries that name.
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in {"localhost", "127.0.0.1"}:
            self._answer("Ask for this page as localhost.", HTTPStatus.MISDIRECTED_REQUEST, "plain")
            return
        path = urlsplit(self.path).path
        for pattern, show in ROUTES.items():
            found = re.fullmatch(pattern, path)
            if found:
                show(self, *found.groups())
                return
        self._nothing_here()

    def show_list(self) -> None:
        self._answer(list_page(self.box.newest_first()))

    def show_style(self) -> None:
        self._answer(STYLE, kind="css")

    def show_mail(self, name: str) -> None:
        mail = self.box.open(name)
        if mail is None:
            self._nothing_here()
        else:
            self._answer(mail_page(mail))

    def show_html(self, name: str) -> None:
        mail = self.box.open(name)
        if mail is None or mail.html is None:
            self._nothing_here()
        else:
            self._answer(with_new_tabs(mail.html), policy=PART_POLICY)

    def _nothing_here(self) -> None:
        self._answer(page("No such mail", _back()), HTTPStatus.NOT_FOUND)

    def _answer(
        self,
        content: str,
        status: HTTPStatus = HTTPStatus.OK,
        kind: str = "html",
        policy: str = PAGE_POLICY,
    ) -> None:
        body = content.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", f"text/{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its given name
        """Stay silent: the mails that arrive are worth a line, looking at them is not."""


ROUTES: dict[str, Callable[..., None]] = {
    r"/": _Handler.show_list,
    r"/style\.css": _Handler.show_style,
    r"/mail/([0-9-]+)/": _Handler.show_mail,
    r"/mail/([0-9-]+)/html": _Handler.show_html,
}


def list_page(heads: Iterator[Head]) -> str:
    """Return the page that lists mails, newest first."""
    rows = "".join(_row(head) for head in heads)
    if not rows:
        return page("Caught mail", "<p>No mail has been sent yet.</p>")
    titles = "".join(f'<th scope="col">{title}</th>' for title in ("Subject", "To", "From", "When"))
    table = (
        "<table><caption>Nothing here has left this machine. Newest first.</caption>"
        f"<thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"
    )
    scrolled = f'<div class="scroll" role="region" aria-label="Mails" tabindex="0">{table}</div>'
    return page("Caught mail", scrolled)


def mail_page(mail: Mail) -> str:
    """Return the page of one mail: its HTML in a frame, its text, its headers."""
    parts = [_back()]
    if mail.html is not None:
        parts.append(
            '<h2>HTML</h2><iframe src="html" title="The mail as HTML" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        )
    if mail.text is not None:
        parts.append(f"<h2>Text</h2><pre>{linked(mail.text)}</pre>")
    rows = "".join(
        f'<tr><th scope="row">{escape(field)}</th><td>{escape(value)}</td></tr>'
        for field, value in mail.headers
    )
    parts.append(
        "<h2>Headers</h2><table><caption>Return-Path and Delivered-To are the envelope.</caption>"
        f"<tbody>{rows}</tbody></table>"
    )
    return page(mail.head.subject or "(no subject)", "".join(parts))


def page(title: str, content: str) -> str:
    """Return a whole page; the content is HTML, the title plain words."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )


def linked(text: str) -> str:
    """Return plain words as HTML, with every web address a link that opens a new tab."""
    done, last = [], 0
    for found in LINK.finditer(text):
        address = escape(found.group())
        done.append(escape(text[last : found.start()]))
        done.append(f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>')
        last = found.end()
    return "".join([*done, escape(text[last:])])


def with_new_tabs(html: str) -> str:
    """Return a mail's HTML so that its links open outside the frame it is shown in."""
    base = '<base target="_blank">'
    head = re.search(r"<head[^>]*>", html, re.IGNORECASE)
    return f"{html[: head.end()]}{base}{html[head.end() :]}" if head else f"{base}{html}"


def _row(head: Head) -> str:
    caught = datetime.fromtimestamp(head.caught_at, UTC).astimezone()
    return (
        f'<tr><td><a href="/mail/{head.name}/">{escape(head.subject) or "(no subject)"}</a></td>'
        f"<td>{escape(', '.join(head.envelope.recipients))}</td>"
        f"<td>{escape(head.envelope.sender) or 'nobody (a bounce)'}</td>"
        f'<td><time datetime="{caught.isoformat()}">{caught:%Y-%m-%d %H:%M:%S %Z}</time></td></tr>'
    )


def _back() -> str:
    return '<p><a href="/">All mails</a></p>'
