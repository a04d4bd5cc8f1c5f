"""Policy files: what they may hold, and that each mistake is named by its field."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bizsecure.core.errors import Refused
from consent.policy_file import MOST_BYTES, parse_policy, read_policy_file
from consent.reasons import Reason, sentence

POLICIES = Path(__file__).parents[2] / "consent" / "policies"

USE = {
    "key": "product-news",
    "purpose": "tell you about new products",
    "data": "name and e-mail address",
    "recipient": "BizSecure",
    "ground": "allowed until you say no",
    "basis": "opt-out",
    "question": "May we?",
    "if_yes": "We do.",
    "if_no": "We do not.",
    "explanation": None,
}
FRONT = {
    "slug": "privacy",
    "version": 3,
    "title": "Privacy policy",
    "updated": date(2027, 1, 4),
    "effective": date(2027, 3, 1),
    "summary": "First sentence.\nSecond sentence.\n",
    "uses": [USE],
}
TEXT = "## 1. Words\n\nThe words.\n\n---\n\nThe end."


def policy_file(text: str = TEXT, **changes: Any) -> str:
    """Return a file whose front matter is changed; a key set to `...` is left out."""
    front = {key: value for key, value in (FRONT | changes).items() if value is not ...}
    return f"---\n{yaml.safe_dump(front)}---\n{text}\n"


def with_use(**changes: Any) -> str:
    return policy_file(uses=[{k: v for k, v in (USE | changes).items() if v is not ...}])


def mistake(source: str, effective: str | None = None) -> str:
    """Return how the file is refused."""
    with pytest.raises(Refused) as refusal:
        parse_policy(source, effective)
    assert refusal.value.reason is Reason.UNREADABLE
    return str(refusal.value.facts["problem"])


def test_a_file_is_read_with_everything_in_it() -> None:
    draft = parse_policy(policy_file())
    (use,) = draft.uses
    assert (draft.slug, draft.number, draft.title) == ("privacy", 3, "Privacy policy")
    assert (draft.updated_on, draft.summary) == (
        date(2027, 1, 4),
        "First sentence.\nSecond sentence.",
    )
    assert draft.text == TEXT
    assert (use.key, use.basis, use.question, use.explanation) == (
        "product-news",
        "opt-out",
        "May we?",
        "",
    )


@pytest.mark.parametrize("name", ["privacy-1.md", "privacy-2.md"])
def test_the_policies_of_the_company_can_be_read(name: str) -> None:
    assert read_policy_file(POLICIES / name).uses


def test_the_acceptable_use_policy_brings_no_use_of_personal_information() -> None:
    assert read_policy_file(POLICIES / "acceptable-use-1.md").uses == ()


def test_the_ends_of_lines_make_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "policy.md"
    path.write_bytes(b"\xef\xbb\xbf" + policy_file().replace("\n", "\r\n").encode())
    assert read_policy_file(path) == parse_policy(policy_file())


@pytest.mark.parametrize(
    ("written", "means"),
    [
        (date(2027, 3, 1), datetime(2027, 3, 1, 5, tzinfo=UTC)),
        (date(2027, 7, 1), datetime(2027, 7, 1, 4, tzinfo=UTC)),
        ("2027-07-01", datetime(2027, 7, 1, 4, tzinfo=UTC)),
        ("2027-07-01T09:00:00+02:00", datetime(2027, 7, 1, 7, tzinfo=UTC)),
        (datetime(2027, 7, 1, 9, tzinfo=UTC), datetime(2027, 7, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_date_is_midnight_in_the_policys_zone_and_a_time_has_its_offset(
    written: object, means: datetime
) -> None:
    assert parse_policy(policy_file(effective=written)).effective_at == means


def test_the_date_may_be_left_to_be_said_later() -> None:
    assert parse_policy(policy_file(effective=...)).effective_at is None


def test_a_date_that_is_said_goes_before_the_one_in_the_file() -> None:
    draft = parse_policy(policy_file(), "2027-06-01")
    assert draft.effective_at == datetime(2027, 6, 1, 4, tzinfo=UTC)


MISTAKES = {
    "no front matter": ("Just words.", "between two lines of ---"),
    "front matter without its end": ("---\nslug: privacy\n", "between two lines of ---"),
    "front matter that is a list": ("---\n- a\n---\n", "no list of keys and values"),
    "no YAML": ("---\nslug: [\n---\n", "front matter, line"),
    "an impossible date": ("---\nupdated: 2027-02-30\n---\n", "front matter: day is out of range"),
    "a key twice": ("---\nslug: a\nslug: b\n---\n", "“slug” stands twice"),
    "an object of Python": ("---\nslug: !!python/name:os.system\n---\n", "front matter, line 2"),
    "a control character": (policy_file("Words\x00."), "holds a control character"),
    "an unknown key": (policy_file(efective=date(2027, 3, 1)), "“efective” is unknown"),
    "a missing key": (policy_file(title=...), "“title” is missing"),
    "no text": (policy_file(""), "text: This field cannot be blank"),
    "a version that is a word": (policy_file(version="three"), "version: a whole number"),
    "a version that is a yes": (policy_file(version=True), "version: a whole number"),
    "version 0": (policy_file(version=0), "version: a whole number"),
    "a version too large to keep": (policy_file(version=10_000), "version: a whole number"),
    "a slug with spaces": (policy_file(slug="our policy"), "slug: Enter a valid"),
    "a title too long to keep": (policy_file(title="x" * 121), "title: Ensure this value"),
    "a title that is a number": (policy_file(title=2027), "title: text is needed"),
    "an update that is a time": (policy_file(updated=datetime(2027, 1, 4, 1)), "updated: a date"),  # noqa: DTZ001
    "an update that is no date": (policy_file(updated="soon"), "updated: “soon” is no date"),
    "a time without offset": (
        policy_file(effective=datetime(2027, 3, 1, 9)),  # noqa: DTZ001
        "effective: a time needs its offset",
    ),
    "an effect that is no date": (policy_file(effective="soon"), "effective: “soon” is no date"),
    "an effect beyond the calendar": (
        policy_file(effective="9999-12-31T23:00:00-05:00"),
        "effective: the date is beyond the calendar",
    ),
    "notes beside no section": (
        policy_file(notes="## 2\nWords."),
        "notes: the text has no section",
    ),
    "uses that are no list": (policy_file(uses="none"), "uses: a list is needed"),
    "a use that is a word": (policy_file(uses=["news"]), "uses, 1: keys and values are needed"),
    "a use with an unknown key": (with_use(recipents="x"), "uses, 1: “recipents” is unknown"),
    "a use with a missing key": (with_use(recipient=...), "uses, 1: “recipient” is missing"),
    "a use without a purpose": (with_use(purpose=None), "uses, 1, purpose: This field cannot"),
    "a use on an unknown basis": (with_use(basis="maybe"), "uses, 1, basis: Value 'maybe' is not"),
    "a use whose basis is a no": (with_use(basis=False), "uses, 1, basis: text is needed"),
    "a choice without a question": (
        with_use(question=None),
        "uses, 1, question: only an essential",
    ),
    "a use declared twice": (policy_file(uses=[USE, USE]), "uses, 2, key: “product-news” stands"),
}


@pytest.mark.parametrize(("source", "problem"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_is_named(source: str, problem: str) -> None:
    assert problem in mistake(source)


def test_a_mistake_in_the_date_that_is_said_is_named() -> None:
    assert "effective: “tomorrow” is no date" in mistake(policy_file(), "tomorrow")


def test_a_refusal_reads_as_a_sentence() -> None:
    with pytest.raises(Refused) as refusal:
        parse_policy(with_use(basis="maybe"))
    assert sentence(refusal.value) == (
        "The file cannot be read: uses, 1, basis: Value 'maybe' is not a valid choice."
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"---\n\xff\n---\n", "not text in UTF-8"), (b"x" * (MOST_BYTES + 1), "larger than 256 kB")],
)
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "policy.md"
    path.write_bytes(content)
    with pytest.raises(Refused) as refusal:
        read_policy_file(path)
    assert problem in refusal.value.facts["problem"]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        read_policy_file(tmp_path / "nothing.md")
    assert refusal.value.facts["problem"] == "No such file or directory"


@given(st.text(alphabet="-:[]{}&*!|>'\"%@`#,? \nslugverion123", max_size=200))
def test_whatever_a_file_holds_it_is_read_or_refused(front: str) -> None:
    assert mistake(f"---\n{front}\n---\nWords.")


def test_deep_nesting_is_refused() -> None:
    assert mistake(f"---\nslug: {'[' * 5000}\n---\n")
