"""Versions of a policy in the admin: written, looked at, published, moved, withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.forms import BaseForm
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.actors import SYSTEM
from accounts.models import Customer, User
from consent.calendar import policy_zone
from consent.drafts import as_draft
from consent.models import PolicyVersion
from consent.services.publishing import notice_period_ends, save_draft, withdraw
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    promise,
    published,
    say_no,
    tell,
)
from tests.pages.browsing import signed_in_as

LIST = "/admin/consent/policyversion/"
NEW = f"{LIST}add/"


@pytest.fixture
def boss(policy: PolicyVersion) -> Client:
    """Give the browser of a superuser, where version 1 is in force."""
    return signed_in_as(promise(User.objects.create_superuser("boss@example.com")))


@pytest.fixture
def draft(policy: PolicyVersion) -> PolicyVersion:
    """Give a draft of version 2 with a new use, which may be published."""
    return save_draft(draft=a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH), actor=SYSTEM)


def page(version: PolicyVersion, button: str = "change") -> str:
    return f"{LIST}{version.pk}/{button}/"


def give(user: User, *names: str) -> None:
    user.user_permissions.set(Permission.objects.filter(codename__in=names))


def filled_in(response: Any) -> dict[str, Any]:
    """Return what a browser would send back of the page of a version."""
    forms: list[BaseForm] = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent: dict[str, Any] = {}
    with timezone.override(policy_zone()):
        for field in (field for form in forms for field in form):
            value = field.value()
            if hasattr(field.field.widget, "decompress"):
                parts = value if isinstance(value, list) else field.field.widget.decompress(value)
                sent |= {f"{field.html_name}_{n}": str(part or "") for n, part in enumerate(parts)}
            else:
                sent[field.html_name] = "" if value is None else value
    return sent


def split(moment: datetime) -> dict[str, str]:
    """Return a moment as the two fields of the form have it, in the policy's zone."""
    local = moment.astimezone(policy_zone())
    return {"effective_at_0": f"{local:%Y-%m-%d}", "effective_at_1": f"{local:%H:%M:%S}"}


def press(client: Client, version: PolicyVersion, button: str, **sent: Any) -> Any:
    """Press a button of a version, and confirm on the page behind it."""
    shown = client.get(page(version, button))
    hidden = {field.html_name: field.value() for field in shown.context["form"].hidden_fields()}
    return client.post(page(version, button), {**hidden, **sent})


def state(version: PolicyVersion) -> str:
    return str(PolicyVersion.objects.with_state(timezone.now()).get(pk=version.pk).state)


def test_the_list_tells_the_state_and_the_new_uses(
    boss: Client, change: PolicyVersion, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    save_draft(draft=a_draft(3, RUN_ACCOUNT), actor=SYSTEM)
    with django_assert_max_num_queries(8):
        response = boss.get(LIST)
    versions = response.context["cl"].result_list
    assert [(version.number, version.state, version.new_use_count) for version in versions] == [
        (3, "draft", 0),
        (2, "coming", 1),
        (1, "in force", 2),
    ]


def test_a_new_version_begins_with_the_words_and_uses_of_the_latest(
    boss: Client, policy: PolicyVersion
) -> None:
    sent = filled_in(boss.get(NEW))
    assert (sent["number"], sent["text"]) == (2, policy.text)
    assert [sent[f"declared_uses-{place}-key"] for place in (0, 1)] == [
        "run-account",
        "product-news",
    ]


def test_a_draft_is_saved_with_its_uses_by_the_service(boss: Client, policy: PolicyVersion) -> None:
    sent = filled_in(boss.get(NEW))
    sent |= {
        "text": "New\r\nwords.",
        "summary": "All new.",
        **split(notice_period_ends(timezone.now())),
    }
    response = boss.post(NEW, sent)
    saved = PolicyVersion.objects.get(number=2)
    assert response.headers["Location"] == LIST
    assert saved.status == PolicyVersion.Status.DRAFT
    assert as_draft(saved) == replace(
        as_draft(policy),
        number=2,
        text="New\nwords.",
        summary="All new.",
        updated_on=timezone.localdate(timezone=policy_zone()),
        effective_at=notice_period_ends(timezone.now()),
    )


def test_an_unchanged_draft_is_saved_unchanged(boss: Client, draft: PolicyVersion) -> None:
    before = as_draft(draft)
    sent = filled_in(boss.get(page(draft)))
    boss.post(page(draft), sent | {"text": sent["text"].replace("\n", "\r\n")})
    draft.refresh_from_db()
    assert as_draft(draft) == before
    assert LogEntry.objects.get().get_change_message() == "No fields changed."


def test_uses_are_added_removed_and_ordered(boss: Client, draft: PolicyVersion) -> None:
    sent = filled_in(boss.get(page(draft)))
    new = {**vars(a_use("site-advice")), "position": ""}
    # In a browser the form of the second use is taken out, and the new one put in its place.
    sent |= {f"declared_uses-1-{name}": value for name, value in new.items()}
    sent |= {"declared_uses-0-position": 4}
    boss.post(page(draft), sent)
    assert [use.key for use in as_draft(draft).uses] == [
        "uptime-watch",
        "run-account",
        "site-advice",
    ]


def test_dates_are_written_and_shown_in_the_policys_zone(
    boss: Client, draft: PolicyVersion
) -> None:
    sent = filled_in(boss.get(page(draft)))
    sent |= {"effective_at_0": "2027-07-01", "effective_at_1": "00:00"}
    boss.post(page(draft), sent)
    assert date_of(draft).isoformat() == "2027-07-01T04:00:00+00:00"
    assert "1 July 2027, 00:00" in boss.get(LIST).text


def test_a_choice_without_a_question_is_refused_at_its_field(
    boss: Client, draft: PolicyVersion
) -> None:
    sent = filled_in(boss.get(page(draft))) | {"declared_uses-2-question": ""}
    response = boss.post(page(draft), sent)
    assert "Only an essential use asks nothing." in response.text
    assert as_draft(draft).uses[2].question


def test_a_form_has_no_more_uses_than_people_write(boss: Client, draft: PolicyVersion) -> None:
    many = {"declared_uses-TOTAL_FORMS": "9" * 30, "title": ""}
    response = boss.post(page(draft), filled_in(boss.get(page(draft))) | many)
    [shown] = response.context["inline_admin_formsets"]
    assert len(shown.formset.forms) <= 40


def test_a_use_cannot_be_declared_twice(boss: Client, draft: PolicyVersion) -> None:
    sent = filled_in(boss.get(page(draft))) | {"declared_uses-2-key": "product-news"}
    assert "“product-news” stands twice." in boss.post(page(draft), sent).text


def test_what_the_service_refuses_is_said_above_the_form_and_nothing_is_lost(
    boss: Client, draft: PolicyVersion
) -> None:
    sent = filled_in(boss.get(page(draft)))
    sent |= {"declared_uses-0-purpose": "do something else", "text": "Words of an hour."}
    response = boss.post(page(draft), sent)
    assert "already stands for another purpose" in response.text
    assert "Words of an hour." in response.text
    assert as_draft(draft).uses[0].purpose == RUN_ACCOUNT.purpose


def test_two_editors_of_a_draft_notice_each_other(boss: Client, draft: PolicyVersion) -> None:
    mine = filled_in(boss.get(page(draft))) | {"text": "My words."}
    save_draft(draft=replace(as_draft(draft), text="Their words."), actor=SYSTEM)
    response = boss.post(page(draft), mine)
    assert "Somebody else changed this draft" in response.text
    assert as_draft(PolicyVersion.objects.get(pk=draft.pk)).text == "Their words."

    boss.post(page(draft), filled_in(response))
    assert as_draft(PolicyVersion.objects.get(pk=draft.pk)).text == "My words."


def test_a_published_version_cannot_be_written(boss: Client, policy: PolicyVersion) -> None:
    before = as_draft(policy)
    shown = boss.get(page(policy))
    assert "declared_uses-TOTAL_FORMS" not in shown.text
    assert policy.text.splitlines()[0] in shown.text
    assert boss.post(page(policy), {"text": "Other words."}).status_code == 403
    assert as_draft(PolicyVersion.objects.get(pk=policy.pk)) == before


def test_no_version_can_be_deleted(
    boss: Client, policy: PolicyVersion, draft: PolicyVersion
) -> None:
    for version in (policy, draft):
        assert boss.post(page(version, "delete"), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in boss.get(LIST).text


def test_before_publishing_one_sees_what_it_does(boss: Client, draft: PolicyVersion) -> None:
    response = boss.get(page(draft, "publish"))
    rehearsal = response.context["rehearsal"]
    assert rehearsal.base.number == 1
    assert [declared.use.key for declared in rehearsal.new_uses] == ["uptime-watch"]
    assert rehearsal.earliest == notice_period_ends(timezone.now())
    assert rehearsal.refusal == ""
    assert "The words of version <ins>2</ins>." in response.text
    assert state(draft) == "draft"


def test_the_rehearsed_new_uses_are_the_published_ones(boss: Client, draft: PolicyVersion) -> None:
    rehearsed = boss.get(page(draft, "publish")).context["rehearsal"].new_uses
    press(boss, draft, "publish")
    draft.refresh_from_db()
    assert list(draft.new_uses()) == rehearsed


def test_publishing_is_confirmed_done_and_logged(boss: Client, draft: PolicyVersion) -> None:
    response = press(boss, draft, "publish")
    assert response.headers["Location"] == page(draft)
    assert state(draft) == "coming"
    assert LogEntry.objects.get().change_message == "Published. From now on customers are told."


def test_publishing_twice_changes_nothing(boss: Client, draft: PolicyVersion) -> None:
    shown = boss.get(page(draft, "publish")).context["form"]["seen"].value()
    boss.post(page(draft, "publish"), {"seen": shown})
    published_at = PolicyVersion.objects.get(pk=draft.pk).published_at
    again = boss.post(page(draft, "publish"), {"seen": shown})
    assert again.status_code == 200
    assert PolicyVersion.objects.get(pk=draft.pk).published_at == published_at


def test_a_date_too_early_is_refused_before_and_after_the_button(
    boss: Client, draft: PolicyVersion
) -> None:
    earliest = notice_period_ends(timezone.now())
    save_draft(draft=replace(as_draft(draft), effective_at=earliest - DAY), actor=SYSTEM)
    response = boss.get(page(draft, "publish"))
    assert "The earliest possible date is 5 February 2027, 00:00." in response.text
    assert "it can never be changed again" not in response.text
    assert "The earliest possible date is" in press(boss, draft, "publish").text
    assert state(draft) == "draft"


def test_what_was_not_shown_is_not_published(boss: Client, draft: PolicyVersion) -> None:
    seen = boss.get(page(draft, "publish")).context["form"]["seen"].value()
    save_draft(draft=replace(as_draft(draft), text="Slipped in."), actor=SYSTEM)
    response = boss.post(page(draft, "publish"), {"seen": seen})
    assert "The draft changed while you were reading." in response.text
    assert state(draft) == "draft"


def test_the_first_version_is_compared_with_nothing(boss: Client, policy: PolicyVersion) -> None:
    first = save_draft(draft=a_draft(1, slug="acceptable-use"), actor=SYSTEM)
    response = boss.get(page(first, "publish"))
    assert "it is the first version of this policy" in response.text
    assert response.context["rehearsal"].refusal == ""


def test_a_coming_version_is_withdrawn(boss: Client, change: PolicyVersion) -> None:
    press(boss, change, "withdraw")
    assert state(change) == "withdrawn"
    assert LogEntry.objects.get().change_message == "Withdrawn."


def test_what_is_in_force_cannot_be_withdrawn(boss: Client, policy: PolicyVersion) -> None:
    assert "already in force" in press(boss, policy, "withdraw").text
    assert state(policy) == "in force"


def test_the_date_is_moved_later(boss: Client, change: PolicyVersion) -> None:
    later = date_of(change) + 10 * DAY
    press(boss, change, "move_date", **split(later))
    assert date_of(change) == later


def test_a_date_that_leaves_no_notice_period_is_refused(
    boss: Client, change: PolicyVersion
) -> None:
    before = date_of(change)
    response = press(boss, change, "move_date", **split(before - DAY))
    assert "The earliest possible date is" in response.text
    assert date_of(change) == before


def test_a_date_is_needed_to_move_to(boss: Client, change: PolicyVersion) -> None:
    before = date_of(change)
    assert press(boss, change, "move_date", effective_at_0="soon").status_code == 200
    assert date_of(change) == before


def test_looking_at_a_page_behind_a_button_changes_nothing(
    boss: Client, draft: PolicyVersion, policy: PolicyVersion
) -> None:
    for version in (draft, policy):
        before = PolicyVersion.objects.values().get(pk=version.pk)
        for button in ("publish", "withdraw", "move_date"):
            assert boss.get(page(version, button)).status_code == 200
        assert PolicyVersion.objects.values().get(pk=version.pk) == before


@pytest.mark.parametrize("unknown", ["99", "x"])
def test_a_version_that_is_not_there_has_no_buttons(boss: Client, unknown: str) -> None:
    assert boss.get(f"{LIST}{unknown}/publish/").status_code == 404


def test_only_the_buttons_that_fit_are_shown(
    boss: Client, policy: PolicyVersion, change: PolicyVersion
) -> None:
    draft = save_draft(draft=a_draft(3, RUN_ACCOUNT), actor=SYSTEM)
    withdrawn = published(a_draft(1, slug="acceptable-use"))
    shown = {
        version.number: {
            button
            for button in ("publish", "withdraw", "move_date")
            if page(version, button) in boss.get(page(version)).text
        }
        for version in (policy, change, draft)
    }
    assert shown == {1: set(), 2: {"withdraw", "move_date"}, 3: {"publish"}}
    assert page(withdrawn, "withdraw") not in boss.get(page(withdrawn)).text


def test_writing_a_draft_is_no_right_to_publish_it(carol: User, draft: PolicyVersion) -> None:
    give(carol, "view_policyversion", "add_policyversion", "change_policyversion")
    client = signed_in_as(carol)
    shown = client.get(page(draft))
    assert page(draft, "publish") not in shown.text
    assert client.post(page(draft), filled_in(shown)).status_code == 302
    for button in ("publish", "withdraw", "move_date"):
        assert client.get(page(draft, button)).status_code == 403
        assert client.post(page(draft, button)).status_code == 403


def test_reading_is_no_right_to_write(carol: User, draft: PolicyVersion) -> None:
    give(carol, "view_policyversion")
    client = signed_in_as(carol)
    assert "uptime-watch" in client.get(page(draft)).text
    assert client.post(page(draft), {"text": "Mine."}).status_code == 403
    assert client.get(NEW).status_code == 403


def test_staff_without_rights_see_no_policies(carol: User, draft: Any) -> None:
    client = signed_in_as(carol)
    assert client.get(LIST).status_code == 403
    assert "Versions" not in client.get("/admin/").text


def test_customers_do_not_get_in(client: Client, alice: Customer) -> None:
    assert alice.user
    client.force_login(alice.user)
    assert client.get(LIST).status_code in {302, 403}


@pytest.mark.parametrize("ledger", ["notice", "choice", "acceptance"])
def test_a_ledger_is_read_only_and_names_customers_by_number(
    boss: Client, alice: Customer, change: PolicyVersion, ledger: str
) -> None:
    tell(alice, change)
    say_no(alice, change, "uptime-watch")
    row = getattr(alice, f"{ledger}s").get()
    listed = boss.get(reverse(f"admin:consent_{ledger}_changelist"), {"q": alice.number})
    shown = boss.get(reverse(f"admin:consent_{ledger}_change", args=[row.pk]))
    for response in (listed, shown):
        assert alice.number in response.text
        assert alice.name not in response.text
        assert alice.email not in response.text
    for action in ("change", "delete"):
        address = reverse(f"admin:consent_{ledger}_{action}", args=[row.pk])
        assert boss.post(address, {"post": "yes"}).status_code == 403
    assert boss.get(reverse(f"admin:consent_{ledger}_add")).status_code == 403


@pytest.mark.parametrize("ledger", ["notice", "choice", "acceptance"])
def test_a_ledger_costs_the_same_however_long_it_is(
    boss: Client,
    alice: Customer,
    bob: Customer,
    change: PolicyVersion,
    ledger: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for customer in (alice, bob):
        tell(customer, change)
        say_no(customer, change, "uptime-watch", "product-news")
    with django_assert_max_num_queries(8):
        boss.get(reverse(f"admin:consent_{ledger}_changelist"))


def test_a_withdrawn_version_stays_withdrawn(boss: Client, change: PolicyVersion) -> None:
    withdraw(version=change, actor=SYSTEM)
    assert "that is final" in press(boss, change, "withdraw").text
    assert "that is final" in press(boss, change, "move_date", **split(date_of(change))).text
