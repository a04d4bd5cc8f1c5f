"""Why a service of this room refuses, as the sentence a person reads."""

from __future__ import annotations

from enum import Enum

from django.utils.translation import gettext_lazy as _


class Reason(Enum):
    NOT_IN_POLICY = _(
        "The acceptable use policy that was in force on that day does not have this ground, so "
        "we may not act on it."
    )
    NOT_HAPPENED = _("Say on which day it happened. A day that has not come is none.")
    UNEXPLAINED = _("Say what it is about, and what the decision rests on. The customer reads it.")
    ENDS_BEFORE = _("Say a time that is still to come, or none.")
    HAS_NO_DURATION = _("What is reviewed or deleted is so once. Only what lasts has an end.")
    NO_SUCH_SERVICE = _("Say which service is suspended. It has to be one that works.")
    ACCOUNT_CLOSED = _("This account is closed.")
    OWN_DECISION = _("This is your own decision. Somebody else must look at it again.")
    NO_OBJECTION = _("Nobody objected to this decision.")
    IS_OVER = _("This decision does not stand any more.")
    TOLD_BY_MAIL = _("No letter is due: a mail tells this customer, or nobody is left to be told.")
