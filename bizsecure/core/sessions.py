"""How a session is written down: sealed, because it holds what is on its way to being sealed."""

from __future__ import annotations

from typing import Any

from django.core.signing import JSONSerializer

from bizsecure.core.keyring import keyring

PLACE = b"django_session.session_data"


class SealedSerializer:
    """JSON under the key ring. A session that cannot be opened is an empty one."""

    def dumps(self, session: dict[str, Any]) -> bytes:
        return keyring().seal(JSONSerializer().dumps(session), PLACE)

    def loads(self, sealed: bytes) -> dict[str, Any]:
        session: dict[str, Any] = JSONSerializer().loads(keyring().open(sealed, PLACE))
        return session
