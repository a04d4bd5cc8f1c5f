"""A mail server that delivers to nobody: it keeps every mail and shows it on a local page."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from threading import Thread

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from bizsecure.local.mailbox import Envelope, Mailbox
from bizsecure.local.mailpage import serve


class Catcher:
    """What aiosmtpd asks about each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_EHLO(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, received: Received, hostname: str, answers: list[str]
    ) -> list[str]:
        """Say that commands may come in one go: aiosmtpd reads them so, but does not tell."""
        session.host_name = hostname
        return [*answers[:-1], "250-PIPELINING", answers[-1]]

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, received: Received
    ) -> str:
        """Keep the mail; the sender hears that it was accepted once it is on disk."""
        content = received.original_content or b""
        # A bounce comes from nobody, which SMTP writes as <>.
        sender = (received.mail_from or "").strip("<>")
        self._mailbox.put(Envelope(sender, [str(to) for to in received.rcpt_tos]), content)
        return "250 Caught"


def smtp_server(mailbox: Mailbox, port: int) -> Controller:
    """Return the SMTP server on 127.0.0.1, not yet started; it runs in a thread of its own."""
    return Controller(Catcher(mailbox), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)


def main(arguments: list[str]) -> None:
    """Catch mail until told to stop."""
    parser = argparse.ArgumentParser(prog="bizsecure.local.mailcatcher", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    mailbox = Mailbox(options.folder)
    smtp = smtp_server(mailbox, options.smtp_port)
    page = serve(mailbox, options.http_port)
    smtp.start()
    Thread(target=page.serve_forever, daemon=True).start()
    print(f"Mail to localhost:{options.smtp_port} shows at http://localhost:{options.http_port}/")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    page.shutdown()
    smtp.stop()


if __name__ == "__main__":
    # Before any thread starts, so that none of them takes the signal sigwait is waiting for.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main(sys.argv[1:])
