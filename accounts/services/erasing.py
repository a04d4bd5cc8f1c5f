"""What becomes of the rows of this room when an account is erased.

Each of these runs inside the transaction that erases an account, under the customer's lock.
"""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from accounts.actors import SYSTEM
from accounts.models import Address, AddressChange, ClaimCode, Customer, Download, User
from accounts.services.sessions import end_other_sessions

# Reserved for what can never be reached (RFC 2606).
NOWHERE = "erased.invalid"


def keep(*, customer: Customer, now: datetime) -> None:
    """Leave the rows as they are: they hold nothing that says who the customer was."""


def erase_person(*, customer: Customer, now: datetime) -> None:
    """Forget name, address for mail, telephone and habits; number and dates stay."""
    customer.name, customer.email, customer.email_verified_at = "", "", None
    customer.company, customer.telephone = None, None
    customer.language, customer.time_zone = "en", "UTC"
    customer.revision += 1
    customer.save(
        update_fields=[
            "name",
            "email",
            "email_verified_at",
            "telephone",
            "company",
            "language",
            "time_zone",
            "revision",
        ]
    )


def erase_addresses(*, customer: Customer, now: datetime) -> None:
    """Forget where the customer lives."""
    Address.objects.filter(customer=customer).delete()


def erase_address_changes(*, customer: Customer, now: datetime) -> None:
    """Forget from which address to which the customer moved; its links are links no more."""
    AddressChange.objects.filter(customer=customer).delete()


def erase_sign_in(*, customer: Customer, now: datetime) -> None:
    """Make the sign-in unusable and unrecognizable.

    The row stays, for ledgers say which sign-in acted; what it says of a person does not.
    """
    user = customer.user
    if user is None:
        return
    EmailAddress.objects.filter(user=user).delete()
    about_user = {"content_type": ContentType.objects.get_for_model(User), "object_id": user.pk}
    LogEntry.objects.filter(**about_user).update(object_repr="", change_message="")
    user.email, user.is_active, user.last_login = f"{user.pk}@{NOWHERE}", False, None
    user.set_unusable_password()
    user.save(update_fields=["email", "is_active", "last_login", "password"])


def erase_downloads(*, customer: Customer, now: datetime) -> None:
    """Delete every file that was made for the customer, and that there was one."""
    Download.objects.filter(customer=customer).delete()


def erase_claim_codes(*, customer: Customer, now: datetime) -> None:
    """Forget which codes the customer was given."""
    ClaimCode.objects.filter(customer=customer).delete()


def erase_factors(*, customer: Customer, now: datetime) -> None:
    """Forget what proved that it is the customer who signs in."""
    Authenticator.objects.filter(user=customer.user_id).delete()


def erase_sessions(*, customer: Customer, now: datetime) -> None:
    """Sign the customer out everywhere."""
    if customer.user is not None:
        end_other_sessions(user=customer.user, but=None, actor=SYSTEM)
