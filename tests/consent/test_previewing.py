"""Preview of a draft: what publishing would do to what was typed, and nothing of it is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from consent.models import PolicyVersion, Use, VersionEvent
from consent.services.publishing import save_draft
from tests.builders import PRODUCT_NEWS, RUN_ACCOUNT, UPTIME_WATCH, a_draft, a_use, member
from tests.consent.test_policy_admin import LIST, NEW, filled_in, page
from tests.pages.browsing import signed_in_as, text

PREVIEW = {"consent_policyversion_preview": "1"}
TYPED = "## Version 2\n\nThe very other words of version 2."


@pytest.fixture
def author(policy: PolicyVersion) -> User:
    """Give somebody who writes policies."""
    return member(Role.PRIVACY)


def sent(client: Client, address: str, **changed: Any) -> dict[str, Any]:
    return {**filled_in(client.get(address)), **changed}


def test_what_was_typed_is_compared_and_nothing_is_saved(author: User) -> None:
    client = signed_in_as(author)
    form = sent(client, NEW, text=TYPED, summary="New words.")
    answer = client.post(NEW, {**form, **PREVIEW})
    assert answer.status_code == 200
    shown = text(answer)
    assert "Preview: nothing is saved so far" in shown
    assert "<ins>" in answer.text
    assert "There is a problem" not in shown
    assert list(PolicyVersion.objects.values_list("number", flat=True)) == [1]
    # Everything that was typed stands in the form again.
    again = filled_in(answer)
    typed = {name: str(value) for name, value in form.items() if value}
    assert {name: str(again[name]) for name in typed} == typed


def test_new_uses_are_computed_and_shown(author: User) -> None:
    draft = a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("maps"))
    version = save_draft(draft=draft, actor=Actor.staff(author))
    client = signed_in_as(author)
    answer = client.post(page(version), {**sent(client, page(version)), **PREVIEW})
    assert {each.use.key for each in answer.context["rehearsal"].new_uses} == {
        "uptime-watch",
        "maps",
    }
    assert "Earliest possible now" in text(answer)


def test_a_preview_of_a_saved_draft_changes_neither_it_nor_its_author(author: User) -> None:
    version = save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=Actor.staff(author))
    other = signed_in_as(member(Role.PRIVACY, name="other"))
    form = sent(other, page(version), text=TYPED)
    answer = other.post(page(version), {**form, **PREVIEW})
    assert TYPED.splitlines()[-1] in text(answer)
    version.refresh_from_db()
    assert version.text != TYPED
    assert VersionEvent.objects.get(version=version).actor_user == author
    assert set(Use.objects.values_list("key", flat=True)) >= {"uptime-watch"}


def test_the_preview_says_why_it_could_not_be_published(author: User) -> None:
    version = save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=Actor.staff(author))
    client = signed_in_as(author)
    form = sent(client, page(version))
    assert "somebody else must agree" in text(client.post(page(version), {**form, **PREVIEW}))
    without = {**form, "effective_at_0": "", "effective_at_1": ""}
    assert "Say from when" in text(client.post(page(version), {**without, **PREVIEW}))


def test_mistakes_are_shown_instead_of_a_preview(author: User) -> None:
    client = signed_in_as(author)
    answer = client.post(NEW, {**sent(client, NEW, title=""), **PREVIEW})
    assert "Preview: nothing is saved" not in text(answer)
    assert "This field is required." in answer.text


def test_a_second_person_publishes_what_the_first_one_wrote(author: User) -> None:
    first = signed_in_as(author)
    version = save_draft(draft=a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS), actor=Actor.staff(author))
    form = sent(first, page(version), text=TYPED)
    assert first.post(page(version), form).status_code == 302
    own = first.get(page(version, "publish"))
    assert "somebody else must agree" in text(own)
    assert "Agree to these words and publish" not in text(own)
    seen = {"seen": own.context["form"]["seen"].value()}
    assert "somebody else must agree" in text(first.post(page(version, "publish"), seen))
    second = signed_in_as(member(Role.PRIVACY, name="other"))
    shown = second.get(page(version, "publish"))
    assert "Agree to these words and publish" in text(shown)
    assert author.email in text(shown)
    assert second.post(page(version, "publish"), seen).status_code == 302
    version.refresh_from_db()
    assert version.status == "published"
    assert first.get(LIST).status_code == 200


def test_who_may_not_write_is_offered_no_preview(policy: PolicyVersion) -> None:
    reader = signed_in_as(member(Role.AUDITOR))
    assert "consent_policyversion_preview" not in reader.get(page(policy)).text
