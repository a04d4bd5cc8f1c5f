"""Why something about messages was refused, in the words people read."""

from __future__ import annotations

from enum import Enum

from django.utils.translation import gettext_lazy as _


class Reason(Enum):
    NO_SUCH_KIND = _("Messages of this kind are not written by hand.")
    NO_SUCH_AUDIENCE = _("There is no such audience.")
    NO_SUCH_LANGUAGE = _("The site is not in this language.")
    HALF_TRANSLATED = _("A translation has a subject and a text.")
    NEEDS_TWO_PEOPLE = _(
        "This message cannot be switched off by those who get it, so a second member of staff "
        "must agree to it first."
    )
    OWN_AGREEMENT = _("Somebody else than its author must agree to a message.")
    CHANGED_MEANWHILE = _("The message was changed since you looked at it. Please look again.")
    ALREADY_SENT = _("This message is on its way already, so its words stay as they are.")
    NOT_ON_ITS_WAY = _("This message is not on its way.")
    CANCELLED = _("This message was cancelled.")
    NO_HOLES = _("Double square brackets have a meaning of their own in our mails. Leave them out.")
    NOBODY = _("Nobody is in this audience.")
    WRONG_DAY = _("Give the day of posting: not before the letters were printed, and not ahead.")
    REPRINTED = _(
        "These letters were printed again since, and the codes in them no longer work. Post the "
        "newest ones."
    )
    CANNOT_ANSWER = _("Whoever looks after a case must be allowed to answer it.")
    NO_ADDRESS = _("We have no address to answer to.")
    UNREAD = _("Read the message before you keep or discard it.")
    NOT_KEPT = _("This file was not kept.")
