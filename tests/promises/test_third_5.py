"""THIRD-5: if part of the business is sold, those impacted are told, each attempt with proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.policy import default as modern
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from accounts.actors import SYSTEM as STAFF
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.calendar import policy_day
from consent.grounds import CONTENTS
from consent.models import Declaration, Disclosure, Recipient
from consent.services.transferring import Transfer, record_transfer
from notifications.kinds import KindKey
from notifications.letter_list import letters_due
from notifications.models import Announcement, Telling
from notifications.printing import letters_as_pdf
from notifications.progress import progress_of
from notifications.services.delivering import deliver_due
from notifications.services.proving import record_letters
from notifications.services.releasing import cancel, release_due
from tests.builders import TODAY, joined
from tests.notifications.announced import told_exactly
from tests.notifications.smtp_sink import Sink
from tests.pages.browsing import signed_in, text


@pytest.fixture
def unreachable(alice: Customer) -> Customer:
    """Give somebody whose address was never proven."""
    return joined("Ursula Unwin")


def test_exactly_those_impacted_are_told_by_mail_and_on_screen(
    alice: Customer, bob: Customer, sink: Sink
) -> None:
    announcement = told_exactly(KindKey.BUSINESS_TRANSFER, alice)
    deliver_due(seconds=60)
    (mail,) = sink.accepted
    assert mail.recipients == (alice.email,)
    body = message_from_bytes(mail.message, policy=modern).get_body(("plain",))
    assert body is not None
    for fact in (
        "Harbor Hosting Inc.",
        "shared hosting",
        date_format(date(2027, 3, 1), "DATE_FORMAT"),
    ):
        assert fact in body.get_content()
    assert announcement.subject in text(signed_in(alice).get("/account/"))
    assert announcement.subject not in text(signed_in(bob).get("/account/"))


def test_each_attempt_is_proven_in_a_ledger(
    alice: Customer, unreachable: Customer, sink: Sink
) -> None:
    announcement = told_exactly(KindKey.BUSINESS_TRANSFER, alice, unreachable)
    deliver_due(seconds=60)
    signed_in(alice).post(announcement.get_absolute_url())
    proofs = Telling.objects.filter(customer=alice).order_by("sequence")
    assert list(proofs.values_list("channel", flat=True)) == ["mail", "shown"]
    assert proofs[0].message_id
    assert proofs[0].address_digest
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Telling.objects.all().delete()


def test_whom_no_mail_reaches_gets_a_letter(
    alice: Customer, unreachable: Customer, sink: Sink
) -> None:
    announcement = told_exactly(KindKey.BUSINESS_TRANSFER, alice, unreachable)
    deliver_due(seconds=60)
    assert list(letters_due(announcement)) == [unreachable]
    pdf = letters_as_pdf(announcement, letters_due(announcement), {})
    assert pdf.startswith(b"%PDF-")
    record_letters(
        announcement=announcement,
        customers=[unreachable.pk],
        posted_on=policy_day(timezone.now()),
        actor=STAFF,
    )
    assert not letters_due(announcement)
    progress = progress_of(announcement)
    assert progress is not None
    assert (progress.addressed, progress.told, progress.untold) == (2, 2, 0)


def test_what_goes_to_the_buyer_stands_in_the_register_before_it_goes(
    alice: Customer, bob: Customer
) -> None:
    announcement = told_exactly(KindKey.BUSINESS_TRANSFER, alice)
    release_due()
    line = Disclosure.objects.get()
    assert (line.customer, line.party) == (alice, "Harbor Hosting Inc.")
    assert (line.purpose, line.ground) == ("carry-on-business", "transfer")
    assert line.approved_by == announcement.agreed_by != line.actor_user
    assert not {"card", *CONTENTS} & set(line.field_list)
    shown = text(signed_in(alice).get("/account/disclosures/"))
    assert "Harbor Hosting Inc." in shown
    assert "part of our business is sold" in shown
    assert "Harbor Hosting Inc." not in text(signed_in(bob).get("/account/disclosures/"))


def test_a_transfer_that_is_called_off_gives_nothing_away(alice: Customer) -> None:
    announcement = told_exactly(KindKey.BUSINESS_TRANSFER, alice)
    for _each in range(2):
        cancel(announcement=announcement, actor=STAFF)
    line = Disclosure.objects.get()
    assert [row.outcome for row in line.outcomes.all()] == ["failed"]


@pytest.mark.parametrize(
    "wrong",
    [{"buyer": " "}, {"reference": ""}, {"agreed_by": 1}],
    ids=["no buyer", "no document", "nobody else agreed"],
)
def test_no_line_without_buyer_document_and_two_people(
    alice: Customer, wrong: dict[str, Any]
) -> None:
    transfer = replace(Transfer("Harbor Hosting Inc.", "T-1", 1, 2), **wrong)
    with pytest.raises(Refused):
        record_transfer(transfer=transfer, customers=[alice.pk], now=TODAY)
    assert not Disclosure.objects.exists()


def test_a_transfer_opens_no_communication(db: None) -> None:
    buyer = Recipient.objects.get(key="buyer")
    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.create(
            recipient=buyer, purpose="carry-on-business", ground="transfer", field="mail-contents"
        )


def test_a_transfer_without_buyer_part_or_date_cannot_be_written(alice: Customer) -> None:
    told_exactly(KindKey.BUSINESS_TRANSFER, alice)
    drafts = Announcement.objects.filter(happens_on=date(2027, 3, 1))
    for missing in ({"buyer": ""}, {"part": ""}, {"happens_on": None}):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            drafts.update(**missing)
