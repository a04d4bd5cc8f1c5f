"""Signatures are held by another library's verifier, and break when what they cover changes."""

from __future__ import annotations

import base64

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.checks import run_checks
from pytest_django import Settings

from notifications.transport.envelope import END_OF_MESSAGE, Prepared, prepared
from notifications.transport.signing import Signer
from tests.builders import PRODUCT_NEWS, RUN_ACCOUNT, first_policy
from tests.notifications.announced import agreed, sent, written
from tests.notifications.outbox import a_crowd, deliver
from tests.notifications.smtp_sink import Sink

DOMAIN, SELECTOR = "bizsecure.com", "mail2026"
MESSAGE = (
    b"From: BizSecure <news@bizsecure.com>\r\nTo: alice@example.com\r\nSubject: News\r\n"
    b"List-Unsubscribe: <https://www.bizsecure.com/u/abc/>,\r\n"
    b" <mailto:optout@bizsecure.com?subject=unsubscribe%20abc>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"X-Note: not signed\r\n\r\nHello,\r\n.dots\r\n..more \r\n\r\n\r\n"
)
RSA = rsa_key(public_exponent=65537, key_size=2048)
ED25519 = Ed25519PrivateKey.generate()


def pem(key: object) -> str:
    written: bytes = key.private_bytes(  # type: ignore[attr-defined]
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return written.decode()


def is_good(message: bytes) -> bool:
    """Let dkimpy verify, with our public keys where DNS would have them."""
    rsa = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(rsa)
    return bool(dkim.verify(message, dnsfunc=lambda *_question, **_options: record))


def signed(message: bytes = MESSAGE) -> bytes:
    """Return what arrives of a message that was signed and sent."""
    signer = Signer.from_pem(DOMAIN, SELECTOR, pem(RSA))
    return arrived(signer.signed(prepared(message)))


def arrived(message: Prepared) -> bytes:
    return bytes(message).removesuffix(END_OF_MESSAGE).replace(b"\r\n..", b"\r\n.")


@pytest.mark.parametrize("message", [MESSAGE, MESSAGE.partition(b"Hello")[0]])
def test_a_signature_is_good_to_another_library(message: bytes) -> None:
    assert is_good(signed(message))


def test_the_signature_covers_both_headers_of_unsubscribing_and_the_message_as_it_was() -> None:
    names = signed().partition(b" h=")[2].partition(b";")[0].split(b":")

    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"from", b"subject"} <= set(names)
    assert signed().endswith(MESSAGE)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (b"One-Click", b"Two-Click"),
        (b"/u/abc/", b"/u/xyz/"),
        (b"Subject: News", b"Subject: Olds"),
        (b"Hello,", b"Hallo,"),
        (b"To: alice", b"From: mallory@example.com\r\nTo: alice"),
    ],
)
def test_what_is_covered_cannot_be_changed(part: bytes, other: bytes) -> None:
    assert not is_good(signed().replace(part, other))


def test_relays_may_fold_lines_anew_and_add_headers() -> None:
    refolded = signed().replace(b">,\r\n <mailto", b">, <mailto")

    assert is_good(b"Received: by a relay\r\n" + refolded)


def test_ed25519_signs_the_hash_of_the_headers() -> None:
    signer = Signer.from_pem(DOMAIN, SELECTOR, pem(ED25519))

    first, second = (signer.signed(prepared(MESSAGE)) for _each in range(2))

    assert bytes(first) == bytes(second)
    assert b"a=ed25519-sha256" in bytes(first)


@pytest.mark.parametrize(
    ("selector", "key"),
    [
        (SELECTOR, "no key"),
        (SELECTOR, pem(rsa_key(public_exponent=65537, key_size=1024))),  # noqa: S505  too short on purpose
        (SELECTOR, pem(generate_private_key(SECP256R1()))),
        ("not a name;", pem(ED25519)),
        ("", pem(ED25519)),
    ],
)
def test_a_key_that_nobody_would_trust_is_refused_unseen(selector: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"key|selector") as refusal:
        Signer.from_pem(DOMAIN, selector, key)

    assert "BEGIN" not in str(refusal.value)


def test_news_is_signed_where_there_is_a_key(db: None, sink: Sink, settings: Settings) -> None:
    settings.DKIM_KEY, settings.DKIM_SELECTOR = pem(RSA), SELECTOR
    first_policy(RUN_ACCOUNT, PRODUCT_NEWS)
    a_crowd(1)
    sent(agreed(written()))

    assert deliver()["accepted"] == 1

    message = sink.accepted[0].message
    assert is_good(message)
    assert b":list-unsubscribe:list-unsubscribe-post:" in message.replace(b"\r\n", b"")


def test_a_key_that_cannot_sign_stops_the_start(settings: Settings) -> None:
    assert "notifications.E002" not in {problem.id for problem in run_checks()}

    settings.DKIM_SELECTOR = SELECTOR

    assert "notifications.E002" in {problem.id for problem in run_checks()}
