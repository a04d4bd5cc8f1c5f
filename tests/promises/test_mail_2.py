"""MAIL-2: comments may be kept to improve the site, or are discarded after a review."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from time_machine import Traveller

from accounts.actors import Actor
from accounts.roles import Role
from bizsecure.core.errors import Refused
from notifications.models import Case, CaseEvent, CaseMessage
from notifications.services.answering import discard_case, keep_case, read_case
from notifications.services.emptying import empty_reviewed_cases
from tests.builders import DAY, member
from tests.notifications.writing import steps, written


def test_each_message_is_reviewed_before_it_is_kept_or_discarded(
    db: None, clock: Traveller
) -> None:
    staff = Actor.staff(member(Role.SUPPORT))
    case = written(topic="feedback")
    for review in (keep_case, discard_case):
        with pytest.raises(Refused):
            review(case=case, actor=staff)
    read_case(case=case, actor=staff)
    keep_case(case=case, actor=staff)
    assert Case.objects.get().state == "kept"


def test_what_was_discarded_loses_its_content(db: None, clock: Traveller) -> None:
    staff = Actor.staff(member(Role.SUPPORT))
    case = written(topic="feedback")
    read_case(case=case, actor=staff)
    discard_case(case=case, actor=staff)
    clock.shift((settings.CASE_DISCARD_DAYS + 1) * DAY)
    assert empty_reviewed_cases() == 1
    assert CaseMessage.objects.get().text is None
    assert Case.objects.get().sender_address is None


def test_that_it_was_read_and_what_became_of_it_stays(db: None, clock: Traveller) -> None:
    staff = Actor.staff(member(Role.SUPPORT))
    case = written()
    read_case(case=case, actor=staff)
    assert steps(case) == ["received", "read"]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CaseEvent.objects.all().update(kind="kept")
