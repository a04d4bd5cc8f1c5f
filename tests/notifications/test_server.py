"""Which server is used, and that it is the right one before it gets anything."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.transport import Encryption, Outcome, Server
from tests.notifications.smtp_sink import Sink
from tests.notifications.wire import outcomes, recipients, send_all, server_at


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1 that only those trust who are told to."""

    path: Path
    context: ssl.SSLContext


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, private)
    return Certificate(path, context)


@pytest.fixture
def trust(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))


@contextmanager
def encrypted_sink(encryption: Encryption, certificate: Certificate) -> Iterator[Sink]:
    if encryption is Encryption.TLS:
        with Sink(ssl_context=certificate.context) as sink:
            yield sink
    else:
        with Sink(tls_context=certificate.context, require_starttls=True) as sink:
            yield sink


@pytest.mark.usefixtures("trust")
@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_mail_goes_over_an_encrypted_connection(
    certificate: Certificate, encryption: Encryption
) -> None:
    with encrypted_sink(encryption, certificate) as sink:
        server = server_at(sink.port, encryption=encryption)
        results = send_all(server, recipients(3))

    assert outcomes(results) == [Outcome.ACCEPTED] * 3


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_a_server_with_a_certificate_nobody_vouches_for_gets_no_mail(
    certificate: Certificate, encryption: Encryption, caplog: pytest.LogCaptureFixture
) -> None:
    with encrypted_sink(encryption, certificate) as sink:
        server = server_at(sink.port, encryption=encryption)
        results = send_all(server, recipients(2))

        assert outcomes(results) == [Outcome.DEFERRED] * 2
        assert sink.offered == 0
    assert "SSLCertVerificationError" in caplog.text


def test_a_server_that_cannot_encrypt_gets_no_mail_when_it_should() -> None:
    with Sink() as sink:
        server = server_at(sink.port, encryption=Encryption.STARTTLS)
        results = send_all(server, recipients(2))

        assert outcomes(results) == [Outcome.DEFERRED] * 2
        assert sink.offered == 0


@pytest.mark.usefixtures("trust")
@pytest.mark.parametrize(
    ("password", "outcome"), [("s3cret", Outcome.ACCEPTED), ("wrong", Outcome.DEFERRED)]
)
def test_signing_in_is_part_of_connecting(
    certificate: Certificate, password: str, outcome: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    def authenticate(*stated: Any) -> AuthResult:
        login = stated[-1]
        assert isinstance(login, LoginPassword)
        return AuthResult(success=login == LoginPassword(b"portal", b"s3cret"), handled=False)

    with Sink(
        tls_context=certificate.context, auth_required=True, authenticator=authenticate
    ) as sink:
        server = server_at(
            sink.port, encryption=Encryption.STARTTLS, user="portal", password=password
        )
        results = send_all(server, recipients(2))

    assert outcomes(results) == [outcome] * 2
    assert password not in caplog.text
    assert ("SMTPAuthenticationError (535)" in caplog.text) is (password == "wrong")


@pytest.mark.parametrize(
    ("url", "host", "port", "encryption"),
    [
        ("smtp://localhost", "localhost", 25, Encryption.NONE),
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Encryption.NONE),
        ("smtp+tls://mail.example.com", "mail.example.com", 587, Encryption.STARTTLS),
        ("smtp+ssl://mail.example.com/", "mail.example.com", 465, Encryption.TLS),
        ("smtp+ssl://[::1]:4650", "::1", 4650, Encryption.TLS),
    ],
)
def test_a_url_names_the_server(url: str, host: str, port: int, encryption: Encryption) -> None:
    server = Server.from_url(url)

    assert (server.host, server.port, server.encryption) == (host, port, encryption)


def test_a_url_holds_user_and_password_which_are_never_shown() -> None:
    server = Server.from_url("smtp+tls://portal%40example.com:p%2Fs%3As@mail.example.com")

    assert (server.user, server.password) == ("portal@example.com", "p/s:s")
    assert "p/s:s" not in repr(server)
    assert "portal" not in repr(server)


def test_a_url_may_shorten_the_waits_before_a_message_but_not_the_one_after() -> None:
    server = Server.from_url("smtp://mail.example.com?timeout=5")

    assert (server.connect_timeout, server.command_timeout, server.reply_timeout) == (5, 5, 600)
    assert Server.from_url("smtp://mail.example.com?reply_timeout=700").reply_timeout == 700


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "smtps://user:s3cret@mail.example.com",
        "http://user:s3cret@mail.example.com",
        "smtp://user:s3cret@",
        "smtp://user:s3cret@mail.example.com:port",
        "smtp://user:s3/cret@mail.example.com",
        "smtp://user:s3cret@mail.example.com/path",
        "smtp://user:s3cret@mail.example.com#fragment",
        "smtp://user:s3cret@mail.example.com?timeout=soon",
        "smtp://user:s3cret@mail.example.com?timeout=0",
        "smtp://user:s3cret@mail.example.com?timeout=nan",
        "smtp://user:s3cret@mail.example.com?tls=1",
    ],
)
def test_a_url_with_a_mistake_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="mail server") as refusal:
        Server.from_url(url)

    assert "cret" not in str(refusal.value)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_the_server_is_told_our_name_without_asking_dns() -> None:
    assert Server(host="localhost", port=25).helo_name
