"""What the shop says of the products it came with, for translators.

The words themselves are rows, which staff change in the admin. Where a row still says what
stands here, readers of another language read its translation; what staff wrote is shown as they
wrote it. Names of products are the same in every language.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

FIRST_WORDS = frozenset(
    (
        # What a partner receives
        _("your name, e-mail address and billing address"),
        # Summaries
        _(
            "For a small site or a blog, on a server that you share with others: 10 GB of space "
            "and 5 mailboxes."
        ),
        _(
            "For a shop or a busy site, on a server with few neighbors: 50 GB of space, 50 "
            "mailboxes and a database."
        ),
        _(
            "A machine that is yours alone: 4 processor cores, 32 GB of memory and 1 TB of space. "
            "We look after the hardware, you after what runs on it."
        ),
        _(
            "A name of your own ending in .com, .net or .org. We register it in our name and hold "
            "it for you, so that the registry receives nothing about you."
        ),
        _(
            "Lets browsers reach your site encrypted, and see that the domain is yours. Issued by "
            "GeoTrust, installed by us."
        ),
        _(
            "ScanAlert looks at your site from outside every day, as an attacker would, and tells "
            "you what it finds."
        ),
        _(
            "A copy of your site each night, kept for 30 days in another building. You restore it "
            "yourself or ask us to."
        ),
        # When they work
        _("Ready within a few minutes after you pay."),
        _("Ready within one working day after you pay."),
        _("Registered within one working day after you tell us the name."),
        _("Issued by GeoTrust, mostly within an hour after you pay."),
        _("ScanAlert begins within one working day after you pay."),
        # Descriptions, a paragraph each
        _("Your site stands on a server beside others, each behind its own door."),
        _("Good for a small site, a blog or a first attempt. You can move up at any time."),
        _("More room, more mailboxes and databases, and a server with few neighbors."),
        _("Good for a shop, or for a site that many people visit at the same time."),
        _("A whole machine in our building, with nobody else on it."),
        _("We replace what breaks. What runs on it is yours to choose and to look after."),
        _(
            "Registries publish or keep who owns a name. So we register it in our own name and "
            "hold it for you: the registry learns that BizSecure ordered a name, and nothing "
            "about you."
        ),
        _(
            "You alone decide about the name. We transfer it to you or to another provider "
            "whenever you ask."
        ),
        _(
            "Buy it here and tell us the name afterwards, on the page of the service. If the name "
            "is taken you choose another one or get your money back."
        ),
        _(
            "GeoTrust checks that the domain is yours and issues the certificate. We install it on "
            "your site and renew it for as long as you keep it."
        ),
        _(
            "Once a day ScanAlert looks at what is open to the Internet on your site, and at known "
            "weaknesses of the programs behind it."
        ),
        _("What it finds is sent to you, ordered by how urgent it is."),
        _(
            "Each night we copy files, mailboxes and databases of one site to another building, "
            "encrypted, and keep each copy for 30 days."
        ),
        _("You put back a single file or everything, yourself or with our help."),
        # Features
        _("Space"),
        _("Mailboxes"),
        _("Databases"),
        _("Server"),
        _("Who looks after it"),
        _("Help"),
        _("Shared with others"),
        _("We do"),
        _("By e-mail"),
        _("Few neighbors"),
        _("By e-mail and telephone"),
        _("As many as you like"),
        _("Yours alone: 4 cores, 32 GB"),
        _("We the hardware, you the rest"),
        _("By e-mail and telephone, day and night"),
    )
)


def spoken(words: str) -> str:
    """Return what the shop came with in the reader's language, and anything else as it is."""
    return gettext(words) if words in FIRST_WORDS else words
