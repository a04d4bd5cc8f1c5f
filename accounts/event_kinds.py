"""What can happen to an account, as a closed vocabulary, and how each of it reads."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    """A kind of event. Its label is a sentence that begins with what happened.

    The column has no list of values of its own, so that a new kind is no migration;
    `record_event` takes no other.
    """

    SIGNED_IN = "signed_in", _("Signed in")
    SIGNED_OUT = "signed_out", _("Signed out")
    SESSION_ENDED = "session_ended", _("A session was ended")
    SESSIONS_ENDED = "sessions_ended", _("All other sessions were ended")
    PASSWORD_CHANGED = "password_changed", _("The password was changed")
    PASSWORD_RESET = "password_reset", _("The password was set anew by a link in a mail")
    FACTOR_FAILED = "factor_failed", _("The second step of a sign-in failed")
    FACTOR_ADDED = "factor_added", _("A second step of the sign-in was added")
    FACTOR_REMOVED = "factor_removed", _("A second step of the sign-in was removed")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("New recovery codes were made")
    RECOVERY_CODE_USED = "recovery_code_used", _("A recovery code was used")
    ADDRESS_CHANGE_REQUESTED = (
        "address_change_requested",
        _("A change of the e-mail address was asked for"),
    )
    ADDRESS_CHANGE_CANCELLED = (
        "address_change_cancelled",
        _("The change of the e-mail address was cancelled"),
    )
    ADDRESS_CHANGE_LAPSED = (
        "address_change_lapsed",
        _("The change of the e-mail address lapsed, for the new one was not proven in time"),
    )
    ADDRESS_CHANGED = "address_changed", _("The e-mail address was changed")
    ADDRESS_PUT_BACK = "address_put_back", _("The old e-mail address was put back")
    DOWNLOAD_REQUESTED = "download_requested", _("A download of everything was asked for")
    DOWNLOAD_MADE = "download_made", _("The download of everything was made")
    DOWNLOAD_FETCHED = "download_fetched", _("The download of everything was fetched")
    CLOSING_REQUESTED = "closing_requested", _("Closing the account was asked for")
    CLOSING_CANCELLED = "closing_cancelled", _("The account stays open after all")
    ACCOUNT_ERASED = "account_erased", _("What we knew about you was erased")
    ACCOUNT_SUSPENDED = "account_suspended", _("The account was suspended")
    ACCOUNT_RESTORED = "account_restored", _("The account is in good standing again")
    CLAIM_CODE_SENT = "claim_code_sent", _("A code for a sign-in of your own was made")
    ACCOUNT_CLAIMED = "account_claimed", _("The account got a sign-in of its own")
    DISCLOSURE_TOLD = "disclosure_told", _("You can see that something was given to others")

    @property
    def is_about_signing_in(self) -> bool:
        """Whether it concerns who can get in, rather than the account itself."""
        return self in SIGN_IN_KINDS

    @property
    def is_news(self) -> bool:
        """Whether its customer is to hear of it at once, wherever they are."""
        return self in NEWS_KINDS


SIGN_IN_KINDS = frozenset(
    {
        EventKind.SIGNED_IN,
        EventKind.SIGNED_OUT,
        EventKind.SESSION_ENDED,
        EventKind.SESSIONS_ENDED,
        EventKind.PASSWORD_CHANGED,
        EventKind.PASSWORD_RESET,
        EventKind.FACTOR_FAILED,
        EventKind.FACTOR_ADDED,
        EventKind.FACTOR_REMOVED,
        EventKind.RECOVERY_CODES_MADE,
        EventKind.RECOVERY_CODE_USED,
    }
)

NEWS_KINDS = frozenset(
    {
        EventKind.RECOVERY_CODE_USED,
        EventKind.FACTOR_REMOVED,
        EventKind.DOWNLOAD_MADE,
        EventKind.CLOSING_REQUESTED,
        EventKind.CLOSING_CANCELLED,
        EventKind.ACCOUNT_SUSPENDED,
        EventKind.ACCOUNT_RESTORED,
        EventKind.DISCLOSURE_TOLD,
    }
)


class Grievance(models.TextChoices):
    """Why an account is suspended, as the customer reads it."""

    UNPAID = "unpaid", _("an invoice is unpaid")
    MISUSE = "misuse", _("use against our Acceptable Use Policy")
    DANGER = "danger", _("a danger to the account or to others")
    ASKED = "asked", _("the customer asked for it")


# What an event concerns, as `subject` of record_event names it. Another subject, such as the
# number of an order, is shown as it is.
SUBJECTS: dict[str, Any] = {
    "authenticator_app": _("authenticator app"),
    "passkey": _("passkey"),
    "recovery_codes": _("recovery codes"),
    "password": _("password"),
    **{grievance.value: grievance.label for grievance in Grievance},
}
