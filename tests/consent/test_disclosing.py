"""The only door out: authorise, spend, record the outcome (THIRD-3)."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from bizsecure.core.verifying import broken_rows
from consent.grounds import BY_STAFF, DataField, LegalGround, Purpose
from consent.models import (
    Disclosure,
    DisclosureOutcome,
    GrantUse,
    PolicyVersion,
    Recipient,
)
from consent.reasons import Reason
from consent.services.disclosing import (
    GOOD_FOR,
    Grant,
    authorise,
    record_outcome,
    record_outcome_of,
    spend,
)
from tests.builders import (
    DAY,
    TODAY,
    a_draft,
    a_use,
    date_of,
    first_policy,
    published,
    say_no,
    say_yes,
    tell,
)

Outcome = DisclosureOutcome.Outcome
BILLING = {DataField.NAME, DataField.EMAIL, DataField.BILLING_ADDRESS}
CERTIFICATE = a_use("deliver-certificate", "essential")
WATCH = a_use("uptime-watch")


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what GeoTrust gets."""
    return first_policy(CERTIFICATE, a_use("verify-payment", "essential"))


@contextmanager
def refused_with(reason: Reason) -> Iterator[None]:
    with pytest.raises(Refused) as refused:
        yield
    assert refused.value.reason == reason
    assert "%" not in refused.value.sentence


def leave(customer: Customer, **other: Any) -> Grant:
    facts: dict[str, Any] = {
        "recipient": "geotrust",
        "purpose": Purpose.DELIVER_CERTIFICATE,
        "fields": BILLING,
        "ground": LegalGround.PURCHASE,
        "reference": "BZ-1001",
        "actor": SYSTEM,
    }
    return authorise(customer=customer, **{**facts, **other})


def use(grant: Grant, recipient: str = "geotrust", fields: Iterable[DataField] = BILLING) -> None:
    spend(grant=grant, recipient=recipient, fields=fields)


def test_a_grant_stands_for_a_row_of_the_register(alice: Customer) -> None:
    grant = leave(alice)
    row = Disclosure.objects.get()
    assert (row.customer, row.recipient.key, row.party) == (alice, "geotrust", "GeoTrust")
    assert (row.purpose, row.ground) == ("deliver-certificate", "purchase")
    assert (row.fields, row.reference) == ("billing-address,email,name", "BZ-1001")
    assert (row.actor_kind, row.recorded_at, row.telling) == ("system", TODAY, "now")
    assert (grant.disclosure_id, grant.uid) == (row.pk, row.uid)
    assert grant.fields == BILLING
    assert grant.expires_at == TODAY + GOOD_FOR


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"recipient": "data-broker"}, Reason.UNKNOWN_RECIPIENT),
        ({"recipient": "scanalert"}, Reason.NOT_DECLARED),
        ({"purpose": Purpose.DELIVER_SCANNING}, Reason.NOT_DECLARED),
        ({"purpose": "sell-it"}, Reason.NOT_DECLARED),
        ({"ground": LegalGround.CHOICE}, Reason.NOT_DECLARED),
        ({"fields": []}, Reason.NOTHING_NAMED),
        ({"fields": [*BILLING, DataField.TELEPHONE]}, Reason.NOT_DECLARED),
        ({"fields": [DataField.CARD]}, Reason.NOT_DECLARED),
        ({"reference": " "}, Reason.NO_REFERENCE),
        (
            {
                "recipient": "card-company",
                "purpose": Purpose.VERIFY_PAYMENT,
                "fields": [DataField.CARD],
            },
            Reason.NO_PARTY,
        ),
    ],
)
def test_what_is_not_declared_is_refused_and_not_written(
    alice: Customer, other: dict[str, Any], reason: Reason
) -> None:
    with refused_with(reason):
        leave(alice, **other)
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(
    ("ground", "recipient", "purpose", "field"),
    [
        (LegalGround.HARM, "police", Purpose.IDENTIFY, DataField.NAME),
        (LegalGround.LAW, "court", Purpose.OBEY_LAW, DataField.NAME),
        (LegalGround.SERVICE, "provider", Purpose.PROVIDE_SERVICE, DataField.MAIL_CONTENTS),
        (LegalGround.INTERESTS, "counsel", Purpose.PROTECT_INTERESTS, DataField.MAIL_CONTENTS),
        (LegalGround.ORDER, "court", Purpose.OBEY_ORDER, DataField.MAIL_CONTENTS),
        (LegalGround.CRIME, "police", Purpose.REPORT_CRIME, DataField.MAIL_CONTENTS),
    ],
)
def test_the_grounds_of_section_11_take_two_people(
    alice: Customer, ground: LegalGround, recipient: str, purpose: Purpose, field: DataField
) -> None:
    assert ground in BY_STAFF
    with refused_with(Reason.NEEDS_TWO_PEOPLE):
        leave(alice, ground=ground, recipient=recipient, purpose=purpose, fields=[field], party="X")


def test_nothing_leaves_for_a_use_that_no_policy_declares(alice: Customer) -> None:
    with refused_with(Reason.GATE_SAYS_NO):
        leave(alice, recipient="scanalert", purpose=Purpose.DELIVER_SCANNING)


def test_nothing_leaves_of_a_closed_account(alice: Customer) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.CLOSED)
    with refused_with(Reason.GATE_SAYS_NO):
        leave(alice)


def test_an_opt_out_use_is_no_ground_to_give_anything_away(
    alice: Customer, clock: Traveller
) -> None:
    stricter = a_draft(2, CERTIFICATE, a_use("verify-payment", "opt-out"))
    clock.move_to(date_of(published(stricter)))
    with refused_with(Reason.GATE_SAYS_NO):
        leave(
            alice,
            recipient="card-company",
            party="Card Co",
            purpose=Purpose.VERIFY_PAYMENT,
            fields=[DataField.CARD],
        )


def watched(customer: Customer, **other: Any) -> Grant:
    facts = {"recipient": "statuscake", "purpose": Purpose.UPTIME_WATCH}
    return leave(customer, **{**facts, "ground": LegalGround.CHOICE, **other})


def test_a_new_use_wants_the_yes_and_the_thirty_days(alice: Customer, clock: Traveller) -> None:
    change = published(a_draft(2, CERTIFICATE, WATCH, effective_at=TODAY + 40 * DAY))
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    with refused_with(Reason.GATE_SAYS_NO):
        watched(alice)
    clock.move_to(TODAY + 41 * DAY)
    assert watched(alice).recipient == "statuscake"
    say_no(alice, change, "uptime-watch")
    with refused_with(Reason.GATE_SAYS_NO):
        watched(alice)


def test_a_yes_taken_back_is_told_to_who_was_given_something(
    alice: Customer, clock: Traveller
) -> None:
    change = published(a_draft(2, CERTIFICATE, WATCH, effective_at=TODAY + 40 * DAY))
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(TODAY + 41 * DAY)
    stop: dict[str, Any] = {
        "ground": LegalGround.WITHDRAWN,
        "fields": [DataField.OUR_REFERENCE],
    }
    with refused_with(Reason.NOTHING_TO_STOP):
        watched(alice, **stop)
    say_no(alice, change, "uptime-watch")
    use(watched(alice, **stop), "statuscake", [DataField.OUR_REFERENCE])
    assert Disclosure.objects.get().kind == Disclosure.Kind.STOP


def test_a_grant_is_good_once(alice: Customer) -> None:
    grant = leave(alice)
    use(grant)
    with refused_with(Reason.GRANT_USED):
        use(grant)
    assert GrantUse.objects.count() == 1


def test_a_grant_is_good_for_less_than_was_granted_but_for_no_more(alice: Customer) -> None:
    use(leave(alice), fields=[DataField.NAME])
    with refused_with(Reason.NOT_GRANTED):
        use(leave(alice, fields=[DataField.NAME]), fields=[DataField.NAME, DataField.EMAIL])
    with refused_with(Reason.NOT_GRANTED):
        use(leave(alice), fields=[])


def test_a_grant_is_for_one_recipient(alice: Customer) -> None:
    with refused_with(Reason.NOT_GRANTED):
        use(leave(alice), "scanalert")
    assert not GrantUse.objects.exists()


def test_a_grant_expires(alice: Customer, clock: Traveller) -> None:
    grant = leave(alice)
    clock.shift(GOOD_FOR - timedelta(seconds=1))
    other = leave(alice)
    clock.shift(timedelta(seconds=1))
    with refused_with(Reason.GRANT_EXPIRED):
        use(grant)
    use(other)


def test_the_gate_is_asked_again_when_the_grant_is_used(alice: Customer) -> None:
    grant = leave(alice)
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.CLOSED)
    with refused_with(Reason.GATE_SAYS_NO):
        use(grant)


def test_a_grant_whose_row_was_undone_opens_nothing(alice: Customer) -> None:
    with transaction.atomic():
        grant = leave(alice)
        transaction.set_rollback(True)
    with refused_with(Reason.NOT_GRANTED):
        use(grant)


def test_a_grant_is_not_used_before_its_row_is_committed(alice: Customer) -> None:
    with transaction.atomic():
        grant = leave(alice)
        with pytest.raises(RuntimeError, match="durable"):
            use(grant)


def test_nobody_else_makes_a_grant(alice: Customer) -> None:
    grant = leave(alice)
    row = Disclosure.objects.get()
    with pytest.raises(TypeError, match="Only the register"):
        Grant(object(), row)
    with pytest.raises(TypeError, match="stays"):
        grant.recipient = "scanalert"
    with pytest.raises(TypeError, match="stays"):
        del grant.fields
    for copied in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="copied"):
            copied(grant)
    blank: Any = object.__new__(Grant)
    with pytest.raises(AttributeError):
        use(blank)
    look_alike: Any = type("Grant", (), {"disclosure_id": row.pk, "uid": row.uid})()
    with pytest.raises(TypeError, match="Only a grant"):
        use(look_alike)


def test_a_grant_shows_nothing_of_the_customer(alice: Customer) -> None:
    assert repr(leave(alice)) == f"<grant {Disclosure.objects.get().uid}>"


def test_an_outcome_is_recorded_once(alice: Customer) -> None:
    grant = leave(alice)
    first = record_outcome(grant=grant, outcome=Outcome.DELIVERED, their_reference="GT-7")
    assert record_outcome(grant=grant, outcome=Outcome.DELIVERED) == first
    assert record_outcome(grant=grant, outcome=Outcome.UNKNOWN) == first
    with refused_with(Reason.OUTCOME_KNOWN):
        record_outcome(grant=grant, outcome=Outcome.FAILED)
    assert Disclosure.objects.with_outcome().get().their_reference == "GT-7"


def test_an_unknown_outcome_turns_out(alice: Customer) -> None:
    grant = leave(alice)
    assert Disclosure.objects.with_outcome().get().outcome is None
    record_outcome(grant=grant, outcome=Outcome.UNKNOWN)
    assert Disclosure.objects.with_outcome().get().outcome == "unknown"
    record_outcome_of(disclosure_id=grant.disclosure_id, outcome=Outcome.REFUSED)
    assert Disclosure.objects.with_outcome().get().outcome == "refused"
    assert DisclosureOutcome.objects.count() == 2


def test_the_register_is_a_chain(alice: Customer) -> None:
    leave(alice)
    leave(alice)
    assert list(Disclosure.objects.values_list("sequence", flat=True)) == [1, 2]
    assert list(broken_rows(Disclosure)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"fields": ""},
        {"fields": "telephone"},
        {"fields": "billing-address,email,name,telephone"},
        {"fields": "name,name"},
        {"fields": "name,"},
        {"fields": "billing,address"},
        {"purpose": ""},
        {"purpose": "deliver-site-scanning"},
        {"purpose": "sell-it"},
        {"ground": "law"},
        {"ground": "because"},
        {"recipient_id": 0},
        {"party": ""},
        {"reference": ""},
        {"kind": "stop"},
        {"telling": "barred", "barred_by": "a law"},
    ],
)
def test_the_database_itself_refuses_what_is_not_declared(
    alice: Customer, change: dict[str, Any]
) -> None:
    row = Disclosure(
        customer=alice,
        recipient=Recipient.objects.get(key="geotrust"),
        party="GeoTrust",
        purpose="deliver-certificate",
        ground="purchase",
        fields="billing-address,email,name",
        reference="BZ-1001",
        actor_kind="system",
        recorded_at=TODAY,
    )
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Disclosure.append(row)


def test_what_the_refused_row_would_be_without_the_fault_is_taken(alice: Customer) -> None:
    leave(alice)
    Disclosure.append(
        Disclosure(
            customer=alice,
            recipient=Recipient.objects.get(key="geotrust"),
            party="GeoTrust",
            purpose="deliver-certificate",
            ground="purchase",
            fields="name",
            reference="BZ-1001",
            actor_kind="system",
            recorded_at=TODAY,
        )
    )
    assert Disclosure.objects.count() == 2
