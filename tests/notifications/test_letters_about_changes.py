"""Whom no mail tells of a change is told by letter, and has thirty days from then (CHANGE-2)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries as DjangoAssertMaxNumQueries
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Address, ClaimCode, Customer, StaffAccess, User
from accounts.roles import Role
from accounts.services.claiming import IssuedCode, try_code
from bizsecure.core.errors import Refused
from consent.audience import told_of, untold
from consent.calendar import policy_day, policy_zone
from consent.deadlines import earliest_effective, letter_arrived
from consent.gate import may_use
from consent.models import Notice, PolicyVersion
from consent.services.telling import record_shown
from notifications.letter_list import letters_due
from notifications.models import LetterRun
from notifications.printing import letter_words, letters_as_pdf
from notifications.reasons import Reason
from notifications.reporting import notice_report
from notifications.services import writing_letters
from notifications.services.announcing import announce_changes
from notifications.services.writing_letters import record_posted, write_letters
from tests.builders import DAY, LONG_AGO, date_of, joined, member, say_yes
from tests.notifications.outbox import deliver
from tests.notifications.smtp_sink import Act, Sink, Stage
from tests.pages.browsing import signed_in, signed_in_as, text

PAGES = b"/Type /Page\n"


def page_of(change: PolicyVersion) -> str:
    return f"/admin/notifications/campaign/progress/{change.pk}/letters/"


def at_home(customer: Customer) -> Customer:
    Address.objects.create(
        customer=customer, kind="billing", street="1 Elm Street", city="Troy", country="US"
    )
    return customer


@pytest.fixture
def ursula(policy: PolicyVersion) -> Customer:
    """Give a customer of many years whose address was never proven."""
    return at_home(joined("Ursula Unwin", at=LONG_AGO))


@pytest.fixture
def walter(policy: PolicyVersion) -> Customer:
    """Give a customer with neither a mail address nor a sign-in."""
    return at_home(Customer.objects.create(name="Walter Weir", joined_at=LONG_AGO))


@pytest.fixture
def officer(policy: PolicyVersion) -> User:
    return member(Role.PRIVACY)


def printed(change: PolicyVersion, officer: User) -> LetterRun:
    write_letters(about=change, actor=Actor.staff(officer))
    run: LetterRun = LetterRun.objects.order_by("-pk")[0]
    return run


def posted(run: LetterRun, officer: User, on: date | None = None) -> int:
    day = on or policy_day(timezone.now())
    return record_posted(run=run, posted_on=day, actor=Actor.staff(officer))


def test_whom_no_mail_tells_is_on_the_list(
    change: PolicyVersion,
    alice: Customer,
    bob: Customer,
    ursula: Customer,
    walter: Customer,
    sink: Sink,
) -> None:
    # Nobody who will be written to by the next pass needs a letter.
    assert list(letters_due(change)) == [ursula, walter]
    sink.plan({bob.email: Act.reply(Stage.END, 550)})
    announce_changes()
    assert list(letters_due(change)) == [ursula, walter]
    deliver()
    assert set(letters_due(change)) == {bob, ursula, walter}


def test_who_reads_it_on_the_site_leaves_the_list(change: PolicyVersion, ursula: Customer) -> None:
    assert list(letters_due(change)) == [ursula]
    record_shown(version=change, customer=ursula, actor=Actor.customer(ursula.user))
    assert not letters_due(change)


def test_who_joins_now_is_told_by_the_page_and_needs_no_letter(change: PolicyVersion) -> None:
    joined("Nora New", seen=[change])
    assert not letters_due(change)


def test_a_letter_has_what_a_mail_has_and_a_code_for_who_has_no_sign_in(
    change: PolicyVersion, ursula: Customer, walter: Customer, officer: User
) -> None:
    actor = Actor.staff(officer)
    assert write_letters(about=change, actor=actor).count(PAGES) == 2
    assert ClaimCode.objects.get().customer == walter
    code = IssuedCode(ClaimCode.objects.get(), "ABCD-EFGH-JKMN")
    subject, words = letter_words(change, walter, code)
    assert "Your decision" in subject
    for said in ("What version 2 says.", "May we use your name", "the answer is no", "ABCD-EFGH"):
        assert said in words
    assert walter.number in words
    assert "Code:" not in letter_words(change, ursula, None)[1]


def test_the_code_in_a_letter_opens_the_account(
    change: PolicyVersion, walter: Customer, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: dict[int, IssuedCode] = {}

    def drawn(
        about: PolicyVersion, customers: list[Customer], given: dict[int, IssuedCode]
    ) -> bytes:
        codes.update(given)
        return letters_as_pdf(about, customers, given)

    monkeypatch.setattr(writing_letters, "letters_as_pdf", drawn)
    printed(change, officer)
    claim = try_code(number=walter.number, code=codes[walter.pk].code)
    assert claim is not None
    assert claim.customer == walter


def test_thirty_days_begin_when_the_letter_has_arrived(
    change: PolicyVersion, ursula: Customer, officer: User, clock: Traveller
) -> None:
    run = printed(change, officer)
    assert ursula in untold(change)
    today = policy_day(timezone.now())
    assert posted(run, officer) == 1
    assert posted(run, officer) == 0
    proof = Notice.objects.get(customer=ursula)
    assert proof.channel == "letter"
    assert proof.told_at == letter_arrived(today, policy_zone()) > proof.recorded_at
    assert proof.actor_user == officer
    assert ursula in told_of(change)
    assert not letters_due(change)
    say_yes(ursula, change, "uptime-watch")
    bound = earliest_effective(proof.told_at, policy_zone())
    assert bound > date_of(change)
    clock.move_to(bound - timedelta(microseconds=1))
    assert not may_use(ursula, "uptime-watch").allowed
    clock.move_to(bound)
    assert may_use(ursula, "uptime-watch").allowed


def test_the_report_says_that_whoever_got_a_late_letter_is_held(
    change: PolicyVersion, ursula: Customer, officer: User
) -> None:
    posted(printed(change, officer), officer)
    report = notice_report(change)
    assert (report.told, report.untold, report.held) == (1, 0, 1)
    proof = Notice.objects.get()
    assert report.earliest_lawful_date == earliest_effective(proof.told_at, policy_zone())


def test_a_proof_by_letter_stays_as_it_is(
    change: PolicyVersion, ursula: Customer, officer: User
) -> None:
    posted(printed(change, officer), officer)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Notice.objects.update(told_at=timezone.now())


def test_only_a_letter_counts_ahead_of_its_recording(
    change: PolicyVersion, ursula: Customer, officer: User
) -> None:
    posted(printed(change, officer), officer)
    proof = Notice.objects.get()
    proof.pk, proof.channel = None, Notice.Channel.SHOWN
    with pytest.raises(DatabaseError, match="notice_not_ahead_of_time"), transaction.atomic():
        Notice.append(proof)


def test_who_was_not_printed_is_not_told(
    change: PolicyVersion, ursula: Customer, officer: User
) -> None:
    run = printed(change, officer)
    walter = at_home(Customer.objects.create(name="Walter Weir", joined_at=LONG_AGO))
    assert posted(run, officer) == 1
    assert list(letters_due(change)) == [walter]


@pytest.mark.parametrize(("days", "refused"), [(-1, True), (0, False), (2, False), (3, True)])
def test_letters_are_posted_after_they_were_printed_and_not_in_the_future(
    change: PolicyVersion,
    ursula: Customer,
    officer: User,
    clock: Traveller,
    days: int,
    refused: bool,
) -> None:
    run = printed(change, officer)
    day = policy_day(run.made_at) + timedelta(days=days)
    clock.shift(2 * DAY)
    if refused:
        with pytest.raises(Refused) as refusal:
            posted(run, officer, day)
        assert refusal.value.reason == Reason.WRONG_DAY
    else:
        assert posted(run, officer, day) == 1


def test_letters_that_were_printed_again_are_of_no_use(
    change: PolicyVersion, walter: Customer, officer: User
) -> None:
    first, second = printed(change, officer), printed(change, officer)
    with pytest.raises(Refused) as refusal:
        posted(first, officer)
    assert refusal.value.reason == Reason.REPRINTED
    assert posted(second, officer) == 1


def test_a_run_has_a_bound_and_the_next_one_has_the_rest(
    change: PolicyVersion,
    ursula: Customer,
    walter: Customer,
    officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing_letters, "MOST_LETTERS", 1)
    for _each in range(2):
        assert posted(printed(change, officer), officer) == 1
    assert not letters_due(change)


def test_printing_is_a_look_that_the_customer_sees(
    change: PolicyVersion, ursula: Customer, officer: User
) -> None:
    printed(change, officer)
    look = StaffAccess.objects.get()
    assert (look.customer, look.way, look.role) == (ursula, "exported", Role.PRIVACY)
    assert "version 2" in look.words
    assert "A letter to you" in text(signed_in(ursula).get("/account/log/"))


def test_the_page_names_nobody_and_takes_one_press(
    change: PolicyVersion, ursula: Customer, walter: Customer, officer: User
) -> None:
    browser = signed_in_as(officer)
    progress = browser.get(f"/admin/notifications/campaign/progress/{change.pk}/")
    assert page_of(change) in progress.text
    page = browser.get(page_of(change))
    for said in ("2 letters to write", ursula.number, "never proven", "No mail address"):
        assert said in text(page)
    assert ursula.name not in page.text
    assert browser.post(page_of(change), {"pdf": "1"}).content.count(PAGES) == 2
    run = LetterRun.objects.get()
    wrong = browser.post(page_of(change), {"run": run.pk, "posted_on": "2026-01-01"})
    assert wrong.status_code == 422
    assert 'value="2026-01-01"' in wrong.text
    assert (
        browser.post(page_of(change), {"run": run.pk + 1, "posted_on": "2027-01-04"}).status_code
        == 404
    )
    for _each in range(2):
        done = browser.post(
            page_of(change), {"run": run.pk, "posted_on": "2027-01-04"}, follow=True
        )
        assert "counts as received on" in text(done)
    assert Notice.objects.count() == 2


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRIVACY])
def test_no_other_role_writes_letters(change: PolicyVersion, ursula: Customer, role: Role) -> None:
    browser: Client = signed_in_as(member(role))
    assert browser.get(page_of(change)).status_code == 403
    assert browser.post(page_of(change), {"pdf": "1"}).status_code == 403
    assert not StaffAccess.objects.exists()


def test_who_has_not_promised_confidentiality_prints_nothing(
    change: PolicyVersion, ursula: Customer
) -> None:
    browser = signed_in_as(member(Role.PRIVACY, promised=False))
    answer = browser.post(page_of(change), {"pdf": "1"})
    assert answer.status_code == 302
    assert not LetterRun.objects.exists()


def test_the_list_costs_the_same_for_few_and_for_many(
    change: PolicyVersion, officer: User, django_assert_max_num_queries: DjangoAssertMaxNumQueries
) -> None:
    Customer.objects.bulk_create(
        Customer(name=f"Customer {each}", joined_at=LONG_AGO) for each in range(150)
    )
    browser = signed_in_as(officer)
    with django_assert_max_num_queries(30):
        page = browser.get(page_of(change))
    assert len(re.findall(r"BZ-\w{8}", page.text)) == 100


def test_a_letter_of_any_length_and_alphabet_can_be_printed(
    change: PolicyVersion, ursula: Customer
) -> None:
    Customer.objects.filter(pk=ursula.pk).update(name="Ωμέγα Жуков " + "x" * 150)
    ursula.refresh_from_db()
    change.summary = "\n".join(["A long sentence about what would change for you. " * 5] * 40)
    assert letters_as_pdf(change, [ursula], {}).count(PAGES) > 1


def test_staff_are_told_on_the_first_page_that_letters_are_due(
    change: PolicyVersion, ursula: Customer, officer: User
) -> None:
    said = "Changes of policy that some must be told of by letter"
    assert said in text(signed_in_as(officer).get("/admin/"))
    posted(printed(change, officer), officer)
    assert said not in text(signed_in_as(officer).get("/admin/"))
