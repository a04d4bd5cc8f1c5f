"""DISC-2: contents of communications leave on four grounds and no fifth, and are counted."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Customer, User
from bizsecure.core.errors import Refused
from consent.grounds import CONTENTS, DataField, LegalGround, Purpose
from consent.models import Declaration, Recipient
from tests.consent.registering import an_entry, given_by_staff

FOUR = {
    LegalGround.SERVICE: ("provider", Purpose.PROVIDE_SERVICE),
    LegalGround.INTERESTS: ("counsel", Purpose.PROTECT_INTERESTS),
    LegalGround.ORDER: ("court", Purpose.OBEY_ORDER),
    LegalGround.CRIME: ("police", Purpose.REPORT_CRIME),
}


@pytest.mark.django_db
def test_contents_are_declared_on_four_grounds() -> None:
    rows = Declaration.objects.filter(field__in=CONTENTS)
    assert set(rows.values_list("ground", flat=True)) == set(FOUR)


@pytest.mark.django_db
@pytest.mark.parametrize("ground", [*(set(LegalGround.values) - set(FOUR)), "a-fifth"])
def test_the_database_knows_no_fifth(ground: str) -> None:
    court = Recipient.objects.get(key="court")
    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.create(
            recipient=court, purpose="obey-order", ground=ground, field="mail-contents"
        )


@pytest.mark.parametrize("ground", FOUR)
def test_each_of_the_four_takes_two_people_and_is_in_the_register(
    alice: Customer, ground: LegalGround
) -> None:
    recipient, purpose = FOUR[ground]
    row = given_by_staff(
        alice,
        ground=ground,
        recipient=recipient,
        purpose=purpose,
        fields=[DataField.MAIL_CONTENTS],
    )
    assert row.approved_by_id != row.actor_user_id


def test_what_was_come_upon_inadvertently_goes_to_law_enforcement_alone(
    alice: Customer, carol: User
) -> None:
    for recipient in ("counsel", "provider", "court", "authority", "harmed"):
        with pytest.raises(Refused):
            an_entry(
                alice,
                carol,
                ground=LegalGround.CRIME,
                recipient=recipient,
                purpose=Purpose.REPORT_CRIME,
                fields=[DataField.MAIL_CONTENTS],
            )


def test_the_transparency_report_counts_each_of_them(db: None) -> None:
    shown = Client().get("/transparency/").text
    for ground in FOUR:
        label = str(ground.label)
        assert label[0].upper() + label[1:] in shown
