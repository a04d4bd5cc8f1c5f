"""MAIL-1: every message from the feedback page is read and answered promptly."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import Actor
from accounts.roles import Role
from notifications.answering_times import answering_times
from notifications.models import Case, OutgoingMail
from notifications.services.answering import answer_case, read_case
from tests.builders import DAY, TODAY, member
from tests.notifications.writing import form_id, staff_page, written
from tests.pages.browsing import signed_in_as


def test_whatever_is_sent_with_the_form_is_in_the_inbox(db: None, clock: Traveller) -> None:
    visitor = Client()
    typed = {
        "topic": "feedback",
        "message": "More pages like this one.",
        "name": "Nora Nolan",
        "email": "nora@example.com",
        "form_id": form_id(visitor, "/contact/"),
    }
    clock.shift(60)
    visitor.post("/contact/", typed)
    staff = signed_in_as(member(Role.SUPPORT))
    case = Case.objects.get()
    assert case.number in staff.get("/admin/notifications/case/").text
    page = staff.post(staff_page(case), {"open": "1"}, follow=True)
    assert "More pages like this one." in page.text


def test_who_read_it_when_it_was_answered_and_how_long_that_took_is_known(
    db: None, clock: Traveller
) -> None:
    support = member(Role.SUPPORT)
    case = written()
    clock.shift(timedelta(hours=1))
    read_case(case=case, actor=Actor.staff(support))
    clock.shift(timedelta(hours=2))
    answer_case(case=case, text="It was the cache.", actor=Actor.staff(support))
    case = Case.objects.get()
    assert (case.read_by, case.read_at) == (support, TODAY + timedelta(hours=1))
    assert case.answered_at == TODAY + timedelta(hours=3)
    assert answering_times(timezone.now()).weeks[-1].median_hours == 3
    assert OutgoingMail.objects.filter(content__kind="case_answered").count() == 1


def test_the_oldest_unanswered_message_cannot_be_overlooked(db: None, clock: Traveller) -> None:
    support = member(Role.SUPPORT)
    oldest = written(message_id="<old@x>")
    clock.shift(3 * DAY)
    written(message_id="<new@x>")
    browser = signed_in_as(support)
    first_page = browser.get("/admin/").text
    assert "Messages that wait for our answer" in first_page
    assert Case.objects.overdue(timezone.now()).get() == oldest
    inbox = browser.get("/admin/notifications/case/").text
    assert inbox.index(oldest.number) < inbox.index(Case.objects.latest("pk").number)
    assert "3 days, overdue" in inbox.replace("\xa0", " ")
