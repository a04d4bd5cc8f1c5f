"""Yes and no: what is recorded, what counts, and what nobody can say for a customer (CHANGE-3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import translation
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.gate import Ground
from consent.models import Choice, Notice, PolicyVersion
from consent.reasons import Reason
from consent.services.choosing import answer_change, record_choices, set_switches
from consent.services.publishing import save_draft, withdraw
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    published,
    say_no,
    say_yes,
)
from tests.cast import Thief
from tests.consent.asking import ground, refusal

PANEL, MAIL_LINK, STAFF = Choice.Method.PANEL, Choice.Method.MAIL_LINK, Choice.Method.STAFF


def decisions(customer: Customer, use: str = "uptime-watch") -> list[str]:
    choices = Choice.objects.filter(customer=customer, use__key=use)
    return list(choices.order_by("sequence").values_list("decision", flat=True))


def test_a_choice_is_recorded_with_the_words_that_were_seen(
    alice: Customer, change: PolicyVersion
) -> None:
    with translation.override("en"):
        (choice,) = say_yes(alice, change, "uptime-watch")
    choice.refresh_from_db()
    assert choice.version == change
    assert choice.question_hash == change.new_uses().get().question_hash
    assert (choice.method, choice.language) == (PANEL, "en")
    assert (choice.actor_kind, choice.actor_user) == ("customer", alice.user)
    assert choice.recorded_at == TODAY


@pytest.mark.parametrize("part", ["question", "if_yes", "if_no"])
def test_other_words_of_the_question_have_another_hash(change: PolicyVersion, part: str) -> None:
    declared = change.new_uses().get()
    before = declared.question_hash
    setattr(declared, part, "Other words.")
    assert declared.question_hash != before


def test_no_network_address_stands_beside_a_choice() -> None:
    columns = {field.name for field in [*Choice._meta.fields, *Notice._meta.fields]}
    assert not {name for name in columns if "ip" in name.split("_") or "agent" in name}


def test_a_change_of_mind_is_one_more_row(alice: Customer, change: PolicyVersion) -> None:
    say_yes(alice, change, "uptime-watch")
    say_no(alice, change, "uptime-watch")
    say_yes(alice, change, "uptime-watch")
    assert decisions(alice) == ["granted", "refused", "granted"]


@pytest.mark.parametrize("say", [say_yes, say_no])
def test_a_form_that_is_sent_twice_records_one_choice(
    alice: Customer, change: PolicyVersion, say: Callable[..., list[Choice]]
) -> None:
    assert len(say(alice, change, "uptime-watch")) == 1
    assert say(alice, change, "uptime-watch") == []
    assert len(decisions(alice)) == 1


def test_several_uses_are_answered_in_one_go(alice: Customer, change: PolicyVersion) -> None:
    answers = {"uptime-watch": True, "product-news": False}
    actor = Actor.customer(alice.user)
    rows = record_choices(
        customer=alice, version=change, answers=answers, method=PANEL, actor=actor
    )
    assert {row.use.key: row.decision for row in rows} == {
        "uptime-watch": "granted",
        "product-news": "refused",
    }


def test_one_wrong_answer_spoils_them_all(alice: Customer, change: PolicyVersion) -> None:
    answers = {"uptime-watch": True, "run-account": False}
    reason = refusal(
        record_choices,
        customer=alice,
        version=change,
        answers=answers,
        method=PANEL,
        actor=SYSTEM,
    )
    assert reason == Reason.NO_CHOICE_TO_MAKE
    assert not alice.choices.exists()


@pytest.mark.parametrize("say", [say_yes, say_no])
def test_what_is_essential_is_not_asked(
    alice: Customer, policy: PolicyVersion, say: Callable[..., list[Choice]]
) -> None:
    with pytest.raises(Refused) as refused:
        say(alice, policy, "run-account")
    assert refused.value.reason == Reason.NO_CHOICE_TO_MAKE


def test_what_the_version_does_not_declare_cannot_be_answered_under_it(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    with pytest.raises(Refused) as refused:
        say_yes(alice, policy, "uptime-watch")
    assert refused.value.reason == Reason.UNDECLARED


def test_a_draft_cannot_be_answered(alice: Customer, policy: PolicyVersion) -> None:
    draft = save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=SYSTEM)
    with pytest.raises(Refused):
        say_yes(alice, draft, "uptime-watch")
    assert not alice.choices.exists()


def test_a_withdrawn_change_cannot_be_answered(alice: Customer, change: PolicyVersion) -> None:
    stale = PolicyVersion.objects.get(pk=change.pk)
    withdraw(version=change, actor=SYSTEM)
    for version in (change, stale):
        with pytest.raises(Refused) as refused:
            say_yes(alice, version, "uptime-watch")
        assert refused.value.reason == Reason.WITHDRAWN


def test_a_stolen_link_can_say_no_and_never_yes(
    alice: Customer, change: PolicyVersion, mallory: Thief
) -> None:
    facts = {"customer": alice, "version": change, "method": MAIL_LINK, "actor": Actor.customer()}
    reason = refusal(record_choices, answers={"uptime-watch": True}, **facts)
    assert reason == Reason.SIGN_IN_FOR_YES
    mixed = {"uptime-watch": False, "product-news": True}
    assert refusal(record_choices, answers=mixed, **facts) == Reason.SIGN_IN_FOR_YES
    assert not alice.choices.exists()


def test_a_no_by_link_counts_at_once_and_says_how_it_came(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_yes(alice, change, "uptime-watch")
    (choice,) = record_choices(
        customer=alice,
        version=change,
        answers={"uptime-watch": False},
        method=MAIL_LINK,
        actor=Actor.customer(),
    )
    assert (choice.method, choice.actor_user) == (MAIL_LINK, None)
    clock.move_to(date_of(change))
    assert ground(alice) == Ground.REFUSED


def test_silence_about_an_opt_out_use_is_not_turned_into_a_yes_by_saving_the_page(
    alice: Customer, policy: PolicyVersion
) -> None:
    assert say_yes(alice, policy, "product-news") == []
    assert not alice.choices.exists()


def test_a_no_to_a_new_use_is_an_answer_though_nothing_changes(
    alice: Customer, change: PolicyVersion
) -> None:
    assert len(say_no(alice, change, "uptime-watch")) == 1


def test_the_same_answer_to_a_new_announcement_is_a_new_answer(
    alice: Customer, change: PolicyVersion
) -> None:
    say_yes(alice, change, "uptime-watch")
    published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS))
    again = published(a_draft(4, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    assert len(say_yes(alice, again, "uptime-watch")) == 1
    assert decisions(alice) == ["granted", "granted"]


def test_the_same_answer_under_a_later_version_adds_nothing(
    alice: Customer, change: PolicyVersion
) -> None:
    say_no(alice, change, "uptime-watch")
    third = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("maps")))
    assert say_no(alice, third, "uptime-watch") == []


def test_a_refused_opt_out_survives_an_answer_to_something_else(
    alice: Customer, change: PolicyVersion
) -> None:
    say_no(alice, change, "product-news")
    say_yes(alice, change, "uptime-watch")
    assert ground(alice, "product-news") == Ground.REFUSED


def test_answering_on_the_page_of_a_change_proves_that_it_was_seen(
    alice: Customer, change: PolicyVersion
) -> None:
    actor = Actor.customer(alice.user)
    for _press in range(2):
        answer_change(customer=alice, version=change, answers={"uptime-watch": True}, actor=actor)
    assert [notice.channel for notice in alice.notices.all()] == ["shown"]
    assert decisions(alice) == ["granted"]


def test_a_refused_answer_proves_nothing(alice: Customer, change: PolicyVersion) -> None:
    withdraw(version=change, actor=SYSTEM)
    with pytest.raises(Refused):
        answer_change(
            customer=alice,
            version=change,
            answers={"uptime-watch": True},
            actor=Actor.customer(alice.user),
        )
    assert not alice.notices.exists()


def switch(customer: Customer, **switches: bool) -> list[Choice]:
    named = {name.replace("_", "-"): on for name, on in switches.items()}
    return set_switches(customer=customer, switches=named, actor=Actor.customer(customer.user))


def test_switches_record_only_what_was_moved(alice: Customer, change: PolicyVersion) -> None:
    assert switch(alice, product_news=True, uptime_watch=False) == []
    moved = switch(alice, product_news=False, uptime_watch=True)
    assert {row.use.key: row.decision for row in moved} == {
        "product-news": "refused",
        "uptime-watch": "granted",
    }
    assert switch(alice, product_news=False, uptime_watch=True) == []


def test_a_switch_is_recorded_under_the_version_whose_words_it_stands_beside(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    moved = switch(alice, product_news=False, uptime_watch=True)
    assert {row.use.key: row.version for row in moved} == {
        "product-news": policy,
        "uptime-watch": change,
    }


def test_a_forged_switch_changes_neither_what_is_essential_nor_what_is_unknown(
    alice: Customer, policy: PolicyVersion
) -> None:
    assert switch(alice, run_account=False, sell_everything=True) == []


def test_a_switch_that_the_page_did_not_show_stays_as_it_is(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_no(alice, change, "product-news")
    say_yes(alice, change, "uptime-watch")
    clock.shift(DAY)
    assert switch(alice) == []
    assert switch(alice, uptime_watch=False)[0].use.key == "uptime-watch"
    assert ground(alice, "product-news") == Ground.REFUSED
