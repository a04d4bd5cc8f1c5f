"""The mailbox of the company, by IMAP: read what is in it, and take out what is stored."""

from __future__ import annotations

import imaplib
import re
import ssl
from typing import Any, Self
from urllib.parse import unquote, urlsplit

PATIENCE = 30
PORTS = {"imaps": 993, "imap+tls": 143, "imap": 143}


class InboxUnavailable(Exception):
    """The mailbox cannot be reached, or does not answer as one. The mails are safe in it."""


class Inbox:
    """A connection to the mailbox, opened on entering and closed on leaving.

    `url` is imaps://user:password@host/FOLDER, with imap+tls for STARTTLS. Mails are known by
    their UID, so that what others do in the mailbox moves nothing.
    """

    def __init__(self, url: str, *, most_octets: int) -> None:
        self._parts = urlsplit(url)
        self._most = most_octets
        self._session: imaplib.IMAP4

    def __enter__(self) -> Self:
        try:
            self._session = self._connected()
            try:
                self._open_folder()
            except (OSError, imaplib.IMAP4.error):
                self._session.shutdown()
                raise
        except (OSError, imaplib.IMAP4.error) as problem:
            raise InboxUnavailable(type(problem).__name__) from None
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            # Also removes for good what was taken out.
            self._session.close()
            self._session.logout()
        except (OSError, imaplib.IMAP4.error):
            # What was taken out is marked, and removed by the next who looks.
            self._session.shutdown()

    def numbers(self) -> list[str]:
        """Return the UIDs of the mails that are in it and not marked as taken out."""
        (answer,) = self._ask("SEARCH", None, "UNDELETED")[:1]
        return answer.decode("ascii", "replace").split() if isinstance(answer, bytes) else []

    def fetch(self, number: str) -> bytes | None:
        """Return a mail, its beginning if it is larger than we keep, or None if it is gone."""
        parts = self._ask("FETCH", number, f"(BODY.PEEK[]<0.{self._most}>)")
        return next((part[1] for part in parts if isinstance(part, tuple)), None)

    def take_out(self, number: str) -> None:
        """Take a mail out of the mailbox: mark it, for leaving the mailbox removes it."""
        self._ask("STORE", number, "+FLAGS.SILENT", r"(\Deleted)")

    def _connected(self) -> imaplib.IMAP4:
        parts = self._parts
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        session: imaplib.IMAP4
        if parts.scheme == "imaps":
            context = ssl.create_default_context()
            session = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=PATIENCE)
        else:
            session = imaplib.IMAP4(host, port, timeout=PATIENCE)
        return session

    def _open_folder(self) -> None:
        parts, session = self._parts, self._session
        if parts.scheme == "imap+tls":
            session.starttls(ssl.create_default_context())
        session.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        status, _answer = session.select(_quoted(folder))
        if status != "OK":
            raise session.error("no such folder")

    def _ask(self, command: str, *arguments: Any) -> list[Any]:
        try:
            status, answer = self._session.uid(command, *arguments)
        except (OSError, imaplib.IMAP4.error) as problem:
            raise InboxUnavailable(type(problem).__name__) from None
        if status != "OK":
            raise InboxUnavailable(command)
        return list(answer)


def _quoted(folder: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", folder) + '"'
