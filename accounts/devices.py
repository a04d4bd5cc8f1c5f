"""Which kind of device somebody signs in with, in a few words.

What a browser says of itself is long enough to tell people apart. Only its family and that of
the system are kept, without versions: enough to recognize one's own telephone.
"""

from __future__ import annotations

import ua_parser
from django.utils.translation import gettext as _

LONGEST = 60


def device_family(user_agent: str) -> str:
    """Return "Firefox on Linux", or nothing for what no browser says."""
    found = ua_parser.parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    if browser and system:
        return f"{browser} on {system}"[:LONGEST]
    return (browser or system)[:LONGEST]


def in_words(family: str) -> str:
    """Return the family for a reader."""
    browser, _on, system = family.partition(" on ")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or _("Unknown browser")
