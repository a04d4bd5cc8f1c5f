"""A passkey in software: it answers what the pages ask, as a telephone would."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

USER_PRESENT, USER_VERIFIED, WITH_CREDENTIAL = 0x01, 0x04, 0x40
SITE = "http://localhost"


def text(value: bytes) -> str:
    """Return bytes as web pages write them."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


class Passkey:
    """Makes one credential, for whoever asks first, and signs with it."""

    def __init__(self, origin: str = SITE) -> None:
        self.origin = origin
        self.number = secrets.token_bytes(16)
        self.user_handle = ""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._count = 0

    def made_for(self, options: dict[str, Any], *, alone: bool = True) -> str:
        """Return what a browser sends after a new passkey was made with these options."""
        asked = options["creation_options"]["publicKey"]
        self.user_handle = asked["user"]["id"]
        key = ES256.from_cryptography_key(self._key.public_key())  # type: ignore[no-untyped-call]
        public = cbor.encode(dict(key))
        credential = bytes(16) + len(self.number).to_bytes(2, "big") + self.number + public
        data = self._data(asked["rp"]["id"], USER_PRESENT | USER_VERIFIED | WITH_CREDENTIAL)
        statement = {"fmt": "none", "attStmt": {}, "authData": data + credential}
        return self._credential(
            {
                "clientDataJSON": self._client_data("webauthn.create", asked["challenge"]),
                "attestationObject": text(cbor.encode(statement)),
            },
            {"credProps": {"rk": alone}},
        )

    def answer_to(self, options: dict[str, Any], *, verified: bool = True) -> str:
        """Return what a browser sends after this passkey was used."""
        asked = options["request_options"]["publicKey"]
        flags = USER_PRESENT | (USER_VERIFIED if verified else 0)
        data = self._data(asked["rpId"], flags)
        client = self._client_data("webauthn.get", asked["challenge"])
        raw = base64.urlsafe_b64decode(client + "=" * (-len(client) % 4))
        signature = self._key.sign(data + hashlib.sha256(raw).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            {
                "clientDataJSON": client,
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": self.user_handle,
            },
            {},
        )

    def _data(self, site: str, flags: int) -> bytes:
        self._count += 1
        return (
            hashlib.sha256(site.encode()).digest() + bytes([flags]) + self._count.to_bytes(4, "big")
        )

    def _client_data(self, kind: str, challenge: str) -> str:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return text(json.dumps(said).encode())

    def _credential(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        number = text(self.number)
        return json.dumps(
            {
                "type": "public-key",
                "id": number,
                "rawId": number,
                "response": response,
                "clientExtensionResults": extensions,
            }
        )
