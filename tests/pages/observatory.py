"""How Mozilla's HTTP Observatory scores an answer, by its published rules.

Written anew from its score table: only what our answers can come to is told apart; anything else
is a failure of the test. `of_old` counts as the command line tool 1.4.8 did, `of_today` adds what
1.6.3 gives for the opener and embedder policies. A preloaded HSTS would be 5 more, and is not
counted: the list of browsers is not ours to enter.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

START, BEFORE_EXTRA = 100, 90
SIX_MONTHS = 15_768_000
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


class Scripts(HTMLParser):
    """Collects the scripts of a page: where each is from and whether its content is checked."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" in given:
            self.found.append(given)


def content_security_policy(answer: Any) -> int:
    policy = {
        name: set(sources.split())
        for each in answer.headers["Content-Security-Policy"].split(";")
        for name, _space, sources in [each.strip().partition(" ")]
    }
    assert policy["object-src"] == policy["base-uri"] == {"'none'"}
    unsafe = any("'unsafe" in source for sources in policy.values() for source in sources)
    broad = {"data:", "https:", "http:", "*"}
    scripts, styles = policy["script-src"], policy["style-src"]
    if unsafe or broad & (scripts | styles) or not policy["form-action"] <= {"'self'", "'none'"}:
        return -20
    return 10 if policy["default-src"] == {"'none'"} else 5


def cookies(answer: Any) -> int:
    if not answer.cookies:
        return 0
    is_good = all(
        cookie["secure"] and cookie["httponly"] and cookie["samesite"] in {"Lax", "Strict"}
        for cookie in answer.cookies.values()
    )
    return 5 if is_good else -40


def transport_security(answer: Any) -> int:
    directives = answer.headers["Strict-Transport-Security"].split("; ")
    age = int(directives[0].removeprefix("max-age="))
    return 0 if age >= SIX_MONTHS else -10


def integrity(answer: Any) -> int:
    page = Scripts()
    page.feed(answer.getvalue().decode())
    if not page.found:
        return 0
    if any("//" in (script["src"] or "") for script in page.found):
        return -50
    return 5 if all(script.get("integrity") for script in page.found) else 0


def framing(answer: Any) -> int:
    is_closed = "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    return 5 if is_closed else 0 if answer.headers.get("X-Frame-Options") == "DENY" else -20


def sharing(answer: Any) -> int:
    assert "Access-Control-Allow-Origin" not in answer.headers
    policy = answer.headers.get("Cross-Origin-Resource-Policy")
    return 10 if policy in {"same-origin", "same-site"} else 0


def referrer(answer: Any) -> int:
    return 5 if answer.headers.get("Referrer-Policy") in PRIVATE else 0


def sniffing(answer: Any) -> int:
    return 0 if answer.headers.get("X-Content-Type-Options") == "nosniff" else -5


RULES = (
    *(content_security_policy, cookies, transport_security, integrity),
    *(framing, sharing, referrer, sniffing),
)


def of_old(answer: Any) -> int:
    """Return the score by the rules of 1.4.8."""
    return _sum([rule(answer) for rule in RULES])


def of_today(answer: Any) -> int:
    """Return the score with what counts since 1.6.3."""
    opener = answer.headers.get("Cross-Origin-Opener-Policy") == "same-origin"
    embedder = answer.headers.get("Cross-Origin-Embedder-Policy") == "require-corp"
    return _sum([*(rule(answer) for rule in RULES), 10 * opener, 10 * embedder])


def _sum(changes: list[int]) -> int:
    """Return the score: extra points count for whoever has ninety without them."""
    base = START + sum(change for change in changes if change < 0)
    extra = sum(change for change in changes if change > 0)
    return base + extra if base >= BEFORE_EXTRA else base
