"""Changes of what we know about a customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor, Channel
from accounts.asked_often import asked_often
from accounts.collected import policy_number_at
from accounts.fields import ADDRESS_FIELDS, POSTAL_FIELDS
from accounts.models import Address, Customer, Mandate, ProfileChange
from accounts.profile_history import NEW, OLD, changes_since, place_of
from accounts.services.data_keys import obtain_key
from bizsecure.core.errors import Refused
from bizsecure.core.work import nudge

CUSTOMER_FIELDS = ("name", "company", "telephone", "language", "time_zone")
# The lines of an address belong together: half of one and half of another is nobody's address.
GROUPS = (*((name,) for name in CUSTOMER_FIELDS), ADDRESS_FIELDS, POSTAL_FIELDS)


class Reason(Enum):
    CHANGED_MEANWHILE = _(
        "Somebody changed this information meanwhile. Please look at it again, then save."
    )


@dataclass(frozen=True)
class PersonalDetails:
    """What a customer edits on the page of personal information.

    The first address is the one for bills. The postal one is empty for whom both are the same.
    """

    name: str
    telephone: str
    time_zone: str
    street: str
    extra: str
    city: str
    region: str
    postcode: str
    country: str
    company: str = ""
    language: str = "en"
    postal_street: str = ""
    postal_extra: str = ""
    postal_city: str = ""
    postal_region: str = ""
    postal_postcode: str = ""
    postal_country: str = ""


def personal_details(customer: Customer) -> PersonalDetails:
    """Return what is known now, with empty text for what is not."""
    addresses = {row.kind: row for row in customer.addresses.all()}
    billing = addresses.get(Address.Kind.BILLING, Address())
    postal = addresses.get(Address.Kind.POSTAL, Address())
    values = {name: str(getattr(customer, name) or "") for name in CUSTOMER_FIELDS}
    for name in ADDRESS_FIELDS:
        values[name] = str(getattr(billing, name) or "")
        values[f"postal_{name}"] = str(getattr(postal, name) or "")
    return PersonalDetails(**values)


def billing_address(customer: Customer) -> Address | None:
    """Return the address that bills are made out to, if there is one."""
    return next(iter(_billing_addresses(customer)), None)


@asked_often
def _billing_addresses(customer: Customer) -> QuerySet[Address]:
    """The address for bills, of which the database has one at most."""
    return Address.objects.filter(customer=customer, kind=Address.Kind.BILLING)


def postal_address(customer: Customer) -> Address | None:
    """Return where letters go: the postal address, or that of the bills if there is no other."""
    known = {row.kind: row for row in customer.addresses.all() if row.lines}
    return known.get(Address.Kind.POSTAL) or known.get(Address.Kind.BILLING)


@transaction.atomic
def update_personal_information(
    *,
    customer: Customer,
    details: PersonalDetails,
    revision: int,
    actor: Actor,
    channel: Channel = Channel.PANEL,
    mandate: Mandate | None = None,
    now: datetime | None = None,
) -> set[str]:
    """Save what the editor changed and return the names of the changed fields (OPT-3).

    `revision` is the one the editor saw. What somebody else has changed since, and the editor
    did not touch, stays as it is now. Refused with CHANGED_MEANWHILE, and nothing saved, when
    both changed the same field, or the same address, to different values. Staff change nothing
    without a `mandate`; the database itself refuses it. A caller who has read the clock gives
    `now`.
    """
    now = now or timezone.now()
    customer = Customer.objects.locked([customer.pk]).get()
    before = asdict(personal_details(customer))
    after = _merged(before, asdict(details), _seen(customer, revision))
    changed = {name: (before[name], after[name]) for name in after if after[name] != before[name]}
    if not changed:
        return set()
    for name in CUSTOMER_FIELDS:
        setattr(customer, name, after[name])
    customer.revision += 1
    customer.save(update_fields=[*CUSTOMER_FIELDS, "revision"])
    if changed.keys() & set(ADDRESS_FIELDS):
        _save_address(customer, Address.Kind.BILLING, [after[name] for name in ADDRESS_FIELDS])
    if changed.keys() & set(POSTAL_FIELDS):
        _save_address(customer, Address.Kind.POSTAL, [after[name] for name in POSTAL_FIELDS])
    record_changes(
        customer=customer,
        changes=changed,
        actor=actor,
        channel=channel,
        now=now,
        mandate=mandate,
    )
    return set(changed)


@transaction.atomic
def change_language(*, customer: Customer, language: str, actor: Actor) -> set[str]:
    """Save in which language the customer reads the site and our mails; nothing else changes."""
    customer = Customer.objects.locked([customer.pk]).get()
    details = replace(personal_details(customer), language=language)
    return update_personal_information(
        customer=customer, details=details, revision=customer.revision, actor=actor
    )


def _seen(customer: Customer, revision: int) -> dict[str, str | None]:
    """What the editor saw of each field that was changed since; None if nobody can tell."""
    if revision > customer.revision:
        raise Refused(Reason.CHANGED_MEANWHILE)
    seen: dict[str, str | None] = {}
    for change in changes_since(customer, revision) if revision < customer.revision else ():
        seen.setdefault(change.field, change.old)
    return seen


def _merged(
    now: Mapping[str, str], typed: dict[str, str], seen: Mapping[str, str | None]
) -> dict[str, str]:
    """What is typed, where the editor changed it, and what is known now everywhere else."""
    merged = dict(now)
    for group in GROUPS:
        mine = [name for name in group if typed[name] != seen.get(name, now[name])]
        agreed = all(typed[name] == now[name] for name in group)
        if mine and not agreed and any(name in seen for name in group):
            raise Refused(Reason.CHANGED_MEANWHILE)
        merged |= {name: typed[name] for name in mine}
    return merged


def _save_address(customer: Customer, kind: Address.Kind, values: Iterable[str]) -> None:
    address, _created = Address.objects.get_or_create(customer=customer, kind=kind)
    for name, value in zip(ADDRESS_FIELDS, values, strict=True):
        setattr(address, name, value)
    address.save(update_fields=ADDRESS_FIELDS)


def record_changes(
    *,
    customer: Customer,
    changes: Mapping[str, tuple[str, str]],
    actor: Actor,
    channel: Channel,
    now: datetime,
    mandate: Mandate | None = None,
) -> None:
    """Record from what to what these fields changed, under the lock of the change.

    Called after the customer's revision was counted up. The values are sealed under the
    customer's own key, so that they can be made unreadable later.
    """
    key = obtain_key(customer=customer)
    number = policy_number_at(now)
    ProfileChange.append(
        *(
            ProfileChange(
                customer=customer,
                field=field,
                old_value=key.seal(changes[field][0], place_of(OLD, field)),
                new_value=key.seal(changes[field][1], place_of(NEW, field)),
                revision=customer.revision,
                channel=channel,
                policy_number=number,
                mandate=mandate,
                actor_kind=actor.kind,
                actor_user_id=actor.user_id,
                recorded_at=now,
            )
            for field in sorted(changes)
        )
    )
    nudge(settings.NEWS_TASK)
