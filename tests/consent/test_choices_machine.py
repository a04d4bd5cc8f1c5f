"""One customer who changes her mind while versions come and go: no order of steps confuses it."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.actors import SYSTEM
from bizsecure.core.errors import Refused
from bizsecure.core.verifying import broken_rows
from consent.gate import Ground, may_use
from consent.models import Choice, PolicyVersion
from consent.services.publishing import withdraw
from tests.builders import (
    LONG_AGO,
    NEW_YORK,
    PRODUCT_NEWS,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    date_of,
    first_policy,
    joined,
    published,
    say_no,
    say_yes,
    tell,
)
from tests.consent.law import History, Person, Said, Told, Version

USES = {"product-news": "opt-out", "uptime-watch": "choice"}


class ChangesOfMind(RuleBasedStateMachine):
    """She is told of every version at once, so that her answers alone decide."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History(NEW_YORK)
        self.alice = Person("Alice Adams", LONG_AGO)
        self.versions: list[PolicyVersion] = []
        self.rows = 0
        self.journey = time_machine.travel(TODAY, tick=False)
        self.clock = self.journey.start()
        self.world: Any = transaction.atomic()
        self.world.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)
        self.journey.stop()

    @initialize()
    def there_is_a_policy(self) -> None:
        self._note(first_policy(PRODUCT_NEWS), {"product-news"})
        self.customer = joined(self.alice.name, at=LONG_AGO)
        self.a_version_is_announced(asks=True, and_then="waits")

    @rule(
        asks=st.booleans(),
        and_then=st.sampled_from(["waits", "takes effect", "takes effect", "is withdrawn"]),
    )
    def a_version_is_announced(self, asks: bool, and_then: str) -> None:
        uses = [PRODUCT_NEWS, UPTIME_WATCH] if asks else [PRODUCT_NEWS]
        version = published(a_draft(len(self.versions) + 1, *uses))
        known = self._note(version, {use.key for use in uses})
        tell(self.customer, version)
        self.history.told.append(Told(self.alice, known, 1, timezone.now()))
        if and_then == "takes effect":
            self.clock.move_to(known.effective_at)
        elif and_then == "is withdrawn":
            self.she_answers(use="uptime-watch", yes=True, newest=True)
            withdraw(version=version, actor=SYSTEM)
            known.withdrawn = True

    @rule(use=st.sampled_from(sorted(USES)), newest=st.booleans())
    def she_says_yes(self, use: str, newest: bool) -> None:
        self.she_answers(use, yes=True, newest=newest)

    @rule(use=st.sampled_from(sorted(USES)), newest=st.booleans())
    def she_says_no(self, use: str, newest: bool) -> None:
        self.she_answers(use, yes=False, newest=newest)

    def she_answers(self, use: str, yes: bool, newest: bool) -> None:
        number = len(self.versions) - (1 if newest else 2)
        known = self.history.versions[number]
        earlier = self.history.answers(self.alice, use)
        say = say_yes if yes else say_no
        try:
            self.rows += len(say(self.customer, self.versions[number], use))
        except Refused:
            assert known.withdrawn or use not in known.uses
            return
        if earlier or not yes or USES[use] == "choice":
            self.history.said.append(Said(self.alice, use, known, yes))
        # The same words again, sent twice by a nervous finger, are nothing new.
        assert say(self.customer, self.versions[number], use) == []

    @invariant()
    def the_gate_holds_her_to_her_last_word(self) -> None:
        for use in USES:
            answer = may_use(self.customer, use)
            assert answer.allowed == self.history.permits(self.alice, use, timezone.now()), use
            answers = self.history.answers(self.alice, use)
            if answers and not answers[-1].yes:
                assert answer.ground not in {Ground.GRANTED, Ground.NOT_REFUSED, Ground.NO_CHOICE}

    @invariant()
    def nothing_is_ever_lost(self) -> None:
        assert Choice.objects.count() == self.rows
        assert list(broken_rows(Choice)) == []

    def _note(self, version: PolicyVersion, uses: set[str]) -> Version:
        declared = {key: basis for key, basis in USES.items() if key in uses}
        known = Version(version.number, declared, date_of(version))
        self.versions.append(version)
        self.history.versions.append(known)
        return known


@pytest.mark.usefixtures("db")
def test_no_order_of_answers_and_versions_confuses_the_ledger_or_the_gate() -> None:
    run_state_machine_as_test(
        ChangesOfMind,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
