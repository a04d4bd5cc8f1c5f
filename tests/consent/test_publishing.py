"""Drafting and publishing: what an editor cannot do, whoever the editor is (CHANGE-1, CHANGE-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import User
from bizsecure.core.errors import Refused
from consent.deadlines import earliest_effective
from consent.models import PolicyVersion, Use, VersionEvent, text_hash
from consent.reasons import Reason
from consent.services.publishing import (
    VersionDraft,
    fingerprint,
    notice_period_ends,
    publish,
    save_draft,
    withdraw,
)
from tests.builders import (
    DAY,
    INSTANT,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    published,
)
from tests.consent.asking import refusal

SAME_USES = (RUN_ACCOUNT, PRODUCT_NEWS)


def saved(draft: VersionDraft) -> PolicyVersion:
    return save_draft(draft=draft, actor=SYSTEM)


def test_a_draft_is_nobody_elses_business(policy: PolicyVersion) -> None:
    draft = saved(a_draft(2, *SAME_USES, UPTIME_WATCH))
    assert draft.status == PolicyVersion.Status.DRAFT
    assert list(PolicyVersion.objects.posted()) == [policy]
    assert not PolicyVersion.objects.coming(TODAY).exists()


def test_a_draft_may_be_written_again_and_again(policy: PolicyVersion) -> None:
    first = saved(a_draft(2, *SAME_USES, UPTIME_WATCH, text="## First"))
    second = saved(a_draft(2, RUN_ACCOUNT, text="## Second"))
    assert second.pk == first.pk
    second.refresh_from_db()
    assert second.text == "## Second"
    assert [row.use.key for row in second.declared_uses.all()] == ["run-account"]


def test_what_stood_in_drafts_alone_may_be_mended(policy: PolicyVersion) -> None:
    saved(a_draft(2, *SAME_USES, UPTIME_WATCH))
    saved(a_draft(2, *SAME_USES, replace(UPTIME_WATCH, purpose="watch that your site is up")))
    assert Use.objects.get(key="uptime-watch").purpose == "watch that your site is up"


def test_a_published_number_takes_no_other_draft(policy: PolicyVersion) -> None:
    assert refusal(save_draft, actor=SYSTEM, draft=a_draft(1, RUN_ACCOUNT)) == Reason.NOT_A_DRAFT


@pytest.mark.parametrize("part", ["purpose", "data", "recipient"])
def test_a_known_key_cannot_be_given_to_another_use(policy: PolicyVersion, part: str) -> None:
    slipped_in = replace(PRODUCT_NEWS, **{part: "something else"})
    assert (
        refusal(save_draft, actor=SYSTEM, draft=a_draft(2, RUN_ACCOUNT, slipped_in))
        == Reason.USE_IS_ANOTHER
    )


def test_a_known_use_cannot_be_given_another_key(policy: PolicyVersion) -> None:
    renamed = replace(PRODUCT_NEWS, key="fresh-start")
    assert (
        refusal(save_draft, actor=SYSTEM, draft=a_draft(2, RUN_ACCOUNT, renamed))
        == Reason.USE_HAS_A_KEY
    )


def test_a_refused_draft_leaves_the_one_before_it_whole(policy: PolicyVersion) -> None:
    saved(a_draft(2, *SAME_USES, UPTIME_WATCH))
    slipped_in = replace(PRODUCT_NEWS, purpose="something else")
    refusal(save_draft, actor=SYSTEM, draft=a_draft(2, RUN_ACCOUNT, slipped_in, text="## Other"))
    draft = PolicyVersion.objects.get(number=2)
    assert draft.text != "## Other"
    assert draft.declared_uses.count() == 3


def test_publishing_pins_the_text_and_names_who_did_it(policy: PolicyVersion, carol: User) -> None:
    version = publish(version=saved(a_draft(2, *SAME_USES, UPTIME_WATCH)), actor=Actor.staff(carol))
    assert version.status == PolicyVersion.Status.PUBLISHED
    assert version.published_at == TODAY
    assert version.text_hash == text_hash(version)
    event = version.events.get(kind="published")
    assert (event.kind, event.actor_user, event.effective_at) == (
        "published",
        carol,
        version.effective_at,
    )


@pytest.mark.parametrize("part", ["slug", "number", "title", "summary", "text", "notes"])
def test_other_words_have_another_hash(policy: PolicyVersion, part: str) -> None:
    before = text_hash(policy)
    setattr(policy, part, 7 if part == "number" else "other")
    assert text_hash(policy) != before


def test_the_new_uses_are_computed_and_no_editor_can_hide_one(policy: PolicyVersion) -> None:
    version = published(a_draft(2, RUN_ACCOUNT, UPTIME_WATCH, PRODUCT_NEWS, a_use("maps")))
    assert version.base == policy
    assert [row.use.key for row in version.new_uses()] == ["uptime-watch", "maps"]


def test_a_use_keeps_the_version_that_brought_it_in(change: PolicyVersion) -> None:
    third = published(a_draft(3, *SAME_USES, UPTIME_WATCH, a_use("maps")))
    assert third.base == change
    brought_in = {row.use.key: row.introduced_by for row in third.declared_uses.all()}
    assert brought_in["uptime-watch"] == change
    assert brought_in["maps"] == third


def test_a_use_that_was_given_up_is_new_again_when_it_returns(change: PolicyVersion) -> None:
    published(a_draft(3, *SAME_USES))
    fourth = published(a_draft(4, *SAME_USES, UPTIME_WATCH))
    assert [row.use.key for row in fourth.new_uses()] == ["uptime-watch"]


def test_a_withdrawn_version_is_no_base(change: PolicyVersion, policy: PolicyVersion) -> None:
    withdraw(version=change, actor=SYSTEM)
    third = published(a_draft(3, *SAME_USES, UPTIME_WATCH))
    assert third.base == policy
    assert [row.use.key for row in third.new_uses()] == ["uptime-watch"]


@pytest.mark.parametrize("basis", ["essential", "opt-out"])
def test_a_new_use_that_would_begin_without_a_yes_is_refused(
    policy: PolicyVersion, basis: str
) -> None:
    draft = saved(a_draft(2, *SAME_USES, a_use("maps", basis)))
    assert refusal(publish, version=draft, actor=SYSTEM) == Reason.NEW_USE_NEEDS_CHOICE


@pytest.mark.parametrize("basis", ["essential", "opt-out"])
def test_a_use_that_was_given_up_returns_as_a_choice_or_not_at_all(
    policy: PolicyVersion, basis: str
) -> None:
    published(a_draft(2, RUN_ACCOUNT))
    draft = saved(a_draft(3, RUN_ACCOUNT, a_use("product-news", basis)))
    assert refusal(publish, version=draft, actor=SYSTEM) == Reason.NEW_USE_NEEDS_CHOICE


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("choice", "choice", True),
        ("choice", "opt-out", False),
        ("choice", "essential", False),
        ("opt-out", "choice", True),
        ("opt-out", "opt-out", True),
        ("opt-out", "essential", False),
        ("essential", "choice", True),
        ("essential", "opt-out", True),
        ("essential", "essential", True),
    ],
)
def test_a_use_may_become_stricter_and_never_looser(
    db: None, clock: Traveller, before: str, after: str, allowed: bool
) -> None:
    published(a_draft(1, RUN_ACCOUNT, a_use("maps", before)))
    draft = saved(a_draft(2, RUN_ACCOUNT, a_use("maps", after)))
    if allowed:
        assert publish(version=draft, actor=SYSTEM).number == 2
    else:
        assert refusal(publish, version=draft, actor=SYSTEM) == Reason.BASIS_LOOSENED


@pytest.mark.parametrize("basis", ["essential", "opt-out", "choice"])
def test_no_other_policy_is_a_back_door_for_a_use(policy: PolicyVersion, basis: str) -> None:
    draft = saved(a_draft(1, a_use("sell-everything", basis), slug="partners"))
    assert refusal(publish, version=draft, actor=SYSTEM) == Reason.USES_ELSEWHERE


def test_another_policy_has_numbers_and_versions_of_its_own(policy: PolicyVersion) -> None:
    other = published(a_draft(1, slug="acceptable-use"))
    assert other.base is None
    assert published(a_draft(2, *SAME_USES, UPTIME_WATCH)).base == policy


def test_a_date_before_the_notice_period_is_refused_with_the_earliest(
    policy: PolicyVersion,
) -> None:
    earliest = notice_period_ends(TODAY)
    early = saved(a_draft(2, *SAME_USES, UPTIME_WATCH, effective_at=earliest - INSTANT))
    with pytest.raises(Refused) as refused:
        publish(version=early, actor=SYSTEM)
    assert refused.value.reason == Reason.TOO_EARLY
    assert refused.value.facts == {"earliest": earliest}
    in_time = saved(a_draft(2, *SAME_USES, UPTIME_WATCH, effective_at=earliest))
    assert publish(version=in_time, actor=SYSTEM).effective_at == earliest


def test_the_notice_period_leaves_thirty_days_after_the_time_to_send(
    settings: Settings,
) -> None:
    zone = ZoneInfo(settings.POLICY_TIME_ZONE)
    for hours in (1, 24, 240):
        settings.NOTICE_SENDING_HOURS = hours
        assert notice_period_ends(TODAY) == earliest_effective(TODAY + hours * DAY / 24, zone)


def test_the_first_policy_needs_no_notice(db: None, clock: Traveller) -> None:
    assert published(a_draft(1, RUN_ACCOUNT, effective_at=TODAY)).base is None


def test_a_version_without_a_date_is_refused(policy: PolicyVersion) -> None:
    draft = saved(replace(a_draft(2, *SAME_USES, UPTIME_WATCH), effective_at=None))
    assert refusal(publish, version=draft, actor=SYSTEM) == Reason.NO_DATE


def test_versions_take_effect_in_the_order_of_their_numbers(policy: PolicyVersion) -> None:
    later = published(a_draft(2, *SAME_USES, UPTIME_WATCH, effective_at=TODAY + 90 * DAY))
    overtaking = saved(a_draft(3, *SAME_USES, effective_at=date_of(later) - INSTANT))
    assert refusal(publish, version=overtaking, actor=SYSTEM) == Reason.OUT_OF_ORDER
    together = saved(a_draft(3, *SAME_USES, effective_at=date_of(later)))
    assert publish(version=together, actor=SYSTEM).base == later


def test_a_draft_that_was_overtaken_needs_another_number(policy: PolicyVersion) -> None:
    overtaken = saved(a_draft(2, *SAME_USES, text="## An old draft"))
    published(a_draft(3, *SAME_USES, UPTIME_WATCH))
    with pytest.raises(Refused) as refused:
        publish(version=overtaken, actor=SYSTEM)
    assert refused.value.reason == Reason.NUMBER_TAKEN
    assert refused.value.facts == {"next": 4}


def test_the_number_of_a_withdrawn_version_stays_taken(change: PolicyVersion) -> None:
    withdraw(version=change, actor=SYSTEM)
    assert refusal(save_draft, actor=SYSTEM, draft=a_draft(2, *SAME_USES)) == Reason.NOT_A_DRAFT


def test_a_version_that_says_nothing_new_is_refused(policy: PolicyVersion) -> None:
    same = saved(a_draft(2, *SAME_USES, text=policy.text))
    assert refusal(publish, version=same, actor=SYSTEM) == Reason.NOTHING_CHANGED


def test_publishing_twice_announces_once(policy: PolicyVersion) -> None:
    draft = saved(a_draft(2, *SAME_USES, UPTIME_WATCH))
    first = publish(version=draft, actor=SYSTEM)
    # The second press of the button still holds the draft it was shown.
    assert refusal(publish, version=draft, actor=SYSTEM) == Reason.NOT_A_DRAFT
    first.refresh_from_db()
    assert first.round == 1
    assert first.events.filter(kind="published").count() == 1


def test_of_two_drafts_published_at_once_the_second_builds_on_the_first(
    policy: PolicyVersion,
) -> None:
    second = saved(a_draft(2, *SAME_USES, UPTIME_WATCH))
    third = saved(a_draft(3, *SAME_USES, UPTIME_WATCH, a_use("maps")))
    publish(version=second, actor=SYSTEM)
    built_on = publish(version=third, actor=SYSTEM)
    assert built_on.base == second
    assert [row.use.key for row in built_on.new_uses()] == ["maps"]


def test_what_is_in_force_is_a_question_about_the_time(
    policy: PolicyVersion, change: PolicyVersion, clock: Traveller
) -> None:
    def in_force(moment: datetime) -> PolicyVersion | None:
        return PolicyVersion.objects.in_force(moment)

    assert in_force(date_of(policy) - INSTANT) is None
    assert in_force(date_of(policy)) == policy
    assert in_force(date_of(change) - INSTANT) == policy
    assert in_force(date_of(change)) == change


def written_by(staff: User, *, text: str = "## Mine") -> PolicyVersion:
    return save_draft(draft=a_draft(2, *SAME_USES, text=text), actor=Actor.staff(staff))


def kinds_of(version: PolicyVersion) -> list[str]:
    return [event.kind for event in version.events.all()]


def test_whoever_wrote_a_draft_cannot_publish_it(policy: PolicyVersion, carol: User) -> None:
    draft = written_by(carol)
    assert refusal(publish, version=draft, actor=Actor.staff(carol)) == Reason.OWN_DRAFT
    assert refusal(publish, version=draft, actor=SYSTEM) == Reason.NEEDS_AGREEMENT
    assert kinds_of(draft) == ["written"]


def test_a_second_member_of_staff_agrees_and_publishes(policy: PolicyVersion, carol: User) -> None:
    draft, dan = written_by(carol), User.objects.create_user("dan@example.com", is_staff=True)
    seen = fingerprint(draft)
    version = publish(version=draft, actor=Actor.staff(dan), seen=seen)
    written, agreed, posted = version.events.all()
    assert [written.kind, agreed.kind, posted.kind] == ["written", "agreed", "published"]
    assert (written.actor_user, agreed.actor_user, posted.actor_user) == (carol, dan, dan)
    assert written.fingerprint == agreed.fingerprint == seen


def test_whoever_changes_the_words_last_is_their_author(policy: PolicyVersion, carol: User) -> None:
    dan = User.objects.create_user("dan@example.com", is_staff=True)
    written_by(carol)
    draft = written_by(dan, text="## His")
    assert refusal(publish, version=draft, actor=Actor.staff(dan)) == Reason.OWN_DRAFT
    # Saving what stands there already makes nobody its author.
    written_by(carol, text="## His")
    assert kinds_of(draft) == ["written", "written"]
    assert publish(version=draft, actor=Actor.staff(carol)).status == "published"


def test_other_words_than_were_seen_are_not_published(policy: PolicyVersion, carol: User) -> None:
    seen = fingerprint(written_by(carol))
    draft = written_by(carol, text="## Slipped in")
    dan = Actor.staff(User.objects.create_user("dan@example.com", is_staff=True))
    assert refusal(publish, version=draft, actor=dan, seen=seen) == Reason.DRAFT_CHANGED


@pytest.mark.parametrize("agrees", ["nobody", "the author", "to other words"])
def test_the_database_publishes_nothing_that_one_person_wrote_alone(
    policy: PolicyVersion, carol: User, agrees: str
) -> None:
    draft = written_by(carol)
    dan = User.objects.create_user("dan@example.com", is_staff=True)
    if agrees != "nobody":
        VersionEvent.objects.create(
            version=draft,
            kind="agreed",
            effective_at=draft.effective_at,
            fingerprint=fingerprint(draft) if agrees == "the author" else "0" * 64,
            round=1,
            actor_kind="staff",
            actor_user=carol if agrees == "the author" else dan,
            recorded_at=TODAY,
        )
    rows = PolicyVersion.objects.filter(pk=draft.pk)
    with pytest.raises(DatabaseError, match="another one agrees"), transaction.atomic():
        rows.update(status="published", published_at=TODAY, text_hash="x", base=policy)


def test_the_operator_publishes_from_a_file_and_stands_as_the_portal(policy: PolicyVersion) -> None:
    version = publish(version=saved(a_draft(2, RUN_ACCOUNT)), actor=SYSTEM)
    assert {event.actor_kind for event in version.events.all()} == {"system"}
