"""What this room keeps about a person, for the register of holdings."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext_lazy as _

from accounts.holdings import Holding, Row, declare
from accounts.logged import event_sentence
from accounts.models import (
    AccountEvent,
    Address,
    AddressChange,
    ClaimCode,
    Closing,
    Customer,
    Download,
    ProfileChange,
)
from accounts.profile_history import opened
from accounts.services import erasing
from accounts.services.data_keys import destroy_key
from accounts.services.sessions import DEVICE


def _person(customer: Customer) -> Iterator[Row]:
    yield {
        "customer_number": customer.number,
        "name": customer.name,
        "company": customer.company or "",
        "email": customer.email,
        "email_proven_at": customer.email_verified_at,
        "telephone": customer.telephone or "",
        "language": customer.language,
        "time_zone": customer.time_zone,
        "status": customer.get_status_display(),
        "customer_since": customer.joined_at,
    }


def _addresses(customer: Customer) -> Iterator[Row]:
    for address in Address.objects.filter(customer=customer).order_by("pk"):
        yield {
            "kind": address.get_kind_display(),
            "street": address.street or "",
            "extra": address.extra or "",
            "city": address.city or "",
            "region": address.region or "",
            "postcode": address.postcode or "",
            "country": address.country.name,
        }


def _sign_in(customer: Customer) -> Iterator[Row]:
    for address in EmailAddress.objects.filter(user=customer.user_id).order_by("pk"):
        yield {
            "email": address.email,
            "proven": address.verified,
            "used_to_sign_in": address.primary,
            "sign_in_since": customer.user.date_joined if customer.user else None,
            "last_sign_in": customer.user.last_login if customer.user else None,
        }


def _factors(customer: Customer) -> Iterator[Row]:
    for factor in Authenticator.objects.filter(user=customer.user_id).order_by("pk"):
        yield {
            "kind": factor.get_type_display(),
            "name": factor.data.get("name", ""),
            "added_at": factor.created_at,
            "last_used_at": factor.last_used_at,
        }


def _sessions(customer: Customer) -> Iterator[Row]:
    for session in UserSession.objects.filter(user=customer.user_id).order_by("pk"):
        yield {
            "device": session.data.get(DEVICE, ""),
            "signed_in_at": session.created_at,
            "last_used_at": session.last_seen_at,
        }


def _changes(customer: Customer) -> Iterator[Row]:
    rows = ProfileChange.objects.filter(customer=customer).order_by("sequence")
    for change in opened(customer, rows.iterator(chunk_size=2000)):
        yield {
            "recorded_at": change.at,
            "what": change.field,
            "from": change.old,
            "to": change.new,
            "by": change.row.get_actor_kind_display(),
            "way": change.row.get_channel_display(),
            "policy_version": change.row.policy_number,
            "sequence": change.row.sequence,
            "row_hash": change.row.row_hash,
        }


def _events(customer: Customer) -> Iterator[Row]:
    rows = AccountEvent.objects.filter(customer=customer).order_by("sequence")
    for row in rows.iterator(chunk_size=2000):
        yield {
            "recorded_at": row.recorded_at,
            "what": event_sentence(row),
            "kind": row.kind,
            "device": row.device,
            "subject": row.subject,
            "reference": row.reference,
            "count": row.count,
            "by": row.get_actor_kind_display(),
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


def _address_changes(customer: Customer) -> Iterator[Row]:
    for row in AddressChange.objects.filter(customer=customer).order_by("pk").iterator():
        yield {
            "asked_for": row.requested_at,
            "from": row.old_address,
            "to": row.new_address,
            "proven_at": row.proven_at,
            "cancelled_at": row.cancelled_at,
            "old_address_put_back": row.was_put_back,
        }


def _downloads(customer: Customer) -> Iterator[Row]:
    for row in Download.objects.visible_to(customer).order_by("pk").iterator():
        yield {
            "asked_for": row.requested_at,
            "state": row.get_state_display(),
            "ready_at": row.ready_at,
            "deleted_after": row.expires_at,
            "bytes": row.size,
        }


def _closings(customer: Customer) -> Iterator[Row]:
    for row in Closing.objects.filter(customer=customer).order_by("pk").iterator():
        yield {
            "asked_for": row.requested_at,
            "by": row.get_actor_kind_display(),
            "erased_from": row.erase_at,
            "undone_at": row.undone_at,
            "erased_at": row.erased_at,
        }


def _claim_codes(customer: Customer) -> Iterator[Row]:
    for row in ClaimCode.objects.filter(customer=customer).order_by("pk").iterator():
        yield {
            "issued_at": row.issued_at,
            "way": row.get_way_display(),
            "expires_at": row.expires_at,
            "tries": row.tries,
            "used_at": row.used_at,
        }


declare(
    Holding(
        key="personal",
        title=_("Personal information"),
        models=("accounts.Customer",),
        rows=_person,
        erase=erasing.erase_person,
        keeps=_(
            "Your customer number and the days on which the account was opened and closed, so "
            "that what the law makes us keep has something to belong to."
        ),
    )
)
declare(
    Holding(
        key="addresses",
        title=_("Postal addresses"),
        models=("accounts.Address",),
        rows=_addresses,
        erase=erasing.erase_addresses,
    )
)
declare(
    Holding(
        key="sign-in",
        title=_("Sign-in"),
        models=(
            "accounts.User",
            "account.EmailAddress",
            "account.EmailConfirmation",
            "admin.LogEntry",
        ),
        rows=_sign_in,
        erase=erasing.erase_sign_in,
    )
)
declare(
    Holding(
        key="second-factors",
        title=_("Passkeys, authenticator app and recovery codes"),
        models=("mfa.Authenticator",),
        rows=_factors,
        erase=erasing.erase_factors,
    )
)
declare(
    Holding(
        key="sessions",
        title=_("Where you are signed in"),
        models=("usersessions.UserSession",),
        rows=_sessions,
        erase=erasing.erase_sessions,
    )
)
declare(
    Holding(
        key="changes",
        title=_("Changes of your information"),
        models=("accounts.ProfileChange", "accounts.CustomerKey"),
        rows=_changes,
        erase=destroy_key,
        keeps=_(
            "That something was changed, when and by whom, so that our records can be checked. "
            "What your information was is encrypted under a key of yours, which is destroyed."
        ),
    )
)
declare(
    Holding(
        key="events",
        title=_("What happened to your account"),
        models=("accounts.AccountEvent",),
        rows=_events,
        erase=erasing.keep,
        keeps=_(
            "What happened and when, such as a sign-in or the closing, so that our records can be "
            "checked. It does not say who or where you were."
        ),
    )
)
declare(
    Holding(
        key="address-changes",
        title=_("Changes of your e-mail address"),
        models=("accounts.AddressChange",),
        rows=_address_changes,
        erase=erasing.erase_address_changes,
    )
)
declare(
    Holding(
        key="downloads",
        title=_("Downloads of your information"),
        models=("accounts.Download", "accounts.DownloadPart"),
        rows=_downloads,
        erase=erasing.erase_downloads,
    )
)
declare(
    Holding(
        key="closing",
        title=_("Closing of your account"),
        models=("accounts.Closing",),
        rows=_closings,
        erase=erasing.keep,
        keeps=_("When you asked us to close the account and when we did, without your name."),
    )
)
declare(
    Holding(
        key="claim-codes",
        title=_("Codes to get a sign-in"),
        models=("accounts.ClaimCode",),
        rows=_claim_codes,
        erase=erasing.erase_claim_codes,
    )
)
