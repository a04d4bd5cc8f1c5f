"""The first page of our staff: what waits for whom, and how far a change has been told."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import Customer, User
from accounts.roles import Role
from bizsecure.views.staff_today import DUTIES
from consent.models import PolicyVersion
from notifications.models import OutgoingMail
from notifications.services.announcing import announce_changes
from tests.builders import DAY, date_of
from tests.pages.browsing import signed_in_as

FIRST_PAGE = "/admin/"
RETURNED = "Mails of this week that did not arrive"


def member(role: Role) -> User:
    user = User.objects.create_user(f"{role.name.lower()}@bizsecure.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role.value))
    return user


def a_returned_mail(*, days_ago: int) -> None:
    announce_changes()
    OutgoingMail.objects.update(state="refused", queued_at=timezone.now() - days_ago * DAY)


def test_what_waits_is_counted_and_leads_to_its_page(
    alice: Customer, change: PolicyVersion
) -> None:
    a_returned_mail(days_ago=1)
    page = signed_in_as(member(Role.SUPPORT)).get(FIRST_PAGE)
    [waiting] = page.context["waiting"]
    assert (str(waiting.duty.title), waiting.number) == (RETURNED, 1)
    assert f'href="{waiting.url}"' in page.text
    assert "the oldest for" in page.text


def test_what_is_long_past_waits_no_more(alice: Customer, change: PolicyVersion) -> None:
    a_returned_mail(days_ago=8)
    page = signed_in_as(member(Role.SUPPORT)).get(FIRST_PAGE)
    assert page.context["waiting"] == []
    assert "Nothing waits for you." in page.text


def test_nobody_sees_the_number_of_what_is_not_theirs(
    alice: Customer, change: PolicyVersion
) -> None:
    a_returned_mail(days_ago=1)
    page = signed_in_as(member(Role.MARKETING)).get(FIRST_PAGE)
    assert page.context["waiting"] == []
    assert RETURNED not in page.text


def test_the_telling_of_a_coming_change_is_drawn_for_those_who_may_follow_it(
    alice: Customer, change: PolicyVersion
) -> None:
    page = signed_in_as(member(Role.PRIVACY)).get(FIRST_PAGE)
    [telling] = page.context["tellings"]
    assert telling.version == change
    assert [step.number for step in telling.steps] == [1, 0, 0, 0, 0, 1]
    assert "1 customer is still to be told." in page.text
    assert "tellings" not in signed_in_as(member(Role.SUPPORT)).get(FIRST_PAGE).context


def test_staff_see_when_the_date_can_no_longer_be_kept(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    privacy = member(Role.PRIVACY)
    clock.move_to(date_of(change) - 29 * DAY)
    page = signed_in_as(privacy).get(FIRST_PAGE)
    assert "1 customer was not told in time and will not be bound on that date." in page.text


def test_every_duty_has_a_page_and_a_right(
    alice: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    boss = User.objects.create_superuser("boss@bizsecure.example")
    for duty in DUTIES:
        duty.rows(now).order_by(duty.since).first()
        assert boss.has_perm(duty.right)
    browser = signed_in_as(boss)
    with django_assert_max_num_queries(30):
        assert browser.get(FIRST_PAGE).status_code == 200
