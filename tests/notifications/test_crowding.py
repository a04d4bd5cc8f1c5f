"""A sender without end, and copies without end, become one case that nobody answers by machine."""

from __future__ import annotations

import pytest
from time_machine import Traveller

from accounts.models import Customer
from accounts.roles import Role
from consent.gate import may_use
from consent.models import PolicyVersion
from notifications.models import Case, CaseMessage, InboundMail, OutgoingMail
from notifications.services.crowding import CASES_OF_ONE_SENDER, CASES_WITH_THE_SAME_WORDS
from notifications.services.hearing import hear
from tests.builders import DAY, member
from tests.notifications.mail_shapes import OURS, a_mail
from tests.pages.browsing import signed_in, signed_in_as


def write(number: int, *, sender: str = "nora@nora.example", words: str = "") -> InboundMail:
    raw = a_mail(
        words or f"Question {number}",
        sender=sender,
        to=f"support@{OURS}",
        message_id=f"<{number}@x>",
    )
    return hear(raw=raw, way=InboundMail.Way.PIPE)


def test_beyond_a_budget_what_one_sender_writes_is_one_case(policy: PolicyVersion) -> None:
    for number in range(CASES_OF_ONE_SENDER + 5):
        assert write(number).outcome == InboundMail.Outcome.CASE
    assert Case.objects.count() == CASES_OF_ONE_SENDER
    assert CaseMessage.objects.count() == CASES_OF_ONE_SENDER + 5
    newest = Case.objects.order_by("-pk")[0]
    assert newest.messages.count() == 6
    # Fewer are answered than there are cases: an address has a budget of its own.
    assert OutgoingMail.objects.count() <= CASES_OF_ONE_SENDER


def test_somebody_else_is_heard_as_ever(policy: PolicyVersion) -> None:
    for number in range(CASES_OF_ONE_SENDER + 2):
        write(number)
    write(99, sender="olga@olga.example")
    assert Case.objects.count() == CASES_OF_ONE_SENDER + 1


def test_copies_of_one_message_are_one_case_whoever_they_are_from(policy: PolicyVersion) -> None:
    for number in range(CASES_WITH_THE_SAME_WORDS + 3):
        write(number, sender=f"n{number}@nora.example", words="Buy now!")
    assert Case.objects.count() == CASES_WITH_THE_SAME_WORDS
    assert CaseMessage.objects.count() == CASES_WITH_THE_SAME_WORDS + 3
    newest = Case.objects.order_by("-pk")[0]
    said = newest.messages.order_by("pk").last()
    assert said is not None
    assert said.other_address == f"n{CASES_WITH_THE_SAME_WORDS + 2}@nora.example"


def test_mails_that_name_no_sender_have_one_budget(policy: PolicyVersion) -> None:
    for number in range(CASES_OF_ONE_SENDER + 2):
        raw = b"Message-ID: <%d@x>\n\nHello %d" % (number, number)
        hear(raw=raw, way=InboundMail.Way.PIPE)
    assert Case.objects.count() == CASES_OF_ONE_SENDER


def test_the_budget_is_that_of_a_day(policy: PolicyVersion, clock: Traveller) -> None:
    for number in range(CASES_OF_ONE_SENDER):
        write(number)
    clock.shift(2 * DAY)
    write(99)
    assert Case.objects.count() == CASES_OF_ONE_SENDER + 1


def test_a_no_always_counts(alice: Customer) -> None:
    for number in range(CASES_OF_ONE_SENDER + 1):
        write(number, sender=alice.email)
    raw = a_mail("stop", sender=alice.email, to=f"optout@{OURS}", message_id="<no@x>")
    hear(raw=raw, way=InboundMail.Way.PIPE)
    assert not may_use(alice, "product-news").allowed


@pytest.fixture
def crowded(alice: Customer) -> Case:
    """Give a case of alice's with many messages."""
    write(0, sender=alice.email)
    case: Case = Case.objects.get()
    CaseMessage.objects.bulk_create(
        CaseMessage(case=case, direction="in", text=f"Again {each}.", written_at=case.received_at)
        for each in range(120)
    )
    return case


def test_a_page_shows_some_of_many_messages_and_leads_to_the_others(
    crowded: Case, alice: Customer
) -> None:
    mine = signed_in(alice)
    newest = mine.get(crowded.get_absolute_url()).text
    assert "Again 119." in newest
    assert "Again 10." not in newest
    assert "Question 0" in mine.get(f"{crowded.get_absolute_url()}?page=3").text
    officer = member(Role.PRIVACY)
    staff = signed_in_as(officer)
    page = f"/admin/notifications/case/{crowded.pk}/change/"
    staff.post(page, {"open": "1"})
    assert staff.get(page).text.count("data-from=") == 50
    assert "Question 0" in staff.get(f"{page}?page=3").text
