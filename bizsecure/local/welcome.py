"""The last process to speak when everything starts: it says where things are, once they are."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from http.client import HTTPConnection, HTTPException

PATIENCE_SECONDS = 60


def main() -> None:
    """Say it and stay until the others end: the runner ends all when one leaves."""
    # From here on SIGTERM waits until sigtimedwait asks for it, and ends this process there.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    if _site_answers(int(os.environ["PORT"])):
        print(_welcome(), flush=True)
    else:
        print(
            f"The site has been silent for {PATIENCE_SECONDS} seconds. The lines of `web` say why."
        )
    signal.sigwait({signal.SIGTERM})


def _site_answers(port: int) -> bool:
    for _ in range(PATIENCE_SECONDS):
        try:
            with closing(HTTPConnection("localhost", port, timeout=PATIENCE_SECONDS)) as connection:
                connection.request("GET", "/healthz")
                return connection.getresponse().status < 500
        except (OSError, HTTPException):
            if signal.sigtimedwait({signal.SIGTERM}, 1):
                raise SystemExit from None
    return False


def _welcome() -> str:
    lines = ["", f"The portal is at {os.environ['SITE_URL'].rstrip('/')}/", ""]
    lines += [*os.environ.get("SIGN_INS", "").splitlines(), ""]
    page = os.environ.get("MAIL_PAGE")
    lines += [f"Mail is caught and shows at {page}" if page else "Mail goes where EMAIL_URL says."]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
