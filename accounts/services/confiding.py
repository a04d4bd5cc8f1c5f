"""Roles, the promise of confidentiality, and looking at a customer's record (SEC-2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import confidentiality
from accounts.actors import Actor
from accounts.models import (
    ConfidentialityAcceptance,
    ConfidentialityTerms,
    Customer,
    StaffAccess,
    User,
)
from accounts.roles import Role, foremost, rights_of
from bizsecure.core.errors import Refused


class Reason(Enum):
    TERMS_CHANGED = _("The terms were changed meanwhile. Please read them again.")
    TERMS_FIRST = _("Please accept the confidentiality terms first.")
    NO_RIGHT = _("Your role does not allow this.")
    LOOK_FIRST = _("Open the record with a reason first. It stays open for half an hour.")
    UNEXPLAINED = _("Say why in words, or give the number of the case.")


@transaction.atomic
def grant_roles(*, app_label: str) -> None:
    """Give each role exactly the rights of this app that the table of roles has for it."""
    groups = {group.name: group for group in Group.objects.filter(name__in=Role.values)}
    for role in set(Role.values) - set(groups):
        groups[role] = Group.objects.create(name=role)
    every = Permission.objects.filter(content_type__app_label=app_label)
    by_name = {f"{app_label}.{right.codename}": right.pk for right in every}
    given = set(every.filter(group__in=groups.values()).values_list("group", "pk"))
    for role in Role:
        group = groups[role.value]
        wanted = {key for name, key in by_name.items() if name in rights_of(role)}
        has = {key for of, key in given if of == group.pk}
        if wanted != has:
            group.permissions.add(*wanted - has)
            group.permissions.remove(*has - wanted)


@transaction.atomic
def post_terms() -> None:
    """Post the confidentiality terms that are not posted yet."""
    posted = set(ConfidentialityTerms.objects.values_list("number", flat=True))
    now = timezone.now()
    ConfidentialityTerms.objects.bulk_create(
        ConfidentialityTerms(
            number=number,
            words=words,
            words_hash=confidentiality.words_hash(words),
            posted_at=now,
        )
        for number, words in confidentiality.WORDS.items()
        if number not in posted
    )


@transaction.atomic
def accept_terms(*, number: int, actor: Actor) -> ConfidentialityAcceptance:
    """Record that a member of staff read and accepted version `number` of the terms.

    Accepting twice is accepting once. Refused with TERMS_CHANGED when there is a newer version.
    """
    now = timezone.now()
    staff = _member(actor)
    if number != confidentiality.NEWEST:
        raise Refused(Reason.TERMS_CHANGED)
    standing = ConfidentialityAcceptance.objects.standing(staff, now).first()
    if standing is not None:
        return standing
    terms = ConfidentialityTerms.objects.get(number=number)
    return ConfidentialityAcceptance.objects.create(
        user=staff, terms=terms, words_hash=terms.words_hash, accepted_at=now
    )


@transaction.atomic
def open_record(
    *,
    customer: Customer,
    reason: StaffAccess.Reason,
    words: str,
    case_number: str,
    actor: Actor,
) -> StaffAccess:
    """Record that a member of staff opens this customer's record, before it opens.

    Once for each half hour: while an earlier opening lasts, nothing is added. Refused with
    NO_RIGHT, TERMS_FIRST and UNEXPLAINED.
    """
    now = timezone.now()
    staff, role = acting_as(right="accounts.open_record", actor=actor, now=now)
    if not words and not case_number:
        raise Refused(Reason.UNEXPLAINED)
    customer = Customer.objects.locked([customer.pk]).get()
    standing = StaffAccess.objects.standing(staff, customer, now).first()
    if standing is not None:
        return standing
    look = StaffAccess(
        customer=customer,
        way=StaffAccess.Way.OPENED,
        role=role,
        reason=reason,
        words=words,
        case_number=case_number,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now,
    )
    StaffAccess.append(look)
    return look


def acting_on(*, customer: Customer, right: str, actor: Actor, now: datetime) -> User:
    """Return who acts, if they have this right and the customer's record is open to them.

    Refused with NO_RIGHT and LOOK_FIRST.
    """
    staff = _member(actor)
    if not staff.has_perm(right):
        raise Refused(Reason.NO_RIGHT)
    if not StaffAccess.objects.standing(staff, customer, now).exists():
        raise Refused(Reason.LOOK_FIRST)
    return staff


def acting_as(*, right: str, actor: Actor, now: datetime) -> tuple[User, Role]:
    """Return who acts by this right, and in which role; the look is for the caller to record.

    Refused with NO_RIGHT and TERMS_FIRST.
    """
    staff = _member(actor)
    role = acting_role(staff)
    if role is None or not staff.has_perm(right):
        raise Refused(Reason.NO_RIGHT)
    if not ConfidentialityAcceptance.objects.standing(staff, now).exists():
        raise Refused(Reason.TERMS_FIRST)
    return staff, role


def acting_role(staff: User) -> Role | None:
    """Return the role in which somebody acts; superusers act as administrators."""
    names: Iterable[str] = staff.groups.values_list("name", flat=True)
    return foremost(set(names)) or (Role.ADMINISTRATOR if staff.is_superuser else None)


def _member(actor: Actor) -> User:
    staff = User.objects.filter(pk=actor.user_id or 0, is_staff=True, is_active=True).first()
    if staff is None:
        raise Refused(Reason.NO_RIGHT)
    return staff
