"""What is counted of one request, and nothing else of it. Pure: no clock, no database.

Each fact is counted on its own. No two facts of the same request are kept together, but for the
page and the one before it, so no row says what somebody did (LOG-2).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

DIRECT = "direct"
UNKNOWN = "unknown"
THEN = " > "

IPV4_OCTETS = 4
# How an address of IPv4 begins where it is written as one of IPv6 (RFC 4291, 2.5.5.2).
MAPPED = bytes(10) + b"\xff\xff"
_OCTET = r"(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])"
_IPV4 = re.compile(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}", re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?")
_PROGRAM = re.compile(r"bot|crawl|spider|curl|wget|python|scan|monitor|http", re.IGNORECASE)
_TABLET = re.compile(r"ipad|tablet|android(?!.*mobile)", re.IGNORECASE)
_PHONE = re.compile(r"mobi|iphone|android", re.IGNORECASE)


@dataclass(frozen=True)
class Visit:
    """A request as it arrives: the pattern of its page, and what the browser said."""

    page: str
    page_before: str | None
    """The pattern of the page of ours that the visitor came from."""
    referrer: str
    """The address of the page the visitor came from, if it is not ours."""
    address: str
    browser: str


def facts(visit: Visit) -> list[tuple[str, str]]:
    """Return what is counted, each as a dimension and a value."""
    found = [("page", visit.page), ("network", network(visit.address))]
    if visit.page_before is not None:
        found.append(("path", f"{visit.page_before}{THEN}{visit.page}"))
        return found
    # Where people come from and with what is asked once a visit, at its first page.
    return [*found, ("referrer", host(visit.referrer)), ("device", device(visit.browser))]


def network(address: str) -> str:
    """Return the network an address belongs to: 65,536 addresses of IPv4, a provider of IPv6."""
    octets = _octets(address)
    if len(octets) == IPV4_OCTETS:
        return f"{octets[0]}.{octets[1]}.0.0/16"
    return f"{octets[:2].hex()}:{octets[2:4].hex()}::/32" if octets else UNKNOWN


def neighbourhood(address: str) -> bytes:
    """Return an address cut to its 256 neighbours, of IPv6 to a site; empty for what is none."""
    octets = _octets(address)
    return octets[:3] if len(octets) == IPV4_OCTETS else octets[:6]


def _octets(address: str) -> bytes:
    """The octets of an address, of IPv4 also where it is written as IPv6; none for what is none."""
    # The common case, at a tenth of what the library takes.
    if common := _IPV4.fullmatch(address):
        return bytes(map(int, common.groups()))
    try:
        return ip_address(address).packed.removeprefix(MAPPED)
    except ValueError:
        return b""


def token(key: bytes, cut_address: bytes) -> str:
    """Return what stands for a cut address as long as the key is there, and for nothing after."""
    return hashlib.blake2b(cut_address, key=key, digest_size=16).hexdigest()


def host(referrer: str) -> str:
    """Return the name of the site somebody came from; its pages and queries are not looked at."""
    if not referrer:
        return DIRECT
    try:
        name = (urlsplit(referrer).hostname or "").lower()
    except ValueError:
        return UNKNOWN
    return name if _HOST.fullmatch(name) else UNKNOWN


# Browsers call themselves by a few hundred names, which say nothing of who uses them.
@lru_cache(maxsize=512)
def device(browser: str) -> str:
    """Return the family of a device. Versions and models are not looked at."""
    if not browser or _PROGRAM.search(browser):
        return "program"
    if _TABLET.search(browser):
        return "tablet"
    return "phone" if _PHONE.search(browser) else "computer"
