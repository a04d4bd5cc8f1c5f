"""One of each part that pages are made of, in every state, for the style guide.

Who adds a file to templates/components/ shows it here; a test says so. Names and dates are made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator

from accounts.account_log import LogEntry, LogKind
from consent.beside import Fact
from consent.calendar import policy_zone
from consent.diff import side_by_side
from consent.notes import Note
from consent.rendering import sections
from consent.ruler import thirty_day_ruler
from consent.standing import Asked

NOON = datetime(2027, 1, 4, 17, tzinfo=UTC)
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle"
PARTIES = ("your card company", "GeoTrust", "StatusCake", "ScanAlert", LONG)
SENTENCE = (
    "We e-mail you their offers ourselves, and the partners receive nothing about you, unless you "
    "follow a link and tell them who you are."
)
OLD = "## 1. What we hold\n\nYour name.\n\nA sentence that goes.\n\nThe same on both sides."
NEW = "## 1. What we hold\n\nYour name and number.\n\nThe same on both sides.\n\nOne that is new."


@dataclass(frozen=True)
class Specimen:
    """A component in one of its states, with what its template takes."""

    state: str
    context: Mapping[str, Any] = field(default_factory=dict)


class EveryField(forms.Form):
    """A field of each kind."""

    text = forms.CharField(label="Name", help_text="As it is to stand on invoices.")
    optional = forms.EmailField(label="Another e-mail address", required=False)
    locked = forms.CharField(label="Customer number", initial="K-4402", disabled=True)
    number = forms.IntegerField(label="How many", min_value=1, max_value=99)
    day = forms.DateField(label="From which day", help_text="For example 2027-01-31.")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    select = forms.ChoiceField(label="Country", choices=[("us", "United States"), ("x", LONG)])
    words = forms.CharField(label="Your message", widget=forms.Textarea(attrs={"rows": 3}))
    file = forms.FileField(label="A file", required=False)
    radio = forms.ChoiceField(
        label="How shall we answer?",
        choices=[("mail", "By e-mail"), ("letter", "By letter")],
        widget=forms.RadioSelect,
    )
    several = forms.MultipleChoiceField(
        label="What it is about",
        choices=[("bill", "A bill"), ("site", "My site")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    tick = forms.BooleanField(label="I have read the terms of sale.")

    def clean(self) -> None:
        self.add_error(None, "Somebody changed this meanwhile. Please look at it again.")


class OneField(forms.Form):
    """A single mistake."""

    text = forms.CharField(label="Name")


def _change(headline: str, days: int, *, asks: bool = True) -> dict[str, Any]:
    change = {"headline": headline, "days_left": days, "effective_on": (NOON + _days(days)).date()}
    return {"change": SimpleNamespace(**change, url="#change", asks=asks)}


def _question(answered: str = "", errors: tuple[str, ...] = ()) -> dict[str, Any]:
    control = SimpleNamespace(auto_id="id_answer", html_name="answer", value=answered)
    question = SimpleNamespace(
        question="May we give StatusCake your name and site address?",
        if_yes="StatusCake watches your site and tells you when it is down.",
        if_no="Nothing goes to StatusCake. Your services stay as they are.",
        answered=answered,
        answered_at=NOON,
        field=SimpleNamespace(**vars(control), errors=errors),
    )
    return {"question": question}


ASKED = Asked(
    question="May we e-mail you offers on behalf of our partners?",
    explanation="We send these offers ourselves.",
    if_yes=SENTENCE,
    if_no="You get no partner offers.",
)


def _switch(key: str, asked: Asked = ASKED, **states: Any) -> dict[str, Any]:
    known = {
        "use_key": key,
        "asked": asked,
        "question": asked.question,
        "allowed": False,
        "since": "You said no on 4 January 2027, in your account",
        "waiting_until": None,
    }
    return {"choice": SimpleNamespace(**{**known, **states})}


def _beside(*facts: Fact, decisions: tuple[Any, ...] = (), for_you: str = "") -> dict[str, Any]:
    note = Note("7", "Others receive your information only to deliver what you buy.", for_you)
    return {"clause": SimpleNamespace(note=note, facts=facts, decisions=decisions)}


def _entries(*kinds: LogKind, text: str = "Something happened.") -> dict[str, Any]:
    return {"events": [LogEntry(kind, NOON, place, text) for place, kind in enumerate(kinds)]}


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def _ruler(day: int) -> dict[str, Any]:
    told = NOON - _days(day)
    return {"ruler": thirty_day_ruler(told, told + _days(30), NOON, policy_zone())}


def _rows(old: str, new: str) -> dict[str, Any]:
    return {"rows": side_by_side(old, new), "before": "Version 1", "after": "Version 2"}


def _page(number: int) -> dict[str, Any]:
    return {"page_obj": Paginator(range(60), 20).page(number)}


def _said(level: int, text: str) -> Message:
    return Message(level, text)


def _filled() -> EveryField:
    return EveryField({"text": LONG, "number": "", "day": ""})


def _fields(form: forms.Form) -> Iterator[Specimen]:
    for bound in form:
        yield Specimen(
            f"{bound.name}, with a mistake" if bound.errors else bound.name, {"field": bound}
        )


def charts() -> dict[str, Any]:
    """Return what the pictures of numbers are drawn from."""
    days = [SimpleNamespace(percent=percent) for percent in range(3, 93, 3)]
    counted = {"4 January 2027": 1234, "5 January 2027": 411, "6 January 2027": 3}
    lines = [
        SimpleNamespace(label=label, number=number, percent=number // 13, is_masked=number < 10)
        for label, number in counted.items()
    ]
    return {
        "days": days,
        "lines": lines,
        "pictures": [_holders("your card company"), _holders(*PARTIES)],
    }


def _holders(*parties: str) -> list[Any]:
    ends = {party: round((place + 0.5) * 300 / len(parties)) for place, party in enumerate(parties)}
    return [
        SimpleNamespace(
            party=party,
            icon="shield-check",
            stopped=party == "StatusCake",
            receipts=[1, 2],
            latest=SimpleNamespace(at=NOON),
            line=f"M0 150C40 150 20 {end} 60 {end}",
        )
        for party, end in ends.items()
    ]


def _empty(**more: str) -> dict[str, Any]:
    return {"icon": "inbox", "title": "Nothing was written yet", **more}


def components() -> dict[str, list[Specimen]]:
    """Return the specimens of every component, by the name of its file."""
    no_errors, tall = EveryField(), _filled()
    return {
        "account_nav": [
            Specimen("nothing to decide", {"page": "overview", "open_changes": []}),
            Specimen("two to decide", {"page": "choices", "open_changes": [1, 2]}),
        ],
        "away": [
            Specimen("one", {"address": "https://partner.example/", "text": "Their policy"}),
            Specimen("very long", {"address": f"https://{LONG}.example/", "text": LONG}),
        ],
        "beside": [
            Specimen("plain words alone", _beside()),
            Specimen("for everybody", _beside(for_you=SENTENCE)),
            Specimen(
                "for a customer",
                _beside(
                    Fact("Something of yours went to GeoTrust.", "#who", "See who has it"),
                    decisions=(_switch("beside")["choice"],),
                    for_you=SENTENCE,
                ),
            ),
        ],
        "callout": [
            Specimen("thirty days", _change("A new partner would watch your site.", 30)),
            Specimen("the last day", _change("A new partner would watch your site.", 1)),
            Specimen("the date has come", _change("A new partner would watch your site.", 0)),
            Specimen("nothing to decide", _change("A few sentences are clearer.", 12, asks=False)),
            Specimen("very long", _change(f"{LONG}. {SENTENCE}", 12)),
        ],
        "closing": [Specimen("being closed")],
        "contents": [
            Specimen(
                "two, one of them very long", {"sections": sections(f"{OLD}\n\n## {LONG}\n\nx")}
            )
        ],
        "diff_table": [
            Specimen("changed, removed, added and the same", _rows(OLD, NEW)),
            Specimen("very long", _rows(LONG, f"{LONG} {SENTENCE}")),
        ],
        "empty": [
            Specimen("alone", _empty(text="It will stand here.")),
            Specimen(
                "with what to do next",
                _empty(text="It will stand here.", url="#next", action="Write to us"),
            ),
        ],
        "error_page": [
            Specimen(
                "not found",
                {"icon": "magnifying-glass", "title": "There is no such page", "text": SENTENCE},
            )
        ],
        "error_summary": [
            Specimen("one", {"form": OneField({})}),
            Specimen("many", {"form": tall}),
        ],
        "field": [*_fields(no_errors), *_fields(tall)],
        "field_notes": [
            Specimen("help", {"field": no_errors["text"]}),
            Specimen("mistake", {"field": tall["day"]}),
        ],
        "flow": [Specimen("as on the front page")],
        "foot": [Specimen("as below every page")],
        "head": [],
        "ledger": [
            Specimen("one", _entries(LogKind.SIGN_IN)),
            Specimen("every kind", _entries(*LogKind)),
            Specimen("of a day", {**_entries(*list(LogKind)[:3]), "of_a_day": True}),
            Specimen(
                "very long", _entries(LogKind.SHARED, LogKind.DECIDED, text=f"{LONG} {SENTENCE}")
            ),
        ],
        "mark": [Specimen("alone")],
        "messages": [
            Specimen("done", {"messages": [_said(constants.SUCCESS, "Your choices are saved.")]}),
            Specimen("failed", {"messages": [_said(constants.ERROR, "Nothing was saved.")]}),
            Specimen(
                "many, very long",
                {"messages": [_said(constants.INFO, LONG), _said(constants.WARNING, SENTENCE)]},
            ),
        ],
        "notice_example": [Specimen("as on the front page")],
        "pagination": [
            Specimen("first", _page(1)),
            Specimen("in between", _page(2)),
            Specimen("last", _page(3)),
        ],
        "passkey_problem": [Specimen("shown")],
        "passkey_scripts": [],
        "pick_cards": [
            Specimen("not answered", _question()),
            Specimen("answered with yes", _question("yes")),
            Specimen("answered with no", _question("no")),
            Specimen("with a mistake", _question(errors=("Say yes or no.",))),
        ],
        "print_button": [Specimen("with scripts")],
        "ruler": [
            Specimen("told today", _ruler(0)),
            Specimen("day 12", _ruler(12)),
            Specimen("the last day", _ruler(29)),
            Specimen("over", _ruler(31)),
        ],
        "switch_row": [
            Specimen("off", _switch("off")),
            Specimen("on", _switch("on", allowed=True)),
            Specimen("waiting", _switch("waits", allowed=True, waiting_until=NOON.date())),
            Specimen("very long", _switch("long", ASKED._replace(question=LONG))),
        ],
        "needed_row": [
            Specimen("needed", {"asked": ASKED}),
            Specimen("very long", {"asked": Asked(LONG, SENTENCE)}),
        ],
    }
