"""How much one sender, and one network, may write to us by form.

Counted as sign-in attempts are, by keyed digests: no address is kept, and the digest goes with
the hour or the day that it counts.
"""

from __future__ import annotations

import ipaddress

from allauth.account.adapter import get_adapter
from allauth.core.ratelimit import consume
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bizsecure.core.keyring import digest

PREFIXES = {4: 24, 6: 48}
TOO_MANY = ValidationError(
    _(
        "We had very many messages from here today. Nothing you typed is lost: please send it "
        "later, or by mail."
    ),
    code="budget",
)


def may_write(request: HttpRequest, address: str) -> bool:
    """Count a message of this sender from this network; return whether it is not one too many."""
    network = digest("contact-network", _network(str(get_adapter().get_client_ip(request))))
    sender = digest("contact-sender", address.strip().lower())
    return _counted(request, "contact_network", network) and _counted(
        request, "contact_sender", sender
    )


def may_write_again(request: HttpRequest, number: str) -> bool:
    """Count a message that is added to a case."""
    return _counted(request, "contact_again", digest("contact-again", number))


def _counted(request: HttpRequest, action: str, key: str) -> bool:
    return bool(consume(request, action=action, key=key))


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{parsed}/{PREFIXES[parsed.version]}", strict=False))
