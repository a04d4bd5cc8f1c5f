"""What the portal is told by its environment, read once and checked before anything starts.

Each name may also come from a file: `SECRET_KEY_FILE=/run/keys/secret` is read in place of
`SECRET_KEY`. A value that is missing or too weak stops every process, web, worker and
command alike, with an id and a hint.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parent.parent

SHORTEST_SECRET = 50
FEWEST_DIFFERENT_CHARACTERS = 10
FIELD_KEY_BYTES = 32
MAIL_SCHEMES = {"smtp", "smtp+tls", "smtp+ssl"}
MAIL_PROVIDERS = {"mailgun": "anymail.backends.mailgun.EmailBackend"}
INBOX_SCHEMES = {"imaps", "imap+tls", "imap"}
SHORTEST_SIGNING_KEY = 20
ANYMAIL = "ANYMAIL_"
# Where Django finds what a database itself is told.
OPTIONS = "OPTIONS"
DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}
GATEWAYS = {"sandbox", "stripe"}
SHORTEST_SANDBOX_SECRET = 20
SHORTEST_TOKEN = 30
REDIS_SCHEMES = {"redis", "rediss", "redis+socket"}


class Variables(FileAwareMapping):  # type: ignore[misc]
    """The environment, and the files it names. The newline that ends a file is not part of it."""

    def __getitem__(self, key: str) -> str:
        try:
            return str(super().__getitem__(key)).strip()
        except OSError as problem:
            _stop(
                "bizsecure.E011",
                f"{key}_FILE names a file that cannot be read: {problem.strerror}.",
                "Give the full path of a file that this process may read.",
            )


class Environment:
    """The checked values. Reading one that is wrong raises ImproperlyConfigured."""

    def __init__(self) -> None:
        self._env = environ.FileAwareEnv()
        self._env.ENVIRON = Variables()
        if (BASE_DIR / ".env").is_file():
            self._env.read_env(BASE_DIR / ".env")
        self.debug: bool = self._env.bool("DEBUG", default=False)

    def secret_key(self) -> str:
        """Return the key that signs cookies and tokens."""
        key = str(self._env.str("SECRET_KEY", default=""))
        _stop_if_weak("SECRET_KEY", key)
        return key

    def secret_key_fallbacks(self) -> list[str]:
        """Return retired signing keys whose signatures are still accepted."""
        keys = [key.strip() for key in self._env.list("SECRET_KEY_FALLBACKS", default=[])]
        for key in keys:
            _stop_if_weak("A key in SECRET_KEY_FALLBACKS", key)
        return keys

    def cryptography_keys(self) -> list[bytes]:
        """Return the keys of the sealed fields, newest first; the newest one seals."""
        hint = (
            "Give one or more keys, newest first, separated by commas. Make one with: "
            'python -c "import base64, secrets; '
            'print(base64.b64encode(secrets.token_bytes(32)).decode())"'
        )
        encoded = self._env.list("CRYPTOGRAPHY_KEYS", default=[])
        keys = [_key(each) for each in encoded]
        for key in keys:
            if key is None:
                _stop(
                    "bizsecure.E002",
                    "A key in CRYPTOGRAPHY_KEYS is not the base64 form of 32 random bytes.",
                    hint,
                )
        if not keys:
            _stop("bizsecure.E002", "CRYPTOGRAPHY_KEYS is missing.", hint)
        return [key for key in keys if key is not None]

    def digest_key(self) -> bytes | None:
        """Return the key of digests, where it is not the oldest of the others."""
        encoded = str(self._env.str("DIGEST_KEY", default=""))
        key = _key(encoded)
        if encoded and key is None:
            _stop(
                "bizsecure.E016",
                "DIGEST_KEY is not the base64 form of 32 random bytes.",
                "Use what `manage.py rotate_keys --digest-key` prints, or leave it out.",
            )
        return key

    def proof_key(self) -> bytes:
        """Return the seed of the key that signs the heads of the ledgers."""
        encoded = str(self._env.str("PROOF_KEY", default=""))
        if not encoded and self.debug:
            return hashlib.sha256(b"proofs of a developer" + self.secret_key().encode()).digest()
        key = _key(encoded)
        if key is None:
            _stop(
                "bizsecure.E019",
                "PROOF_KEY is missing or not the base64 form of 32 random bytes.",
                "Make one as for CRYPTOGRAPHY_KEYS, and keep it elsewhere too: receipts name it.",
            )
        return key

    def site_url(self) -> str:
        """Return the address of the site, without a slash at its end."""
        url = str(self._env.str("SITE_URL", default="http://localhost:8000" if self.debug else ""))
        parts = _parts(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            _stop(
                "bizsecure.E003",
                "SITE_URL is missing or not an address such as https://www.bizsecure.com.",
                "Links in mails are built from it, so it needs a scheme and a host and no path.",
            )
        if parts.scheme != "https" and not self.debug:
            _stop(
                "bizsecure.E004",
                "SITE_URL is not https, and personal information may only travel encrypted.",
                "Serve the site over TLS, or set DEBUG=on on a developer's own machine.",
            )
        return url.rstrip("/")

    def allowed_hosts(self) -> list[str]:
        """Return the host names this site answers to."""
        local = ["localhost", "127.0.0.1", "[::1]"] if self.debug else []
        hosts = [host.strip() for host in self._env.list("ALLOWED_HOSTS", default=local)]
        if not hosts or "*" in hosts:
            _stop(
                "bizsecure.E005",
                "ALLOWED_HOSTS is missing or allows every host.",
                "Name the hosts this site is served under, separated by commas.",
            )
        return hosts

    def database(self) -> dict[str, Any]:
        """Return the database settings: SQLite in var/ unless DATABASE_URL says otherwise."""
        default = f"sqlite:///{BASE_DIR / 'var' / 'db.sqlite3'}"
        url = str(self._env.str("DATABASE_URL", default=default))
        is_known = url.partition(":")[0] in DATABASE_SCHEMES
        try:
            database: dict[str, Any] = environ.Env.db_url_config(url) if is_known else {}
        except ValueError:
            database = {}
        if not database:
            _stop(
                "bizsecure.E006",
                "DATABASE_URL names a database that is neither PostgreSQL nor SQLite.",
                "The triggers that keep the ledgers append-only exist for these two alone.",
            )
        if database["ENGINE"] == "django.db.backends.sqlite3":
            # Writers queue for the lock when they begin, not when they first write: a
            # transaction that read before it wrote could otherwise not wait its turn.
            database[OPTIONS] = {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                    # Without it INSERT OR REPLACE removes rows past the guards of a table.
                    "PRAGMA recursive_triggers=ON;"
                ),
            }
        else:
            database.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
            # A statement of bizsecure.core.prepared that was asked so often is kept by the server.
            database.setdefault(OPTIONS, {}).setdefault("prepare_threshold", 5)
        return database

    def redis_url(self) -> str:
        """Return where Celery's broker is."""
        url = str(self._env.str("REDIS_URL", default="redis://localhost:6379/0"))
        if _parts(url).scheme not in REDIS_SCHEMES:
            _stop(
                "bizsecure.E010",
                "REDIS_URL is not the address of a Redis.",
                "Use redis://, rediss:// or redis+socket://.",
            )
        return url

    def email_url(self) -> str:
        """Return where mail is handed over."""
        url = str(self._env.str("EMAIL_URL", default="smtp://localhost:8025" if self.debug else ""))
        parts = _parts(url)
        by_provider = parts.scheme in MAIL_PROVIDERS and parts.username
        if not (parts.hostname and (parts.scheme in MAIL_SCHEMES or by_provider)):
            _stop(
                "bizsecure.E007",
                "EMAIL_URL is missing or leads neither to a mail server nor to a provider.",
                "Use smtp://, smtp+tls:// or smtp+ssl://, with user:password@ when asked for one, "
                "or mailgun://API-KEY@DOMAIN.",
            )
        if parts.scheme == "smtp" and parts.password and not self.debug:
            _stop(
                "bizsecure.E009",
                "EMAIL_URL would send a password in the clear.",
                "Use smtp+tls:// or smtp+ssl:// with a password.",
            )
        return url

    def inbox_url(self) -> str:
        """Return where the mailbox of the company is, or nothing if mail comes in another way."""
        url = str(self._env.str("INBOX_URL", default=""))
        parts = _parts(url)
        whole = parts.scheme in INBOX_SCHEMES and parts.hostname
        if url and not (whole and parts.username and parts.password):
            _stop(
                "bizsecure.E022",
                "INBOX_URL is not the address of a mailbox with its user and password.",
                "Use imaps://user:password@host/INBOX, or imap+tls:// for STARTTLS.",
            )
        if parts.scheme == "imap" and not self.debug:
            _stop(
                "bizsecure.E023",
                "INBOX_URL would send the password, and what people write to us, in the clear.",
                "Use imaps:// or imap+tls://.",
            )
        return url

    def mailgun_signing_key(self) -> str:
        """Return the key that signs Mailgun's calls, or nothing where Mailgun does not call."""
        key = str(self._env.str("MAILGUN_SIGNING_KEY", default=""))
        if key and (len(key) < SHORTEST_SIGNING_KEY or not key.isascii()):
            _stop(
                "bizsecure.E024",
                "MAILGUN_SIGNING_KEY is too short to be one.",
                "It stands in Mailgun's dashboard as HTTP webhook signing key.",
            )
        return key

    def mail_providers(self) -> list[str]:
        """Return the mail providers that may call us, beside Mailgun, in small letters.

        Most of them sign nothing: what shows that it is they is the secret in the address that
        they were given, which anymail asks for.
        """
        named = [each.lower() for each in self._env.list("MAIL_PROVIDERS", default=[]) if each]
        user, _, secret = str(self._env.str("ANYMAIL_WEBHOOK_SECRET", default="")).partition(":")
        if named and (not user or len(secret) < SHORTEST_SIGNING_KEY):
            _stop(
                "bizsecure.E025",
                "MAIL_PROVIDERS are to call, and anybody could call in their name.",
                "Set ANYMAIL_WEBHOOK_SECRET to user:secret, and give the provider the address "
                "https://user:secret@host/webhooks/mail/NAME/.",
            )
        return named

    def anymail(self) -> dict[str, str]:
        """Return what begins with ANYMAIL_, as anymail calls it: keys by which calls are signed."""
        given = {
            name: str(self._env.str(name, default=""))
            for name in sorted(self._env.ENVIRON)
            if name.startswith(ANYMAIL) and not name.endswith("_FILE")
        }
        return {name.removeprefix(ANYMAIL): value for name, value in given.items() if value}

    def email_settings(self) -> dict[str, Any]:
        """Return EMAIL_URL as Django's own mail backend wants it."""
        url = _parts(self.email_url())
        if url.scheme in MAIL_PROVIDERS:
            return {"EMAIL_BACKEND": MAIL_PROVIDERS[url.scheme]}
        parts = environ.Env.email_url_config(self.email_url())
        return {name: parts[name] for name in parts if name.startswith("EMAIL_")}

    def dkim_key(self) -> str:
        """Return the private key in PEM that mail is signed with; empty when a relay signs."""
        # A line end cannot be written in every environment.
        return str(self._env.str("DKIM_KEY", default="")).replace("\\n", "\n")

    def dkim_selector(self) -> str:
        """Return the name in DNS under which the public half of the key stands."""
        return str(self._env.str("DKIM_SELECTOR", default=""))

    def partner_url(self, name: str) -> str:
        """Return where a partner takes orders, with key id and secret; empty if it takes none."""
        url = str(self._env.str(name, default=""))
        parts = _parts(url)
        whole = parts.scheme in {"http", "https"} and parts.hostname
        if url and not (whole and parts.username and parts.password):
            _stop(
                "bizsecure.E020",
                f"{name} is not an address with a key id and a secret.",
                "Use https://key-id:secret@host/path, as agreed with the partner.",
            )
        if url and parts.scheme != "https" and not self.debug:
            _stop(
                "bizsecure.E021",
                f"{name} is not https, and personal information may only travel encrypted.",
                "Use https://key-id:secret@host/path.",
            )
        return url

    def payment_gateway(self) -> str:
        """Return through whom we are paid. Only a developer's machine may leave it open."""
        name = str(self._env.str("PAYMENT_GATEWAY", default="sandbox" if self.debug else ""))
        if name not in GATEWAYS:
            _stop(
                "bizsecure.E012",
                "PAYMENT_GATEWAY is missing or names no gateway that the portal knows.",
                "Use stripe, or sandbox where no money is to move.",
            )
        return name

    def sandbox(self) -> tuple[str, str]:
        """Return where the sandbox acquirer is, and the secret shared with it."""
        url = str(self._env.str("SANDBOX_URL", default="http://localhost:8028"))
        known = "the sandbox of this machine" if self.debug else ""
        secret = str(self._env.str("SANDBOX_SECRET", default=known))
        if self.payment_gateway() == "sandbox" and len(secret) < SHORTEST_SANDBOX_SECRET:
            _stop(
                "bizsecure.E013",
                f"SANDBOX_SECRET is missing or shorter than {SHORTEST_SANDBOX_SECRET} characters.",
                'Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"',
            )
        return url, secret

    def stripe(self) -> tuple[str, str]:
        """Return Stripe's secret key and the secret that signs its calls."""
        key = str(self._env.str("STRIPE_SECRET_KEY", default=""))
        calls = str(self._env.str("STRIPE_WEBHOOK_SECRET", default=""))
        if self.payment_gateway() == "stripe":
            if not key.startswith(("sk_", "rk_")) or not calls.startswith("whsec_"):
                _stop(
                    "bizsecure.E014",
                    "STRIPE_SECRET_KEY or STRIPE_WEBHOOK_SECRET is missing or none of Stripe's.",
                    "Both stand in Stripe's dashboard, under Developers. They begin with sk_ or "
                    "rk_, and with whsec_.",
                )
            if key.startswith(("sk_test_", "rk_test_")) and not self.debug:
                _stop(
                    "bizsecure.E015",
                    "STRIPE_SECRET_KEY is a key for tests, which moves no money.",
                    "Use the live key.",
                )
        return key, calls

    def positive(self, name: str, *, default: int) -> int:
        """Return a whole number that is at least one."""
        return self._number(name, default=default, least=1)

    def per_minute(self, name: str) -> int:
        """Return how many of something are allowed a minute; 0 for as many as there are."""
        return self._number(name, default=0, least=0)

    def per_minute_of_each(self, name: str) -> dict[str, int]:
        """Return limits a minute by domain; `*` stands for every domain that is not named."""
        limits: dict[str, int] = {}
        written = self._env.list(name, default=[])
        for each in filter(None, (part.strip() for part in written)):
            domain, _, number = each.partition("=")
            if not domain.strip() or not number.strip().isdigit() or int(number) < 1:
                _stop(
                    "bizsecure.E031",
                    f"{name} is not a list of domains with whole numbers of at least one.",
                    "Write it as gmail.com=600,outlook.com=300,*=1200 or leave it out.",
                )
            limits[domain.strip().lower()] = int(number)
        return limits

    def mails_kept_days(self) -> int:
        """Return for how many days mails are kept: longer than any pass may ask for them."""
        return self._number("MAILS_KEPT_DAYS", default=1095, least=90)

    def breached_passwords(self) -> str:
        """Return where a list of breached passwords lies, or nothing."""
        path = str(self._env.str("BREACHED_PASSWORDS", default=""))
        if path and not Path(path).is_file():
            problem = "BREACHED_PASSWORDS names no file."
            _stop("bizsecure.E017", problem, "Give the path of a sorted list of SHA-1 hashes.")
        return path

    def postal_address(self, *, default: str) -> str:
        """Return where the company is; the law wants it in mails that can be stopped."""
        return str(self._env.str("POSTAL_ADDRESS", default="")) or default

    def storage_location(self, *, default: str) -> str:
        """Return where the database lies; receipts say so."""
        return str(self._env.str("STORAGE_LOCATION", default="")) or default

    def promises_held_file(self) -> str:
        """Return where the test run wrote down which promises it found kept."""
        default = str(BASE_DIR / "var" / "promises-held.json")
        return str(self._env.str("PROMISES_HELD_FILE", default=default))

    def folder(self, name: str, *, default: Path) -> str:
        """Return the path of a folder, which need not be there yet; empty for none."""
        return str(self._env.str(name, default=str(default)))

    def metrics_token(self) -> str:
        """Return what whoever asks for the metrics must bring; empty if nobody may."""
        token = str(self._env.str("METRICS_TOKEN", default=""))
        if token and len(token) < SHORTEST_TOKEN:
            _stop(
                "bizsecure.E030",
                f"METRICS_TOKEN is shorter than {SHORTEST_TOKEN} characters.",
                'Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"',
            )
        return token

    def error_reporter(self) -> str:
        """Return the dotted path of what is told of failures, beside the log; empty for nothing."""
        return str(self._env.str("ERROR_REPORTER", default=""))

    def trusted_proxies(self) -> int:
        """Return how many proxies of ours stand in front and rewrite X-Forwarded-*."""
        return self._number("TRUSTED_PROXY_COUNT", default=0, least=0)

    def _number(self, name: str, *, default: int, least: int) -> int:
        try:
            number = int(self._env.int(name, default=default))
        except ValueError:
            number = least - 1
        if number < least:
            problem = f"{name} is not a whole number of at least {least}."
            _stop("bizsecure.E008", problem, "Leave the name out to use what is usual.")
        return number


def _key(encoded: str) -> bytes | None:
    """Return the key that is written so, or None if it is too weak or none at all."""
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    is_strong = len(key) == FIELD_KEY_BYTES and len(set(key)) >= FEWEST_DIFFERENT_CHARACTERS
    return key if is_strong else None


def _parts(url: str) -> SplitResult:
    """Return the parts of an address, all of them empty if it is none."""
    try:
        parts = urlsplit(url)
        # Only asking for the port shows whether it is one.
        return parts if parts.port != 0 else urlsplit("")
    except ValueError:
        return urlsplit("")


def _stop_if_weak(name: str, key: str) -> None:
    if len(key) < SHORTEST_SECRET or len(set(key)) < FEWEST_DIFFERENT_CHARACTERS:
        _stop(
            "bizsecure.E001",
            f"{name} is missing or weaker than {SHORTEST_SECRET} random characters.",
            'Make one with: python -c "import secrets; print(secrets.token_urlsafe(64))"',
        )


def _stop(identifier: str, problem: str, hint: str) -> NoReturn:
    # As GitHub and others name the heading of a page.
    anchor = identifier.lower().replace(".", "")
    raise ImproperlyConfigured(
        f"({identifier}) {problem}\n\tHINT: {hint}\n\tSEE: docs/checks.md#{anchor}"
    )
