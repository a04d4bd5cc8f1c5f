"""Which mail server to use and how long to wait for it."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl, unquote, urlsplit

MOST_CONNECTIONS = 64


class Encryption(Enum):
    """How the connection is protected; certificates are always checked."""

    NONE = "smtp"
    STARTTLS = "smtp+tls"
    TLS = "smtp+ssl"

    @property
    def usual_port(self) -> int:
        """The port that servers offer this on (RFC 5321, RFC 6409, RFC 8314)."""
        return {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.TLS: 465}[self]


def own_name() -> str:
    """Return this machine's name for EHLO without asking DNS, which may be slow or down."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A mail server. Times are in seconds.

    `connect_timeout` ends with the server's greeting, `command_timeout` is for each command
    after it, `reply_timeout` for the answer to a whole message. RFC 5321 (4.5.3.2.6) asks for
    ten minutes there, because whoever gives up sooner sends the message twice.

    `connections` is how many one worker may have open at a time, `domain_connections` on how many
    of them mails to one and the same domain may be under way. `chunking` lets BDAT (RFC 3030) be
    used where the server offers it.
    """

    host: str
    port: int
    encryption: Encryption = Encryption.NONE
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    helo_name: str = field(default_factory=own_name)
    connect_timeout: float = 30
    command_timeout: float = 300
    reply_timeout: float = 600
    messages_per_connection: int = 500
    connections: int = 4
    domain_connections: int = MOST_CONNECTIONS
    chunking: bool = True

    @classmethod
    def from_url(cls, url: str) -> Server:
        """Return the server that a URL names.

        smtp://, smtp+tls:// (STARTTLS) and smtp+ssl://, then [user:password@]host[:port], user
        and password percent-encoded. `?timeout=` sets how long to wait for a connection and
        for each command, but not the wait after a message: that is `?reply_timeout=`.
        `?connections=` sets how many connections one worker may open, `?domain_connections=` how
        many of them may carry mail to one domain; `?chunking=0` does without BDAT.
        Anything else is a ValueError, which never repeats the URL: it may hold a password.
        """
        try:
            parts = urlsplit(url)
            encryption = Encryption(parts.scheme)
            port = parts.port or encryption.usual_port
            options = {name: float(value) for name, value in parse_qsl(parts.query)}
        except ValueError:
            raise ValueError(
                "Write the mail server as smtp://, smtp+tls:// or smtp+ssl://, then "
                "user:password@host:port, percent-encoded; ?timeout= and ?reply_timeout= "
                "are numbers of seconds, ?connections= and ?domain_connections= whole numbers, and "
                "?chunking= is 0 or 1."
            ) from None
        if not parts.hostname or parts.path.strip("/") or parts.fragment:
            raise ValueError("The URL of the mail server has a host, and no path or fragment.")
        connections = options.pop("connections", cls.connections)
        for_a_domain = options.pop("domain_connections", connections)
        chunking = options.pop("chunking", 1)
        if unknown := options.keys() - {"timeout", "reply_timeout"}:
            raise ValueError(f"Unknown options of the mail server: {', '.join(sorted(unknown))}.")
        if any(not 0 < wait < float("inf") for wait in options.values()):
            raise ValueError("The mail server must be given some time to answer.")
        if connections not in range(1, MOST_CONNECTIONS + 1):
            raise ValueError(f"A worker opens 1 to {MOST_CONNECTIONS} connections.")
        if for_a_domain not in range(1, int(connections) + 1):
            raise ValueError("To one domain a worker uses 1 connection or more, of those it opens.")
        if chunking not in {0, 1}:
            raise ValueError("Chunking is used (1) or not (0).")
        return cls(
            host=parts.hostname,
            port=port,
            encryption=encryption,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            connect_timeout=options.get("timeout", cls.connect_timeout),
            command_timeout=options.get("timeout", cls.command_timeout),
            reply_timeout=options.get("reply_timeout", cls.reply_timeout),
            connections=int(connections),
            domain_connections=int(for_a_domain),
            chunking=bool(chunking),
        )
