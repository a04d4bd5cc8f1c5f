"""What `make run` tells the portal: the first `.env`, and what holds for one run only.

What the reader's own environment says wins over `.env`, and `.env` over what is decided here. A
service the reader names for themselves is not started privately as well.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bizsecure.local.partners import addresses, new_secret
from bizsecure.local.services import free_port, in_use, redis_url

USUAL_PORT = 8000
MAIL_PORT = 8025
MAIL_PAGE_PORT = 8026
PARTNERS_PORT = 8027
SANDBOX_PORT = 8028
PRIVATE_REDIS = "/var/redis.sock"

FIRST = """\
# Written by the first `make run` and never written anew: change what you like.
# The names are explained in .env.example.
DEBUG=on
SECRET_KEY={secret_key}
CRYPTOGRAPHY_KEYS={field_key}
SITE_URL=http://localhost:{port}

# Without DATABASE_URL the data is in var/db.sqlite3.
# For these two, `make run` starts a Redis and a mail catcher of its own; name others, and it
# does not.
REDIS_URL={redis_url}
EMAIL_URL=smtp://localhost:{mail_port}
"""


@dataclass(frozen=True)
class Surroundings:
    """What one run needs to know. The environment is complete: `.env` adds nothing to it."""

    environment: dict[str, str]
    own_redis: bool
    mail_page: str | None
    own_partners: bool
    own_acquirer: bool

    @property
    def left_out(self) -> set[str]:
        """Return the processes of the Procfile that this run does without."""
        needless = {
            "redis": not self.own_redis,
            "mail": self.mail_page is None,
            "partners": not self.own_partners,
            "acquirer": not self.own_acquirer,
        }
        return {name for name, is_needless in needless.items() if is_needless}


def write_first_env(root: Path) -> bool:
    """Write `.env` with fresh secrets unless there is one, and return whether it was written."""
    content = FIRST.format(
        secret_key=secrets.token_urlsafe(64),
        field_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        port=USUAL_PORT,
        redis_url=redis_url(root / "var" / "redis.sock"),
        mail_port=free_port(MAIL_PORT),
    )
    try:
        # Only its owner may read the secrets, from the first moment on.
        file = os.open(root / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(content)
    return True


def look_around(
    root: Path, port: int, *, given: Mapping[str, str], known: Mapping[str, str]
) -> Surroundings:
    """Return what this run needs.

    `given` is the reader's own environment, `known` the same completed by the `.env` of `root`.
    """
    environment = dict(known)
    if "SITE_URL" not in known or ("SITE_URL" not in given and port != USUAL_PORT):
        environment["SITE_URL"] = f"http://localhost:{port}"
    environment |= {
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "PATH": f"{root / '.venv' / 'bin'}{os.pathsep}{given.get('PATH', os.defpath)}",
    }
    own_redis = _wants_own_redis(environment)
    if own_redis:
        # Computed anew: the folder may have been moved since `.env` was written.
        environment["REDIS_URL"] = redis_url(root / "var" / "redis.sock")
    own_partners = _wants_own_partners(environment)
    if own_partners:
        partners, secret = free_port(PARTNERS_PORT), new_secret()
        environment |= {"PARTNERS_PORT": str(partners), "PARTNERS_SECRET": secret}
        environment |= addresses(partners, secret)
    own_acquirer = _wants_own_acquirer(environment)
    if own_acquirer:
        sandbox = free_port(SANDBOX_PORT)
        environment |= {"SANDBOX_PORT": str(sandbox), "SANDBOX_SECRET": new_secret()}
        environment |= {"SANDBOX_URL": f"http://localhost:{sandbox}"}
    mail_port, page = _catcher_port(environment), None
    if mail_port is not None:
        page = free_port(MAIL_PAGE_PORT)
        environment |= {"MAIL_PORT": str(mail_port), "MAIL_PAGE_PORT": str(page)}
        environment |= {"EMAIL_URL": f"smtp://localhost:{mail_port}"}
    mail_page = f"http://localhost:{page}/" if page else None
    return Surroundings(environment, own_redis, mail_page, own_partners, own_acquirer)


def _wants_own_redis(environment: Mapping[str, str]) -> bool:
    url = environment.get("REDIS_URL", "")
    return "REDIS_URL_FILE" not in environment and (not url or url.endswith(PRIVATE_REDIS))


def _wants_own_partners(environment: Mapping[str, str]) -> bool:
    return not any(environment.get(name) for name in addresses(0, ""))


def _wants_own_acquirer(environment: Mapping[str, str]) -> bool:
    """Whether cards are tried on a sandbox of our own: unless another one, or Stripe, is named."""
    named = environment.keys() & {"SANDBOX_URL", "SANDBOX_URL_FILE", "PAYMENT_GATEWAY_FILE"}
    return not named and environment.get("PAYMENT_GATEWAY", "sandbox") == "sandbox"


def _catcher_port(environment: Mapping[str, str]) -> int | None:
    """Return the port to catch mail on, or None if mail goes to a server of the reader's.

    A plain address on this machine to which nobody listens can only mean our own catcher.
    """
    ours = re.fullmatch(
        r"smtp://localhost:(\d{1,5})",
        environment.get("EMAIL_URL") or f"smtp://localhost:{MAIL_PORT}",
    )
    if "EMAIL_URL_FILE" in environment or not ours or in_use(int(ours[1])):
        return None
    return int(ours[1])
