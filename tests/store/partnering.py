"""The partners of the tests: their twins on a free port of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from django.test import override_settings

from bizsecure.local.partners import Partners, addresses, new_secret, serve


@contextmanager
def partners_at_work(*, our_secret: str = "") -> Iterator[Partners]:
    """Lend the twins of all partners; the portal signs with another secret if one is given."""
    secret = new_secret()
    partners = Partners(secret=secret)
    server = serve(partners, 0)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    urls = addresses(server.server_port, our_secret or secret)
    known = {name.removesuffix("_URL").lower(): url for name, url in urls.items()}
    try:
        with override_settings(PARTNERS=known, PARTNER_PAUSES=(0, 0)):
            yield partners
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
