"""Why a service of this room refuses, and the sentence a person reads."""

from __future__ import annotations

from enum import Enum

from django.utils.translation import gettext_lazy as _

from bizsecure.core.errors import Refused


class Reason(Enum):
    TOO_EARLY = _(
        "Every customer needs 30 full days after being told, and telling everyone takes time. "
        "The earliest possible date is %(earliest)s."
    )
    OUT_OF_ORDER = _("Versions take effect in the order of their numbers.")
    NO_DATE = _("Say from when the version takes effect.")
    NUMBER_TAKEN = _("This version number was published before. Use %(next)s.")
    NOTHING_CHANGED = _(
        "Text and uses are the same as in version %(base)s, so there is nothing to announce."
    )
    NEW_USE_NEEDS_CHOICE = _(
        "“%(use)s” is new to our customers, so it must be their choice: unused until they say "
        "yes. Set its basis to “choice”."
    )
    BASIS_LOOSENED = _(
        "“%(use)s” may become stricter but not looser than in version %(base)s. "
        "Keep its basis, or declare a new use."
    )
    USES_ELSEWHERE = _("Only the privacy policy declares uses of personal information.")
    USE_IS_ANOTHER = _(
        "“%(use)s” already stands for another purpose, information or recipient. "
        "Give the new use a key of its own."
    )
    USE_HAS_A_KEY = _("“%(use)s” is declared already under the key “%(known)s”. Use that key.")
    NOTES_UNFIT = _("What stands beside the sections cannot be used: %(problem)s.")
    NOT_A_DRAFT = _(
        "This version is published, and published text never changes. Make a new version."
    )
    OWN_DRAFT = _("You wrote this, so somebody else must agree to it before it can be published.")
    NEEDS_AGREEMENT = _(
        "A member of staff wrote this draft, so another one must agree to it and publish it."
    )
    DRAFT_CHANGED = _("The draft changed while you were reading. Please look at it again.")
    NOT_PUBLISHED = _("This version is not published.")
    IN_FORCE = _(
        "This version is already in force, so it cannot be withdrawn or moved. "
        "Publish a new version instead."
    )
    BUILT_UPON = _("A later version builds on this one. Withdraw the later one first.")
    WITHDRAWN = _("This version was withdrawn, and that is final. Make a new version.")
    UNDECLARED = _("The policy does not declare this use.")
    NO_CHOICE_TO_MAKE = _("This is needed for the service and cannot be switched off.")
    SIGN_IN_FOR_YES = _("A yes needs your sign-in, so that nobody else can say it for you.")
    ASKED_BY_CUSTOMER = _("Our staff decide nothing for a customer who did not ask for it.")
    UNKNOWN_RECIPIENT = _("Nobody of this name may be given anything: it is not declared.")
    NOTHING_NAMED = _("Say which information is given. Nothing leaves without a list.")
    NOT_DECLARED = _(
        "This information is not declared for %(recipient)s, this purpose and this ground."
    )
    NO_REFERENCE = _("Name the order or the document that this is about.")
    NO_PARTY = _("Say who exactly receives it: “%(recipient)s” is no name.")
    NOT_A_GROUND = _("Section 11 of our policy has no such ground.")
    NEEDS_DATE = _("Name the day from which the customer is told. It is a day to come.")
    NEEDS_LAW = _("Name the law that forbids telling the customer.")
    NOT_STAFF = _("Only a member of our staff can do this.")
    OWN_ENTRY = _("This is your own entry. Somebody else must decide about it.")
    ENTRY_DECIDED = _("Somebody has decided about this entry already.")
    NO_REASON = _("Say why, so that whoever wrote it understands.")
    NOT_BARRED = _("No law forbids telling the customer of this one.")
    BAR_LIFTED = _("The bar was lifted before, from another day on.")
    NEEDS_TWO_PEOPLE = _("Enter it in the register, for a second person to approve.")
    GATE_SAYS_NO = _("It may not be used for this: %(why)s.")
    NOTHING_TO_STOP = _("The use is allowed, so there is nothing to stop.")
    NOT_GRANTED = _("The grant is for another recipient or for other information.")
    GRANT_EXPIRED = _("The grant has expired.")
    GRANT_USED = _("The grant was used already.")
    OUTCOME_KNOWN = _("The outcome is known already: %(outcome)s.")
    UNREADABLE = _("The file cannot be read: %(problem)s.")


def sentence(refused: Refused) -> str:
    """Return why a service of this room refused, as a sentence."""
    return refused.sentence
