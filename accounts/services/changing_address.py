"""Changing the address one signs in with, and taking it back from the old address."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM, Actor
from accounts.event_kinds import EventKind
from accounts.models import AddressChange, Customer, User
from accounts.models.address_changes import TIME_TO_CANCEL
from accounts.services.logging_events import record_event
from accounts.services.opening import record_proven_address
from accounts.services.sessions import end_other_sessions
from bizsecure.core.errors import Refused


class Reason(Enum):
    TOO_LATE = _("The seven days in which this link could cancel the change are over.")
    IN_USE = _("Your old address is in use elsewhere by now, so this link cannot put it back.")


@transaction.atomic
def request_address_change(*, user: User, email: str, actor: Actor) -> AddressChange:
    """Write down that this user wants another address, for the old one to be told.

    Nothing changes yet, and nothing will if the new address is not proven within seven days.
    Asked for twice, it is one change.
    """
    now = timezone.now()
    customer = _locked(user)
    pending = AddressChange.objects.of(user).pending().first()
    if pending and pending.new_address == email and pending.may_be_cancelled(now):
        return pending
    change = AddressChange.objects.create(
        customer=customer,
        user=None if customer else user,
        old_address=user.email,
        new_address=email,
        requested_at=now,
    )
    _record(change, EventKind.ADDRESS_CHANGE_REQUESTED, actor, now)
    return change


def may_still_be_proven(*, user: User, email: str) -> bool:
    """Return whether a link to this address may prove it: not once its change has lapsed."""
    pending = AddressChange.objects.of(user).pending().first()
    if pending is None or pending.new_address != email:
        return True
    return pending.may_be_cancelled(timezone.now())


@transaction.atomic
def prove_address(*, user: User, email: str, actor: Actor) -> None:
    """Make `email` the address we write to, and the change to it, if there is one, proven."""
    now = timezone.now()
    _locked(user)
    record_proven_address(user=user, email=email)
    change = AddressChange.objects.of(user).pending().first()
    if change and change.new_address == email:
        change.proven_at = now
        change.save(update_fields=["proven_at"])
        _record(change, EventKind.ADDRESS_CHANGED, actor, now)


@transaction.atomic
def give_up_address_change(*, user: User, email: str, actor: Actor) -> None:
    """Write down that the user keeps the old address after all."""
    now = timezone.now()
    _locked(user)
    change = AddressChange.objects.of(user).pending().first()
    if change and change.new_address == email:
        change.cancelled_at = now
        change.save(update_fields=["cancelled_at"])
        _record(change, EventKind.ADDRESS_CHANGE_CANCELLED, actor, now)


def let_address_changes_lapse() -> int:
    """Give up each change that nobody has proven in time; return how many there were.

    Of staff who are no customers nothing is kept beyond the time in which it can be cancelled.
    """
    now = timezone.now()
    lapsed = AddressChange.objects.lapsed(now).values_list("pk", flat=True)
    count = sum(_let_lapse(number, now) for number in list(lapsed))
    over = AddressChange.objects.filter(requested_at__lte=now - TIME_TO_CANCEL)
    over.filter(customer__isnull=True).delete()
    return count


@transaction.atomic
def _let_lapse(number: int, now: datetime) -> bool:
    change = AddressChange.objects.select_related("customer__user", "user").get(pk=number)
    owner = change.owner
    if owner is not None:
        _locked(owner)
    still_pending = AddressChange.objects.lapsed(now).filter(pk=number)
    if not still_pending.update(cancelled_at=now):
        return False
    # A younger change has taken over the address that waits to be proven.
    if owner is not None and not AddressChange.objects.of(owner).pending().exists():
        EmailAddress.objects.filter(user=owner, verified=False, primary=False).delete()
    _record(change, EventKind.ADDRESS_CHANGE_LAPSED, SYSTEM, now)
    return True


@transaction.atomic
def cancel_address_change(*, change: AddressChange, actor: Actor) -> AddressChange:
    """Undo a change, and all that followed it, for whoever reads mail at the old address.

    Every session is ended, for it may not be the owner who asked. Before the new address was
    proven it is dropped. Afterwards the old one is put back and the password counts no more.
    Later changes go with it: who took an account could otherwise take it back by a link of
    their own. Done twice, it is done once. Refused when it is too late.
    """
    now = timezone.now()
    owner = change.owner
    if owner is not None:
        _locked(owner)
    change = AddressChange.objects.get(pk=change.pk)
    if change.cancelled_at:
        return change
    if not change.may_be_cancelled(now):
        raise Refused(Reason.TOO_LATE)
    undone = AddressChange.objects.since(change)
    taken = undone.filter(proven_at__isnull=False).exists()
    if owner is not None:
        EmailAddress.objects.filter(user=owner, verified=False).delete()
        if taken:
            _put_back(owner, change.old_address)
        end_other_sessions(user=owner, but=None, actor=actor)
    undone.update(cancelled_at=now, was_put_back=taken)
    kind = EventKind.ADDRESS_PUT_BACK if taken else EventKind.ADDRESS_CHANGE_CANCELLED
    _record(change, kind, actor, now)
    change.refresh_from_db()
    return change


def _put_back(user: User, email: str) -> None:
    others = EmailAddress.objects.filter(email__iexact=email, verified=True).exclude(user=user)
    if others.exists() or User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise Refused(Reason.IN_USE)
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
    user.email = email
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    record_proven_address(user=user, email=email)


def _locked(user: User) -> Customer | None:
    """Hold whose address it is, and return the customer, if they are one."""
    mine = Customer.objects.filter(user=user).values_list("pk", flat=True)
    customer = Customer.objects.locked(mine).first()
    if customer is None:
        User.objects.select_for_update().get(pk=user.pk)
    return customer


def _record(change: AddressChange, kind: EventKind, actor: Actor, now: datetime) -> None:
    """Staff who are no customers have no log."""
    if change.customer is not None:
        reference = str(change.uid)
        record_event(customer=change.customer, kind=kind, actor=actor, now=now, reference=reference)
