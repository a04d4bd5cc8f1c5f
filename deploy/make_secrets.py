"""Writes the secrets of a new site, each into a file of its own, as deploy/compose.yaml wants them.

python3 deploy/make_secrets.py FOLDER

It makes what is ours to make, and empty files for what others give you. What is there already is
left as it is, so it can be run again at any time. Nothing is printed but names. Run by root, it
gives each file to the user that its container runs as, which is the only one who may read it.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

# The users of the images: the portal's own, and the one of PostgreSQL's image.
PORTAL, POSTGRES, ROOT = 10001, 999, 0
DATABASE = "postgres://portal:{password}@postgres:5432/portal"


def words() -> str:
    """Return a secret that may stand in an address."""
    return secrets.token_urlsafe(48)


def key() -> str:
    """Return a key of 32 random bytes."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


# Made here, with who reads each of them.
OURS: Mapping[str, tuple[Callable[[], str], int]] = {
    "secret_key": (words, PORTAL),
    "cryptography_keys": (key, PORTAL),
    "digest_key": (key, PORTAL),
    "proof_key": (key, PORTAL),
    "metrics_token": (words, PORTAL),
    "postgres_password": (words, POSTGRES),
}
# From Stripe's dashboard, and from whoever takes your mail on.
THEIRS: Mapping[str, int] = {
    "stripe_secret_key": PORTAL,
    "stripe_webhook_secret": PORTAL,
    "relayhost_password": ROOT,
}


def write_secrets(folder: Path) -> list[str]:
    """Write what is missing and return the names of what was written."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = [name for name, (make, owner) in OURS.items() if _write(folder / name, make(), owner)]
    password = (folder / "postgres_password").read_text(encoding="utf-8").strip()
    if _write(folder / "database_url", DATABASE.format(password=password), PORTAL):
        written.append("database_url")
    return written + [name for name, owner in THEIRS.items() if _write(folder / name, "", owner)]


def _write(path: Path, content: str, owner: int) -> bool:
    try:
        # Nobody else may read it, from the first moment on.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        return False
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(f"{content}\n" if content else "")
    if os.geteuid() == 0:
        os.chown(path, owner, owner)
    return True


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say where: python3 deploy/make_secrets.py FOLDER")
    made = write_secrets(Path(sys.argv[1]))
    sys.stdout.write("".join(f"{name}\n" for name in made) or "Everything was there.\n")
