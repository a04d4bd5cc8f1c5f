"""Mail addresses in the one form in which headers and SMTP commands carry them."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache

# RFC 5321, 4.5.3.1.3: a path has 256 octets, two of them the angle brackets.
LONGEST_ADDRESS = 254

# What stands in no word of a local part, in one class because that is quick to match: in ASCII all
# but RFC 5322's atext; beyond it, which RFC 6531 allows, white space, controls and lone surrogates.
_ATOM = r"[^\x00-\x20\"(),.:;<>@\[\\\]\x7f-\xa0\s\ud800-\udfff]+"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_LOCAL_PART = rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z:.]+\])"
_ADDRESS = re.compile(rf"{_LOCAL_PART}@{_DOMAIN}")


# Each address of a mail is looked at more than once: for its header and for its envelope.
@lru_cache(maxsize=64)
def wire_address(address: str) -> str:
    """Return the address with its domain in ASCII (IDNA), ready for a header or a command.

    Raises ValueError, without repeating the address, for anything that is not exactly one
    address: nothing that could end a command or add a second recipient passes.
    """
    local_part, _, domain = address.rpartition("@")
    if not domain.isascii():
        address = f"{local_part}@{_ascii_domain(domain)}"
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise ValueError("Not an address that mail can be sent to.")
    return address


def needs_smtputf8(address: str) -> bool:
    """Tell whether only servers with SMTPUTF8 (RFC 6531) can carry mail for this address."""
    return not wire_address(address).isascii()


def _ascii_domain(domain: str) -> str:
    # IDNA 2003 turns some letters into others (a German sharp s becomes "ss"). The result may
    # be the domain of somebody else, who would then get our customer's mail.
    with suppress(UnicodeError):
        encoded = domain.encode("idna")
        if encoded.decode("idna") == domain.lower():
            return encoded.decode("ascii")
    raise ValueError("Not a domain that mail can be sent to.")
