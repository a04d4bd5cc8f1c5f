"""Codes by which a customer without a sign-in gets one (OPT-4)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.event_kinds import EventKind
from accounts.models import MOST_TRIES, ClaimCode, Customer, User
from accounts.models.customers import NUMBER_ALPHABET
from accounts.services.acting import CHANGE_DETAILS
from accounts.services.confiding import acting_as, acting_on
from accounts.services.logging_events import record_event
from accounts.services.opening import record_proven_address
from accounts.services.personal import postal_address
from bizsecure.core.errors import Refused
from bizsecure.core.keyring import digest

CODE_LENGTH = 12
CODE_GROUP = 4
# A letter takes its time; what is said on the telephone is used at once.
LASTS = {ClaimCode.Way.LETTER: timedelta(days=21), ClaimCode.Way.BILLING: timedelta(days=1)}


class Reason(Enum):
    HAS_SIGN_IN = _("This customer has a sign-in already and needs no code.")
    CLOSED = _("This account is closed.")
    NO_ADDRESS = _("There is no postal address on file. Give the code by another way.")
    # One sentence for every way to be wrong, so that nobody learns which numbers there are.
    NOT_RIGHT = _(
        "Number and code do not belong together, or the code is used up. Check both; our billing "
        "department gives you a new code."
    )
    HAS_ACCOUNT = _("You are signed in to an account of your own already.")


@dataclass(frozen=True)
class IssuedCode:
    """A code, once: only its digest is kept."""

    claim: ClaimCode
    code: str


@transaction.atomic
def issue_claim_code(*, customer: Customer, way: ClaimCode.Way, actor: Actor) -> IssuedCode:
    """Make a code for a customer without a sign-in; an earlier one stops working.

    Refused with NO_RIGHT, LOOK_FIRST, HAS_SIGN_IN, CLOSED, and NO_ADDRESS for a letter that could
    go nowhere.
    """
    now = timezone.now()
    staff = acting_on(customer=customer, right=CHANGE_DETAILS, actor=actor, now=now)
    customer = Customer.objects.locked([customer.pk]).get()
    _refuse_if_needless(customer, way)
    return _issued(customer, way, staff, actor, now)


@transaction.atomic
def issue_codes_for_letters(
    *, customers: Iterable[int], right: str, actor: Actor
) -> dict[int, IssuedCode]:
    """Make a code for each of these customers who has no sign-in and gets a letter, by customer.

    The looks are the caller's to record. Earlier codes stop working. Refused with NO_RIGHT and
    TERMS_FIRST.
    """
    now = timezone.now()
    staff, _role = acting_as(right=right, actor=actor, now=now)
    without = Customer.objects.locked(customers).served().filter(user__isnull=True)
    return {
        customer.pk: _issued(customer, ClaimCode.Way.LETTER, staff, actor, now)
        for customer in without.prefetch_related("addresses")
        if postal_address(customer) is not None
    }


def _refuse_if_needless(customer: Customer, way: ClaimCode.Way) -> None:
    if customer.status == Customer.Status.CLOSED:
        raise Refused(Reason.CLOSED)
    if customer.user_id is not None:
        raise Refused(Reason.HAS_SIGN_IN)
    if way == ClaimCode.Way.LETTER and postal_address(customer) is None:
        raise Refused(Reason.NO_ADDRESS)


def _issued(
    customer: Customer, way: ClaimCode.Way, staff: User, actor: Actor, now: datetime
) -> IssuedCode:
    code = "".join(secrets.choice(NUMBER_ALPHABET) for _each in range(CODE_LENGTH))
    earlier = ClaimCode.objects.filter(customer=customer, used_at=None, replaced_at=None)
    earlier.update(replaced_at=now)
    claim = ClaimCode.objects.create(
        customer=customer,
        code_digest=_digest(customer, code),
        way=way,
        issued_at=now,
        expires_at=now + LASTS[way],
        issued_by=staff,
    )
    record_event(customer=customer, kind=EventKind.CLAIM_CODE_SENT, actor=actor, now=now)
    return IssuedCode(claim, _spelled(code))


@transaction.atomic
def try_code(*, number: str, code: str) -> ClaimCode | None:
    """Return the usable code that these are, or nothing; a wrong code counts as a try.

    It takes as much work whether the number is known or not.
    """
    now = timezone.now()
    typed = "".join(character for character in code.upper() if character.isalnum())
    customer = Customer.objects.filter(number=number.strip().upper()).first() or Customer(pk=0)
    claim = ClaimCode.objects.usable(now).filter(customer=customer.pk).first()
    expected = claim.code_digest if claim else ""
    if constant_time_compare(_digest(customer, typed), expected):
        return claim
    tried = ClaimCode.objects.filter(pk=claim.pk if claim else 0, tries__lt=MOST_TRIES)
    tried.update(tries=F("tries") + 1)
    return None


@transaction.atomic
def claim_account(*, claim: ClaimCode, user: User, actor: Actor) -> Customer:
    """Give the account behind a code to whoever is signed in, once.

    Refused with HAS_ACCOUNT for who has one, and NOT_RIGHT for a code that is used up by now.
    """
    now = timezone.now()
    if Customer.objects.filter(user=user).exists():
        raise Refused(Reason.HAS_ACCOUNT)
    customer = Customer.objects.locked([claim.customer_id]).get()
    if not ClaimCode.objects.usable(now).filter(pk=claim.pk).exists():
        raise Refused(Reason.NOT_RIGHT)
    ClaimCode.objects.filter(pk=claim.pk).update(used_at=now)
    customer.user = user
    customer.save(update_fields=["user"])
    record_event(customer=customer, kind=EventKind.ACCOUNT_CLAIMED, actor=actor, now=now)
    proven = EmailAddress.objects.filter(user=user, primary=True, verified=True).first()
    if proven is not None:
        record_proven_address(user=user, email=proven.email)
    return customer


def claim_in_hand(*, number: int, now: datetime) -> ClaimCode | None:
    """Return the code with this key, which the browser has shown before, if it is still usable."""
    return ClaimCode.objects.usable(now).filter(pk=number).first()


def _digest(customer: Customer, code: str) -> str:
    return digest("claim code", f"{customer.pk}:{code}")


def _spelled(code: str) -> str:
    """The code as it is written in a letter, in groups that can be read aloud."""
    groups = (code[place : place + CODE_GROUP] for place in range(0, len(code), CODE_GROUP))
    return "-".join(groups)
