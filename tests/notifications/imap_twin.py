"""A mailbox on this machine that speaks as much IMAP as the portal asks of one."""

from __future__ import annotations

import re
import socketserver
from collections.abc import Callable
from threading import Thread
from typing import Self


class ImapTwin:
    """The server. `mails` are by their UID; `deleted` are the UIDs marked so and not removed."""

    user, password = "portal@bizsecure.com", "s3cret words"

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.deleted: set[int] = set()
        # Whether to fall silent in the middle of the next command of this name.
        self.breaks_at = ""
        self.logins: list[bool] = []
        twin = self

        class Handler(_Conversation):
            box = twin

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        port = self._server.server_address[1]
        return f"imap://portal%40bizsecure.com:s3cret%20words@127.0.0.1:{port}/Post%20in"

    def put(self, *mails: bytes) -> None:
        for mail in mails:
            self.mails[max(self.mails, default=0) + 1] = mail


class _Conversation(socketserver.StreamRequestHandler):
    box: ImapTwin

    def handle(self) -> None:
        self._say(b"* OK ready")
        answers: dict[str, Callable[[bytes, str], None]] = {
            "CAPABILITY": self._capability,
            "LOGIN": self._login,
            "SELECT": self._select,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "UID STORE": self._store,
            "CLOSE": self._close,
            "LOGOUT": self._logout,
        }
        while line := self.rfile.readline():
            tag, _, rest = line.strip().partition(b" ")
            words = rest.decode().split(" ")
            name = " ".join(words[:2]) if words[0].upper() == "UID" else words[0]
            if self.box.breaks_at == name.upper():
                return
            answers[name.upper()](tag, rest.decode())

    def _say(self, *lines: bytes) -> None:
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))

    def _capability(self, tag: bytes, rest: str) -> None:
        self._say(b"* CAPABILITY IMAP4rev1", tag + b" OK done")

    def _login(self, tag: bytes, rest: str) -> None:
        ok = rest == f'LOGIN {self.box.user} "{self.box.password}"'
        self.box.logins.append(ok)
        self._say(tag + (b" OK in" if ok else b" NO who are you"))

    def _select(self, tag: bytes, rest: str) -> None:
        known = rest == 'SELECT "Post in"'
        self._say(
            b"* %d EXISTS" % len(self.box.mails), tag + (b" OK" if known else b" NO") + b" it"
        )

    def _search(self, tag: bytes, rest: str) -> None:
        numbers = " ".join(str(uid) for uid in self.box.mails if uid not in self.box.deleted)
        self._say(f"* SEARCH {numbers}".encode(), tag + b" OK done")

    def _fetch(self, tag: bytes, rest: str) -> None:
        asked = re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", rest)
        assert asked is not None
        mail = self.box.mails.get(int(asked[1]))
        if mail is not None:
            part = mail[: int(asked[2])]
            self._say(b"* 1 FETCH (UID %s BODY[]<0> {%d}" % (asked[1].encode(), len(part)))
            self.wfile.write(part)
            self._say(b")")
        self._say(tag + b" OK done")

    def _store(self, tag: bytes, rest: str) -> None:
        asked = re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Deleted\)", rest)
        assert asked is not None
        self.box.deleted.add(int(asked[1]))
        self._say(tag + b" OK done")

    def _close(self, tag: bytes, rest: str) -> None:
        for uid in self.box.deleted:
            self.box.mails.pop(uid, None)
        self.box.deleted.clear()
        self._say(tag + b" OK done")

    def _logout(self, tag: bytes, rest: str) -> None:
        self._say(b"* BYE", tag + b" OK done")
