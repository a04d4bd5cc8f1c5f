"""Personal information travels encrypted inside the house too, or stays on one machine (SEC-1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004  Django's own name

THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
CHECKED = frozenset({"verify-full", "verify-ca"})


def is_near(host: str) -> bool:
    """Whether nobody else listens on the way: a socket, this machine, or its own containers.

    A name without a dot is no machine of the network: containers of one machine are called so.
    """
    is_a_word = not {".", ":"} & set(host)
    return is_a_word or host.startswith("/") or host in THIS_MACHINE


@register(deploy=True)
def the_database_is_reached_over_tls(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of a database on another machine whose certificate is not looked at."""
    database = settings.DATABASES["default"]
    host = str(database.get("HOST") or "")
    mode = str(database.get("OPTIONS", {}).get("sslmode", ""))
    if settings.DEBUG or is_near(host) or mode in CHECKED:
        return []
    return [
        Warning(
            "DATABASE_URL reaches another machine without checking that it is the right one.",
            hint="Add ?sslmode=verify-full, and sslrootcert for a certificate of your own. "
            "See docs/checks.md#bizsecurew003.",
            id="bizsecure.W003",
        )
    ]


@register(deploy=True)
def the_broker_is_reached_over_tls(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of a broker on another machine that is spoken to in the clear."""
    parts = urlsplit(settings.REDIS_URL)
    if settings.DEBUG or parts.scheme != "redis" or is_near(parts.hostname or ""):
        return []
    return [
        Warning(
            "REDIS_URL reaches another machine in the clear.",
            hint="Use rediss://, or keep Redis on the machine that uses it. "
            "See docs/checks.md#bizsecurew004.",
            id="bizsecure.W004",
        )
    ]


@register(deploy=True)
def mail_leaves_over_tls(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of a relay on another machine to which mails go in the clear."""
    parts = urlsplit(settings.EMAIL_URL)
    if settings.DEBUG or parts.scheme != "smtp" or is_near(parts.hostname or ""):
        return []
    return [
        Warning(
            "EMAIL_URL hands mails to another machine in the clear.",
            hint="Use smtp+tls:// or smtp+ssl://. See docs/checks.md#bizsecurew005.",
            id="bizsecure.W005",
        )
    ]
