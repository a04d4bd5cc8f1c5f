"""`manage.py publish_policy`: what it prints, and that a refusal leaves nothing behind."""

from __future__ import annotations

import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.actors import SYSTEM
from consent.calendar import policy_zone
from consent.models import PRIVACY, PolicyVersion, Use
from consent.services.publishing import UseDraft, notice_period_ends, withdraw
from tests.builders import DAY, PRODUCT_NEWS, RUN_ACCOUNT, UPTIME_WATCH


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file with version 2 of the policy and a new use, without a date."""
    path = tmp_path / "policy.md"
    path.write_text(written(RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH), encoding="utf-8")
    return path


def written(*uses: UseDraft) -> str:
    front = {
        "slug": PRIVACY,
        "version": 2,
        "title": "Privacy policy",
        "updated": "2027-01-04",
        "summary": "Something new.",
        "uses": [vars(use) for use in uses],
    }
    return f"---\n{yaml.safe_dump(front)}---\n## Words\n\nThe new words.\n"


def run(*arguments: object) -> dict[str, Any]:
    out = StringIO()
    call_command("publish_policy", *map(str, arguments), stdout=out)
    printed: dict[str, Any] = json.loads(out.getvalue())
    return printed


def refused(*arguments: object) -> tuple[dict[str, Any], str]:
    """Return what a refused run prints, as JSON and as a sentence."""
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("publish_policy", *map(str, arguments), stdout=out)
    assert refusal.value.returncode == 1
    return json.loads(out.getvalue()), str(refusal.value)


def earliest() -> datetime:
    return notice_period_ends(timezone.now()).astimezone(policy_zone())


def test_a_version_is_published_with_its_new_uses(policy: PolicyVersion, file: Path) -> None:
    assert run(file, "--effective", "2027-03-01") == {
        "policy": "privacy",
        "version": 2,
        "state": "published",
        "effective_at": "2027-03-01T00:00:00-05:00",
        "new_uses": ["uptime-watch"],
        "translations": [],
    }
    assert PolicyVersion.objects.get(number=2).status == PolicyVersion.Status.PUBLISHED


def test_a_draft_is_only_saved(policy: PolicyVersion, file: Path) -> None:
    assert run(file, "--draft")["state"] == "draft"
    assert PolicyVersion.objects.get(number=2).status == PolicyVersion.Status.DRAFT


def test_a_saved_draft_is_published_by_the_same_file(policy: PolicyVersion, file: Path) -> None:
    run(file, "--draft")
    assert run(file, "--effective", "2027-03-01")["state"] == "published"


def test_publishing_the_same_file_again_changes_nothing(policy: PolicyVersion, file: Path) -> None:
    first = run(file, "--effective", "2027-03-01")
    again = run(file, "--effective", "2027-04-01")
    assert again == first | {"state": "published already"}


def test_a_date_too_early_is_refused_with_the_earliest_one(
    policy: PolicyVersion, file: Path
) -> None:
    too_early = (earliest() - DAY).isoformat()
    printed, said = refused(file, "--effective", too_early)
    assert printed == {
        "refused": "TOO_EARLY",
        "earliest_effective_at": earliest().isoformat(),
    }
    assert "The earliest possible date is" in said


def test_the_earliest_date_that_is_named_is_taken(policy: PolicyVersion, file: Path) -> None:
    printed, _said = refused(file, "--effective", "2027-01-05")
    assert run(file, "--effective", printed["earliest_effective_at"])["state"] == "published"


def test_without_any_date_the_earliest_is_named(policy: PolicyVersion, file: Path) -> None:
    printed, said = refused(file)
    assert printed["earliest_effective_at"] == earliest().isoformat()
    assert said == "Say from when the version takes effect."


def test_a_refusal_leaves_no_draft_and_no_use_behind(policy: PolicyVersion, file: Path) -> None:
    refused(file, "--effective", "2027-01-05")
    assert not PolicyVersion.objects.filter(number=2).exists()
    assert not Use.objects.filter(key="uptime-watch").exists()


def test_other_words_under_a_published_number_are_refused(
    policy: PolicyVersion, file: Path
) -> None:
    run(file, "--effective", "2027-03-01")
    file.write_text(file.read_text(encoding="utf-8") + "More.\n", encoding="utf-8")
    printed, _said = refused(file, "--effective", "2027-03-01")
    assert printed["refused"] == "NOT_A_DRAFT"


def test_other_uses_under_a_published_number_are_refused(policy: PolicyVersion, file: Path) -> None:
    run(file, "--effective", "2027-03-01")
    file.write_text(written(RUN_ACCOUNT, PRODUCT_NEWS), encoding="utf-8")
    printed, _said = refused(file, "--effective", "2027-03-01")
    assert printed["refused"] == "NOT_A_DRAFT"


def test_a_withdrawn_version_is_not_published_again(policy: PolicyVersion, file: Path) -> None:
    run(file, "--effective", "2027-03-01")
    withdraw(version=PolicyVersion.objects.get(number=2), actor=SYSTEM)
    printed, _said = refused(file, "--effective", "2027-03-01")
    assert printed["refused"] == "WITHDRAWN"


def test_a_file_with_a_mistake_is_refused_by_its_sentence(
    policy: PolicyVersion, tmp_path: Path
) -> None:
    printed, said = refused(tmp_path / "nothing.md")
    assert printed["refused"] == "UNREADABLE"
    assert said == "The file cannot be read: No such file or directory."
