"""How a request to a partner is signed: pure, without clock or connection.

HMAC-SHA256 over the method, the path, the time, the idempotency key and the SHA-256 of the body,
a line each. So nobody on the way can alter, move or replay it.
"""

from __future__ import annotations

import hashlib
import hmac

SCHEME = "BizSecure-HMAC-SHA256"


def signature(*, secret: str, method: str, path: str, timestamp: int, key: str, body: bytes) -> str:
    """Return the signature of a request, in hexadecimal digits."""
    lines = [method, path, str(timestamp), key, hashlib.sha256(body).hexdigest()]
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def signed_headers(
    *, key_id: str, secret: str, method: str, path: str, timestamp: int, key: str, body: bytes
) -> dict[str, str]:
    """Return the headers of a signed request."""
    signed = signature(
        secret=secret, method=method, path=path, timestamp=timestamp, key=key, body=body
    )
    return {
        "Authorization": f"{SCHEME} key={key_id}, signature={signed}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "Request-Time": str(timestamp),
    }
