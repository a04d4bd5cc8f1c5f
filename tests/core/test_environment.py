"""What the environment may say: a wrong or weak value stops the start, with an id and a hint."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

import bizsecure.environment
from bizsecure.environment import Environment
from tests.environment import PRODUCTION, SECRET_KEY

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(range(32, 64))).decode()


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Give the environment of a real site, on a machine where no `.env` lies about."""
    monkeypatch.setattr(bizsecure.environment, "BASE_DIR", tmp_path)
    for name in re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SANDBOX_SECRET")
    return monkeypatch


def read_everything() -> None:
    env = Environment()
    env.secret_key()
    env.secret_key_fallbacks()
    env.cryptography_keys()
    env.digest_key()
    env.proof_key()
    env.breached_passwords()
    env.site_url()
    env.allowed_hosts()
    env.database()
    env.redis_url()
    env.email_settings()
    env.positive("NOTICE_SENDING_HOURS", default=24)
    env.trusted_proxies()
    env.partner_url("GEOTRUST_URL")
    env.inbox_url()
    env.mailgun_signing_key()
    env.mail_providers()
    env.metrics_token()
    env.per_minute("MAIL_PER_MINUTE")
    env.per_minute_of_each("MAIL_DOMAIN_PER_MINUTE")
    env.payment_gateway()
    env.sandbox()
    env.stripe()


def test_the_environment_of_a_real_site_is_accepted(production: pytest.MonkeyPatch) -> None:
    read_everything()


@pytest.mark.parametrize(
    ("name", "value", "identifier"),
    [
        ("GEOTRUST_URL", "geotrust", "E020"),
        ("GEOTRUST_URL", "https://www.geotrust.com/", "E020"),
        ("GEOTRUST_URL", "https://key@www.geotrust.com/", "E020"),
        ("GEOTRUST_URL", "http://key:secret@www.geotrust.com/", "E021"),
        ("INBOX_URL", "mail.internal", "E022"),
        ("INBOX_URL", "imaps://mail.internal/INBOX", "E022"),
        ("INBOX_URL", "pop3://portal:secret@mail.internal/", "E022"),
        ("INBOX_URL", "imap://portal:secret@mail.internal/", "E023"),
        ("MAILGUN_SIGNING_KEY", "short", "E024"),
        ("MAIL_PROVIDERS", "postmark", "E025"),
        ("DIGEST_KEY", "short", "E016"),
        ("PROOF_KEY", None, "E019"),
        ("PROOF_KEY", "short", "E019"),
        ("BREACHED_PASSWORDS", "/nonexistent/list", "E017"),
        ("METRICS_TOKEN", "short", "E030"),
        ("PAYMENT_GATEWAY", None, "E012"),
        ("PAYMENT_GATEWAY", "paypal", "E012"),
        ("PAYMENT_GATEWAY", "sandbox", "E013"),
        ("STRIPE_SECRET_KEY", None, "E014"),
        ("STRIPE_SECRET_KEY", "pk_live_a_public_one", "E014"),
        ("STRIPE_WEBHOOK_SECRET", "", "E014"),
        ("STRIPE_SECRET_KEY", "sk_test_moves_no_money", "E015"),
        ("SECRET_KEY", None, "E001"),
        ("SECRET_KEY", "", "E001"),
        ("SECRET_KEY", "short", "E001"),
        ("SECRET_KEY", "ab" * 50, "E001"),
        ("SECRET_KEY_FALLBACKS", "retired-and-weak", "E001"),
        ("SECRET_KEY_FALLBACKS", f"{SECRET_KEY},weak", "E001"),
        ("CRYPTOGRAPHY_KEYS", None, "E002"),
        ("CRYPTOGRAPHY_KEYS", "not base64!", "E002"),
        ("CRYPTOGRAPHY_KEYS", KEY[:-8], "E002"),
        ("CRYPTOGRAPHY_KEYS", base64.b64encode(bytes(32)).decode(), "E002"),
        ("CRYPTOGRAPHY_KEYS", f"{KEY},weak", "E002"),
        ("SITE_URL", None, "E003"),
        ("SITE_URL", "www.bizsecure.com", "E003"),
        ("SITE_URL", "ftp://www.bizsecure.com", "E003"),
        ("SITE_URL", "https://www.bizsecure.com/portal", "E003"),
        ("SITE_URL", "https://[www", "E003"),
        ("SITE_URL", "http://www.bizsecure.com", "E004"),
        ("ALLOWED_HOSTS", None, "E005"),
        ("ALLOWED_HOSTS", "*", "E005"),
        ("ALLOWED_HOSTS", "www.bizsecure.com, *", "E005"),
        ("DATABASE_URL", "mysql://portal@localhost/portal", "E006"),
        ("DATABASE_URL", "nonsense", "E006"),
        ("DATABASE_URL", "postgres://portal@localhost:port/portal", "E006"),
        ("EMAIL_URL", None, "E007"),
        ("EMAIL_URL", "mail.internal:587", "E007"),
        ("EMAIL_URL", "https://mail.internal", "E007"),
        ("EMAIL_URL", "smtp://mail.internal:port", "E007"),
        ("EMAIL_URL", "mailgun://mg.example.com", "E007"),
        ("EMAIL_URL", "sendgrid://key@example.com", "E007"),
        ("MAIL_PER_MINUTE", "-1", "E008"),
        ("MAIL_DOMAIN_PER_MINUTE", "gmail.com", "E031"),
        ("MAIL_DOMAIN_PER_MINUTE", "gmail.com=0", "E031"),
        ("MAIL_DOMAIN_PER_MINUTE", "=5", "E031"),
        ("NOTICE_SENDING_HOURS", "0", "E008"),
        ("NOTICE_SENDING_HOURS", "-24", "E008"),
        ("NOTICE_SENDING_HOURS", "a day", "E008"),
        ("TRUSTED_PROXY_COUNT", "-1", "E008"),
        ("TRUSTED_PROXY_COUNT", "one", "E008"),
        ("EMAIL_URL", "smtp://portal:secret@mail.internal:25", "E009"),
        ("REDIS_URL", "localhost:6379", "E010"),
        ("SECRET_KEY_FILE", "/nonexistent/secret", "E011"),
    ],
)
def test_a_wrong_value_stops_the_start_with_its_id_and_a_hint(
    production: pytest.MonkeyPatch, name: str, value: str | None, identifier: str
) -> None:
    if value is None:
        production.delenv(name)
    else:
        production.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=rf"\(bizsecure\.{identifier}\)") as stopped:
        read_everything()
    assert "HINT: " in str(stopped.value)
    assert f"SEE: docs/checks.md#bizsecure{identifier.lower()}" in str(stopped.value)


@pytest.mark.parametrize(
    ("name", "weak"), [("SECRET_KEY", "hunter2"), ("CRYPTOGRAPHY_KEYS", "aHVudGVyMg==")]
)
def test_every_process_stops_and_none_prints_the_secret(name: str, weak: str) -> None:
    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, **PRODUCTION, name: weak},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    assert "bizsecure.E00" in started.stderr
    assert "HINT: " in started.stderr
    assert weak not in started.stdout + started.stderr


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_may_lie_in_a_file_however_the_file_ends(
    production: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    files = {
        "SECRET_KEY": "from-a-file-" + SECRET_KEY,
        "CRYPTOGRAPHY_KEYS": f"{OTHER_KEY},{KEY}",
        "DATABASE_URL": "postgres://portal:from-a-file@database.internal/portal",
    }
    for name, content in files.items():
        file = tmp_path / name
        file.write_text(content + ending, newline="")
        production.setenv(f"{name}_FILE", str(file))
    env = Environment()
    assert env.secret_key() == files["SECRET_KEY"]
    assert env.cryptography_keys() == [bytes(range(32, 64)), bytes(range(32))]
    assert env.database()["PASSWORD"] == "from-a-file"


def test_a_file_goes_before_the_variable_and_is_held_to_the_same_rules(
    production: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("weak\n")
    production.setenv("SECRET_KEY_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match=r"bizsecure\.E001"):
        Environment().secret_key()


def test_the_keys_stand_in_the_order_given_with_or_without_spaces(
    production: pytest.MonkeyPatch,
) -> None:
    production.setenv("CRYPTOGRAPHY_KEYS", f" {OTHER_KEY}, {KEY} ")
    assert Environment().cryptography_keys() == [bytes(range(32, 64)), bytes(range(32))]


def test_development_needs_neither_tls_nor_the_names_of_hosts(
    production: pytest.MonkeyPatch,
) -> None:
    production.setenv("DEBUG", "on")
    for name in ("SITE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "DATABASE_URL"):
        production.delenv(name)
    env = Environment()
    assert env.site_url() == "http://localhost:8000"
    assert "localhost" in env.allowed_hosts()
    assert env.email_url() == "smtp://localhost:8025"
    assert env.database()["ENGINE"] == "django.db.backends.sqlite3"


@pytest.mark.parametrize("value", ["", "off", "false", "no", "0", "perhaps"])
def test_nothing_but_a_clear_yes_means_development(
    production: pytest.MonkeyPatch, value: str
) -> None:
    production.setenv("DEBUG", value)
    assert not Environment().debug


def test_links_are_built_without_a_double_slash(production: pytest.MonkeyPatch) -> None:
    production.setenv("SITE_URL", "https://www.bizsecure.com/")
    assert Environment().site_url() == "https://www.bizsecure.com"
