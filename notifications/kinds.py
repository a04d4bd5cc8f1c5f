"""Every kind of mail there is. A kind that is not here cannot be sent.

A kind is essential, or it belongs to an opt-out use of the policy (OPT-1, OPT-2). Essential
kinds carry no offer, and no way out: what they say must reach its reader. All others say how to
stop them, and stop at one press. tests/notifications/test_kinds.py holds every kind to this.

To add a kind of single mail: a member of KindKey, a line in KINDS, and two templates in
templates/mail/, KEY.subject.txt and KEY.txt. A paragraph that is nothing but a link becomes a
button, called as the kind's `action` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class KindKey(models.TextChoices):
    # Changes of a policy
    POLICY_NOTICE = "policy_notice", _("Notice of a policy change")
    POLICY_POSTPONED = "policy_postponed", _("New date of a policy change")
    POLICY_WITHDRAWN = "policy_withdrawn", _("Policy change withdrawn")
    # Signing in
    EMAIL_CONFIRMATION_SIGNUP = "email_confirmation_signup", _("Welcome")
    EMAIL_CONFIRMATION = "email_confirmation", _("Confirmation of an address")
    ACCOUNT_ALREADY_EXISTS = "account_already_exists", _("Account exists already")
    UNKNOWN_ACCOUNT = "unknown_account", _("No such account")
    PASSWORD_RESET_KEY = "password_reset_key", _("Link for a new password")
    PASSWORD_RESET_CODE = "password_reset_code", _("Code for a new password")
    LOGIN_CODE = "login_code", _("Code for signing in")
    EMAIL_CONFIRM = "email_confirm", _("Address confirmed")
    EMAIL_CHANGED = "email_changed", _("Address changed")
    EMAIL_DELETED = "email_deleted", _("Address removed")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_RESET = "password_reset", _("Password reset")
    PASSWORD_SET = "password_set", _("Password set")
    TOTP_ACTIVATED = "totp_activated", _("Authenticator app added")
    TOTP_DEACTIVATED = "totp_deactivated", _("Authenticator app removed")
    WEBAUTHN_ADDED = "webauthn_added", _("Passkey added")
    WEBAUTHN_REMOVED = "webauthn_removed", _("Passkey removed")
    RECOVERY_CODES_GENERATED = "recovery_codes_generated", _("New recovery codes")
    # Orders and services
    RECEIPT = "receipt", _("Receipt")
    REFUND = "refund", _("Money paid back")
    RENEWAL_REMINDER = "renewal_reminder", _("Renewal reminder")
    CARD_EXPIRING = "card_expiring", _("Card about to expire")
    # What we heard
    OPT_OUT_RECORDED = "opt_out_recorded", _("You are opted out")
    # What happened to the account
    DETAILS_CHANGED = "details_changed", _("Your details were changed")
    CHANGED_FOR_YOU = "changed_for_you", _("We changed your details for you")
    DECIDED_FOR_YOU = "decided_for_you", _("We wrote down your decision")
    FACTOR_REMOVED = "factor_removed", _("Second step of signing in removed")
    ADDRESS_CHANGE_REQUESTED = "address_change_requested", _("Change of address asked for")
    RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")
    DOWNLOAD_READY = "download_ready", _("Your download is ready")
    CLOSING_REQUESTED = "closing_requested", _("Closing of your account")
    CLOSING_CANCELLED = "closing_cancelled", _("Your account stays open")
    ACCOUNT_SUSPENDED = "account_suspended", _("Account suspended")
    ACCOUNT_RESTORED = "account_restored", _("Account restored")
    DISCLOSURE_TOLD = "disclosure_told", _("Information given to others")
    CONDUCT_DECISION = "conduct_decision", _("A decision about your conduct")
    CONDUCT_REVIEW = "conduct_review", _("What became of a decision")
    # Feedback and support
    CASE_RECEIVED = "case_received", _("We have your message")
    CASE_ANSWERED = "case_answered", _("Answer to your message")
    # To many, written by staff
    PRODUCT_NEWS = "product_news", _("News about our products")
    PARTNER_OFFER = "partner_offer", _("Offer of a partner")
    SERVICE_NOTICE = "service_notice", _("Notice about our service")
    SECURITY_BREACH = "security_breach", _("Breach of security")
    BUSINESS_TRANSFER = "business_transfer", _("Transfer of a business")


# What staff may write to many, and what of it cannot be stopped and so needs two of them.
OPTIONAL = (KindKey.PRODUCT_NEWS, KindKey.PARTNER_OFFER)
NEEDS_AGREEMENT = (KindKey.SERVICE_NOTICE, KindKey.SECURITY_BREACH, KindKey.BUSINESS_TRANSFER)
ANNOUNCED = OPTIONAL + NEEDS_AGREEMENT


class Sender(Enum):
    """From whom a mail comes. News and offers have senders of their own, as receivers ask."""

    NOTICES = "BizSecure", "notices"
    ACCOUNTS = "BizSecure accounts", "accounts"
    SUPPORT = "BizSecure support", "support"
    NEWS = "BizSecure news", "news"
    OFFERS = "BizSecure partner offers", "offers"

    @property
    def header(self) -> str:
        """The value of From."""
        name, mailbox = self.value
        return f"{name} <{mailbox}@{settings.MAIL_DOMAIN}>"


ABOUT_YOUR_ACCOUNT = _(
    "This is a message about your account. It carries no advertising, so it cannot be switched off."
)

ABOUT_YOUR_INFORMATION = _(
    "We promised to tell you what becomes of your information. This message carries no "
    "advertising, so it cannot be switched off."
)


@dataclass(frozen=True)
class Kind:
    """A kind of mail. `use` is the opt-out use it belongs to; essential kinds have none (OPT-2).

    `why` says why it comes and why it cannot be stopped, or how. `words` says where
    the words of a single mail are found, `action` what its button says, and `secret_link` which
    of its facts is a link that nobody but the reader may know. A code is always a secret.
    `list_name` is the List-ID of what can be stopped (RFC 2919). What is `by_hand` was written to
    one person, and says of itself that no machine did.
    """

    key: KindKey
    why: str | Promise
    use: str | None = None
    sender: Sender = Sender.NOTICES
    proves_told: bool = False
    words: str = ""
    action: str | Promise = ""
    secret_link: str = ""
    list_name: str = ""
    by_hand: bool = False

    @property
    def is_essential(self) -> bool:
        return self.use is None

    @property
    def secrets(self) -> dict[str, str]:
        """The facts nobody but the reader may know, and the hole that each goes into."""
        return {name: hole for name, hole in ((self.secret_link, "link"), ("code", "code")) if name}

    @property
    def label(self) -> str:
        """How it is called."""
        return str(self.key.label)

    @property
    def template(self) -> str:
        """The folder and name that the templates of this kind begin with."""
        return self.words or f"mail/{self.key.value}"

    @property
    def subject_template(self) -> str:
        """Where the subject is written."""
        return f"{self.template}_subject.txt" if self.words else f"{self.template}.subject.txt"

    @property
    def text_template(self) -> str:
        """Where the text is written."""
        return f"{self.template}_message.txt" if self.words else f"{self.template}.txt"


def _policy(key: KindKey, *, proves_told: bool = False) -> Kind:
    return Kind(key, ABOUT_YOUR_ACCOUNT, proves_told=proves_told)


def _sign_in(key: KindKey, action: str | Promise = "", secret_link: str = "") -> Kind:
    """A mail that allauth asks for; its words stand where allauth looks for them."""
    return Kind(
        key,
        ABOUT_YOUR_ACCOUNT,
        sender=Sender.ACCOUNTS,
        words=f"account/email/{key.value}",
        action=action,
        secret_link=secret_link,
    )


def _second_factor(key: KindKey) -> Kind:
    words = f"mfa/email/{key.value}"
    return Kind(key, ABOUT_YOUR_ACCOUNT, sender=Sender.ACCOUNTS, words=words)


def _account(key: KindKey, action: str | Promise = "", secret_link: str = "") -> Kind:
    return Kind(
        key,
        ABOUT_YOUR_ACCOUNT,
        sender=Sender.ACCOUNTS,
        action=action,
        secret_link=secret_link,
    )


YOU_WROTE = _(
    "You get this because somebody wrote to us and gave this address. It carries no advertising, "
    "so it cannot be switched off."
)


def _case(key: KindKey, *, by_hand: bool = False) -> Kind:
    return Kind(
        key,
        YOU_WROTE,
        sender=Sender.SUPPORT,
        action=_("See my message and write again"),
        secret_link="case_url",  # noqa: S106  the name of a fact
        by_hand=by_hand,
    )


_LOOK = _("Look at my details")
_CONFIRM = _("Confirm this address")
_CHOOSE = _("Choose a new password")

KINDS = {
    kind.key: kind
    for kind in (
        _policy(KindKey.POLICY_NOTICE, proves_told=True),
        _policy(KindKey.POLICY_POSTPONED),
        _policy(KindKey.POLICY_WITHDRAWN),
        _sign_in(KindKey.EMAIL_CONFIRMATION_SIGNUP, _CONFIRM, "activate_url"),
        _sign_in(KindKey.EMAIL_CONFIRMATION, _CONFIRM, "activate_url"),
        _sign_in(KindKey.ACCOUNT_ALREADY_EXISTS, _CHOOSE),
        _sign_in(KindKey.UNKNOWN_ACCOUNT, _("Join with this address")),
        _sign_in(KindKey.PASSWORD_RESET_KEY, _CHOOSE, "password_reset_url"),
        _sign_in(KindKey.PASSWORD_RESET_CODE),
        _sign_in(KindKey.LOGIN_CODE),
        _sign_in(KindKey.EMAIL_CONFIRM),
        _sign_in(KindKey.EMAIL_CHANGED),
        _sign_in(KindKey.EMAIL_DELETED),
        _sign_in(KindKey.PASSWORD_CHANGED),
        _sign_in(KindKey.PASSWORD_RESET),
        _sign_in(KindKey.PASSWORD_SET),
        _second_factor(KindKey.TOTP_ACTIVATED),
        _second_factor(KindKey.TOTP_DEACTIVATED),
        _second_factor(KindKey.WEBAUTHN_ADDED),
        _second_factor(KindKey.WEBAUTHN_REMOVED),
        _second_factor(KindKey.RECOVERY_CODES_GENERATED),
        _account(KindKey.RECEIPT, _("Look at the order")),
        _account(KindKey.REFUND, _("Look at the order")),
        _account(KindKey.RENEWAL_REMINDER, _("Look at the service")),
        _account(KindKey.CARD_EXPIRING, _("Look at my cards")),
        _account(KindKey.OPT_OUT_RECORDED, _("See my choices")),
        _account(KindKey.DETAILS_CHANGED, _LOOK),
        _account(KindKey.CHANGED_FOR_YOU, _LOOK),
        _account(KindKey.DECIDED_FOR_YOU, _("Look at my choices")),
        _account(KindKey.FACTOR_REMOVED, _("Protect my sign-in")),
        _account(KindKey.ADDRESS_CHANGE_REQUESTED, _("Cancel the change"), "cancel_url"),
        _account(KindKey.RECOVERY_CODE_USED, _("Look at what happened")),
        _account(KindKey.DOWNLOAD_READY, _("Get my download")),
        _account(KindKey.CLOSING_REQUESTED, _("Keep my account after all")),
        _account(KindKey.CLOSING_CANCELLED),
        _account(KindKey.ACCOUNT_SUSPENDED, _("Look at my account")),
        _account(KindKey.ACCOUNT_RESTORED),
        _account(KindKey.DISCLOSURE_TOLD, _("See who has it")),
        _account(KindKey.CONDUCT_DECISION, _("Read it, and object if it is wrong")),
        _account(KindKey.CONDUCT_REVIEW, _("Read the decision")),
        _case(KindKey.CASE_RECEIVED),
        _case(KindKey.CASE_ANSWERED, by_hand=True),
        Kind(
            KindKey.PRODUCT_NEWS,
            _("You get news about our products because you have not said no to them."),
            use="product-news",
            sender=Sender.NEWS,
            list_name="BizSecure product notices <products.lists.bizsecure.com>",
        ),
        Kind(
            KindKey.PARTNER_OFFER,
            _(
                "We send you offers of our partners because you have not said no to them. The "
                "partner does not learn that we wrote to you."
            ),
            use="partner-offers",
            sender=Sender.OFFERS,
            list_name="BizSecure partner offers <partners.lists.bizsecure.com>",
        ),
        Kind(KindKey.SERVICE_NOTICE, ABOUT_YOUR_ACCOUNT, proves_told=True),
        Kind(KindKey.SECURITY_BREACH, ABOUT_YOUR_INFORMATION, proves_told=True),
        Kind(KindKey.BUSINESS_TRANSFER, ABOUT_YOUR_INFORMATION, proves_told=True),
    )
}


def what_can_be_stopped() -> dict[str, str]:
    """Return the opt-out uses that kinds of mail belong to, each with how its mails are called."""
    return {kind.use: kind.label for kind in KINDS.values() if kind.use}
