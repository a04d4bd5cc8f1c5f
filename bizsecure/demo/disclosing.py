"""What the company of the demonstration gave to others, and what waits for approval."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import uuid4

from accounts.actors import SYSTEM, Actor, ActorKind
from accounts.models import Customer, User
from accounts.services.personal import personal_details, update_personal_information
from bizsecure.demo.orders import bought_once
from bizsecure.store.cart import Item
from bizsecure.store.models import Order
from consent.grounds import DataField, LegalGround, Purpose
from consent.models import Disclosure, DisclosureEntry, DisclosureOutcome, DisclosureTold, Recipient
from consent.models.entries import Telling
from consent.services.entering import Proposal, propose

SECOND_STAFF_EMAIL = "second@bizsecure.example"
MOST_CUSTOMERS = 120

CARD = "billing-address,card,name"
BILLING = "billing-address,email,name"


@dataclass(frozen=True)
class Given:
    """Something that was given: so many days ago, to whom, to what end, on which ground."""

    days_ago: int
    recipient: str
    party: str
    purpose: str
    ground: str
    fields: str
    reference: str
    outcome: str = "delivered"
    telling: str = "now"
    barred_by: str = ""


BOUGHT = "verify-payment", "purchase"
CERTIFICATE = "geotrust", "GeoTrust", "deliver-certificate", "purchase", BILLING
SCANNING = "scanalert", "ScanAlert", "deliver-site-scanning", "purchase", BILLING
COURT = "Circuit Court of Multnomah County"

# What came of what dana bought: days ago, as her orders were; the reference is the order.
BOUGHT_BY_DANA = [
    Given(920, "card-company", "Sandbox Acquiring", *BOUGHT, CARD, ""),
    Given(560, "card-company", "Sandbox Acquiring", *BOUGHT, CARD, ""),
    Given(560, *CERTIFICATE, "", "failed"),
    Given(560, *CERTIFICATE, ""),
    Given(195, "card-company", "Sandbox Acquiring", *BOUGHT, CARD, ""),
    Given(195, *SCANNING, ""),
]
DANA = [
    Given(
        *(340, "court", COURT, "obey-law", "law", "name,postal-address"),
        "Subpoena 25-CV-1187 of 12 December 2025",
    ),
    Given(
        *(60, "police", "Portland Police Bureau", "obey-order", "order", "mail-contents"),
        *("Warrant 26-SW-0311", "delivered", "barred", "18 U.S.C. 2705(b)"),
    ),
]
# How often, and what, in three years; the police order above is one more.
OTHERS = [
    (38, Given(0, "court", COURT, "obey-law", "law", "name,postal-address", "Subpoena ")),
    (
        13,
        Given(0, "police", "Portland Police Bureau", "obey-law", "law", "email,name", "Request "),
    ),
    (7, Given(0, "harmed", "Hollis & Byrne", "identify", "harm", "name", "Complaint ")),
    (5, Given(0, "court", COURT, "obey-order", "order", "mail-contents", "Order ")),
    (2, Given(0, "police", "County Sheriff", "report-crime", "crime", "file-contents", "Report ")),
]
# What other customers bought from partners, and how often.
BOUGHT_BY_OTHERS = [
    (24, Item("geotrust-certificate", "year"), Given(0, *CERTIFICATE, "")),
    (21, Item("scanalert-scanning", "month"), Given(0, *SCANNING, "")),
]


def give_to_others(
    *, dana: Customer, orders: Mapping[int, Order], boss: User, now: datetime
) -> None:
    """Fill the register: with what dana sees, with what the counts of years are made of.

    `orders` are those that dana made so many days ago.
    """
    second = User.objects.create_user(SECOND_STAFF_EMAIL, is_staff=True)
    recipients = {recipient.key: recipient for recipient in Recipient.objects.all()}
    plan = [(dana, given) for given in DANA]
    plan += [(dana, _for(orders[given.days_ago], given)) for given in BOUGHT_BY_DANA]
    people = list(Customer.objects.exclude(pk=dana.pk).order_by("pk")[:MOST_CUSTOMERS])
    plan += [*_of_others(people), *_bought_by(people, now)] if people else []
    plan.sort(key=lambda each: -each[1].days_ago)
    rows = [_row(customer, given, recipients, boss, second, now) for customer, given in plan]
    Disclosure.append(*rows)
    DisclosureOutcome.objects.bulk_create(
        DisclosureOutcome(
            disclosure=row,
            outcome=given.outcome,
            actor_kind=row.actor_kind,
            recorded_at=row.recorded_at,
        )
        for row, (_customer, given) in zip(rows, plan, strict=True)
    )
    DisclosureTold.objects.bulk_create(
        DisclosureTold(disclosure=row, told_at=row.recorded_at)
        for row in rows
        if row.entry is not None and row.telling == Telling.NOW
    )
    _propose_one(dana, second)


def _of_others(people: list[Customer]) -> Iterator[tuple[Customer, Given]]:
    chance = random.Random(2011)  # noqa: S311  invented data need no cryptographic chance
    for times, given in OTHERS:
        for number in range(times):
            days_ago = chance.randrange(1, 1000)
            reference = f"{given.reference}{chance.randrange(10000, 99999)}-{number}"
            facts = {**vars(given), "days_ago": days_ago, "reference": reference}
            yield chance.choice(people), Given(**facts)


def _bought_by(people: list[Customer], now: datetime) -> Iterator[tuple[Customer, Given]]:
    """Let people buy from partners, one thing each, and yield what went to whom for it."""
    chance = random.Random(1789)  # noqa: S311  invented data need no cryptographic chance
    buyers = iter(people)
    for times, item, to_partner in BOUGHT_BY_OTHERS:
        for customer in islice(buyers, times):
            days_ago = chance.randrange(1, max(2, min(1000, (now - customer.joined_at).days)))
            at = now - timedelta(days=days_ago)
            _say_where_they_live(customer, at)
            order = bought_once(customer, item, at, SYSTEM)
            paid = Given(days_ago, "card-company", "Sandbox Acquiring", *BOUGHT, CARD, "")
            for given in (paid, replace(to_partner, days_ago=days_ago)):
                yield customer, _for(order, given)


def _say_where_they_live(customer: Customer, at: datetime) -> None:
    details = replace(
        personal_details(customer),
        street=f"{customer.pk} Alder Street",
        city="Portland",
        region="OR",
        postcode="97204",
        country="US",
    )
    update_personal_information(
        customer=customer, details=details, revision=customer.revision, actor=SYSTEM, now=at
    )


def _for(order: Order, given: Given) -> Given:
    return replace(given, reference=order.number)


def _row(
    customer: Customer,
    given: Given,
    recipients: dict[str, Recipient],
    boss: User,
    second: User,
    now: datetime,
) -> Disclosure:
    at = now - timedelta(days=given.days_ago)
    if given.ground != LegalGround.PURCHASE:
        at -= timedelta(minutes=given.days_ago % 600)
    facts = {
        "customer": customer,
        "recipient": recipients[given.recipient],
        "party": given.party,
        "purpose": given.purpose,
        "ground": given.ground,
        "fields": given.fields,
        "reference": given.reference,
        "telling": given.telling,
        "barred_by": given.barred_by,
    }
    if given.ground == LegalGround.PURCHASE:
        return Disclosure(**facts, actor_kind=ActorKind.SYSTEM, recorded_at=at)
    entry = DisclosureEntry.objects.create(
        **facts,
        state=DisclosureEntry.State.APPROVED,
        proposed_by=second,
        proposed_at=at - timedelta(hours=3),
        decided_by=boss,
        decided_at=at,
    )
    return Disclosure(
        **facts,
        entry=entry,
        approved_by=boss,
        actor_kind=ActorKind.STAFF,
        actor_user=second,
        recorded_at=at,
    )


def _propose_one(dana: Customer, second: User) -> None:
    """Leave an entry to decide about."""
    proposal = Proposal(
        key=uuid4(),
        recipient="harmed",
        party="Hollis & Byrne, for a customer of theirs",
        purpose=Purpose.IDENTIFY,
        ground=LegalGround.HARM,
        fields=[DataField.NAME, DataField.EMAIL],
        reference="Complaint of 3 November 2026",
        telling=Telling.NOW,
    )
    propose(customer=dana, proposal=proposal, actor=Actor.staff(second))
