"""Histories of a company and its customers, drawn at random but never dull.

A plan says what happens when. `live` lets it happen through the services, in the order of time,
and notes it down for the second judge in law.py. What a service refuses does not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

import time_machine
from django.utils import timezone
from hypothesis import strategies as st

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.models import Choice, PolicyVersion
from consent.services.opting_out import record_address_opt_out
from consent.services.publishing import notice_period_ends, reschedule, withdraw
from consent.services.telling import record_shown, retract_proof
from tests.builders import (
    DAY,
    NEW_YORK,
    TODAY,
    a_draft,
    a_use,
    date_of,
    first_policy,
    joined,
    published,
    say_no,
    say_yes,
    tell,
)
from tests.consent.law import History, Person, Said, Told, Version

FIRST_USES = {"run-account": "essential", "product-news": "opt-out", "birthday": "choice"}
NEW_USES = {"uptime-watch": "choice", "maps": "choice"}
ALL_USES = [*FIRST_USES, *NEW_USES]

# A day begins at ten in New York: 974 hours later, and after many a change's date, is midnight.
HOURS = (0, 1, 14, 24, 150, 700, 974, 1200, 2000)
hours = st.sampled_from(HOURS).map(lambda number: timedelta(hours=number))
soon = st.sampled_from([2, 30, 100, 400]).map(lambda number: timedelta(hours=number))
days = st.sampled_from([0, 1, 20, 33, 60]).map(lambda number: timedelta(days=number))
# Histories in which nothing is ever allowed teach nothing.
mostly = st.sampled_from([True, True, True, False])
rarely = mostly.map(lambda yes: not yes)


@dataclass(frozen=True)
class Move:
    """A new date for a change: later by so much, or as early as may be."""

    after: timedelta
    later: timedelta | None


@dataclass(frozen=True)
class ChangePlan:
    """A version: how long after the one before, its uses, its date, and what becomes of it."""

    after: timedelta
    extra: timedelta
    dropped: str
    stricter: bool
    moves: tuple[Move, ...]
    withdrawn_after: timedelta | None


@dataclass(frozen=True)
class Telling:
    """How somebody is told of a change, and after how long the mail bounces, if it does."""

    after: timedelta
    shown: bool
    in_first_round: bool
    bounces_after: timedelta | None


@dataclass(frozen=True)
class Answering:
    """When somebody answers, and what to each use."""

    after: timedelta
    yes: frozenset[str]


@dataclass(frozen=True)
class PersonPlan:
    """Somebody: when they join, and for each change what they are told and what they answer."""

    joins_after: timedelta
    reads: bool
    told: tuple[tuple[Telling, ...], ...]
    answers: tuple[tuple[Answering, ...], ...]
    status: str
    moves_to_opted_out_address: bool


def often(strategy: st.SearchStrategy, most: int) -> st.SearchStrategy:
    """Return a strategy for tuples that are empty only now and then."""
    return st.sampled_from([0, *range(1, most + 1), 1]).flatmap(
        lambda size: st.tuples(*[strategy] * size)
    )


moves = st.builds(Move, after=soon, later=st.sampled_from([None, 5 * DAY]))
changes = st.builds(
    ChangePlan,
    after=days,
    extra=st.sampled_from([1, 45, 60]).map(lambda number: timedelta(days=number)),
    dropped=st.sampled_from(["nothing", "nothing", *ALL_USES]),
    stricter=rarely,
    moves=often(moves, 1),
    withdrawn_after=st.none() | st.none() | st.none() | soon,
)
tellings = st.builds(
    Telling,
    after=hours,
    shown=rarely,
    in_first_round=rarely,
    bounces_after=st.none() | st.none() | hours,
)
answerings = st.builds(
    Answering,
    after=hours,
    yes=st.just(frozenset(ALL_USES)) | st.frozensets(st.sampled_from(ALL_USES)),
)


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[ChangePlan], list[PersonPlan]]:
    """Return one to three changes, and three people who live through them."""
    announced = draw(st.lists(changes, min_size=1, max_size=3))
    people = st.builds(
        PersonPlan,
        joins_after=st.just(-1000 * DAY) | hours,
        reads=st.booleans(),
        told=st.tuples(*[often(tellings, 2) for _change in announced]),
        answers=st.tuples(*[often(answerings, 2) for _change in announced]),
        status=st.sampled_from([*["active"] * 4, "suspended", "closing", "closed"]),
        moves_to_opted_out_address=rarely,
    )
    return announced, draw(st.lists(people, min_size=3, max_size=3))


Step = tuple[datetime, int, Callable[[], None]]


class World:
    """What the database knows, and `history`, which is what really happened."""

    def __init__(self) -> None:
        self.history = History(NEW_YORK)
        self.versions: list[PolicyVersion] = []
        self.people: dict[Person, Customer] = {}
        uses = [a_use(key, basis) for key, basis in FIRST_USES.items()]
        self._note(first_policy(*uses), FIRST_USES)

    def live(self, announced: list[ChangePlan], people: list[PersonPlan]) -> datetime:
        """Let everything happen, and return when the last of it did."""
        dates: list[datetime] = []
        for change in announced:
            dates.append((dates[-1] if dates else TODAY) + change.after)
        steps = [
            *self._life_of_changes(announced, dates),
            *chain.from_iterable(
                self._life_of_person(number, plan, dates) for number, plan in enumerate(people)
            ),
        ]
        moment = TODAY
        for moment, _order, step in sorted(steps, key=lambda step: step[:2]):
            with time_machine.travel(moment, tick=False), suppress(Refused):
                step()
        return moment

    def _life_of_changes(
        self, announced: list[ChangePlan], dates: list[datetime]
    ) -> Iterator[Step]:
        for place, (plan, date) in enumerate(zip(announced, dates, strict=True), start=1):
            yield date, 0, partial(self._publish, plan)
            for move in plan.moves:
                yield date + move.after, 1, partial(self._move, place, move)
            if plan.withdrawn_after is not None:
                yield date + plan.withdrawn_after, 2, partial(self._withdraw, place)

    def _life_of_person(
        self, number: int, plan: PersonPlan, dates: list[datetime]
    ) -> Iterator[Step]:
        joined_at = TODAY + plan.joins_after
        person = Person(f"Person{number} Doe", joined_at, plan.status)
        yield joined_at, 3, partial(self._join, person, plan)
        for place, date in enumerate(dates, start=1):
            for telling in plan.told[place - 1]:
                moment = max(date, joined_at) + telling.after
                yield from self._telling(person, place, telling, moment)
            for answering in plan.answers[place - 1]:
                moment = max(date, joined_at) + answering.after
                yield moment, 6, partial(self._answer, person, place, answering)

    def _telling(
        self, person: Person, place: int, plan: Telling, moment: datetime
    ) -> Iterator[Step]:
        if plan.shown:
            yield moment, 4, partial(self._show, person, place)
            return
        mails: list[tuple[str, Told]] = []
        yield moment, 4, partial(self._mail, person, place, plan, mails)
        if plan.bounces_after is not None:
            yield moment + plan.bounces_after, 5, partial(self._bounce, mails)

    def _publish(self, plan: ChangePlan) -> None:
        base = self.history.published()[-1]
        uses = {key: basis for key, basis in base.uses.items() if key != plan.dropped}
        if plan.stricter:
            uses |= {key: "choice" for key, basis in uses.items() if basis == "opt-out"}
        uses |= {key: "choice" for key in NEW_USES if key not in {*uses, plan.dropped}}
        draft = a_draft(
            len(self.versions) + 1,
            *(a_use(key, basis) for key, basis in uses.items()),
            effective_at=max(notice_period_ends(timezone.now()), base.effective_at) + plan.extra,
        )
        self._note(published(draft), uses)

    def _move(self, place: int, move: Move) -> None:
        known = self.history.versions[place]
        earliest = notice_period_ends(timezone.now())
        date = known.effective_at + move.later if move.later else earliest
        reschedule(version=self.versions[place], effective_at=date, actor=SYSTEM)
        known.rounds += date < known.effective_at
        known.effective_at = date

    def _withdraw(self, place: int) -> None:
        withdraw(version=self.versions[place], actor=SYSTEM)
        self.history.versions[place].withdrawn = True

    def _join(self, person: Person, plan: PersonPlan) -> None:
        coming = list(PolicyVersion.objects.coming(timezone.now())) if plan.reads else []
        customer = joined(person.name, seen=coming)
        Customer.objects.filter(pk=customer.pk).update(status=plan.status)
        self.people[person] = customer
        for version in coming:
            self._note_told(person, self.history.versions[version.number - 1])
        if plan.moves_to_opted_out_address:
            self._move_to_opted_out_address(person, customer)

    def _move_to_opted_out_address(self, person: Person, customer: Customer) -> None:
        """Give her an address whose owner said no before she had it: the no is hers now."""
        address = f"former-owner-{customer.pk}@example.com"
        record_address_opt_out(
            address=address,
            uses=["product-news"],
            method=Choice.Method.MAIL_LINK,
            actor=Actor.customer(),
        )
        Customer.objects.filter(pk=customer.pk).update(email=address)
        self.people[person] = Customer.objects.get(pk=customer.pk)
        self.history.said.append(Said(person, "product-news", self.history.versions[0], yes=False))

    def _mail(
        self, person: Person, place: int, plan: Telling, mails: list[tuple[str, Told]]
    ) -> None:
        known = self.history.versions[place]
        in_round = 1 if plan.in_first_round else known.rounds
        message = tell(self.people[person], self.versions[place], in_round=in_round)
        mails.append((message, self._note_told(person, known, in_round)))

    def _bounce(self, mails: list[tuple[str, Told]]) -> None:
        for message, told in mails:
            assert retract_proof(message_id=message)
            told.taken_back = True

    def _show(self, person: Person, place: int) -> None:
        customer = self.people[person]
        version = PolicyVersion.objects.get(pk=self.versions[place].pk)
        record_shown(version=version, customer=customer, actor=Actor.customer(customer.user))
        self._note_told(person, self.history.versions[place])

    def _answer(self, person: Person, place: int, plan: Answering) -> None:
        known, customer = self.history.versions[place], self.people[person]
        asked = {use for use, basis in known.uses.items() if basis != "essential"}
        say_yes(customer, self.versions[place], *asked & plan.yes)
        say_no(customer, self.versions[place], *asked - plan.yes)
        for use in asked:
            yes, earlier = use in plan.yes, self.history.answers(person, use)
            # A yes to what is done anyway, by somebody who never said no, is no answer at all.
            if earlier or not yes or known.uses[use] == "choice":
                self.history.said.append(Said(person, use, known, yes))

    def _note(self, version: PolicyVersion, uses: dict[str, str]) -> None:
        self.versions.append(version)
        self.history.versions.append(Version(version.number, uses, date_of(version)))

    def _note_told(self, person: Person, known: Version, in_round: int = 0) -> Told:
        told = Told(person, known, in_round or known.rounds, timezone.now())
        self.history.told.append(told)
        return told
