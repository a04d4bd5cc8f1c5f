"""How each declared use stands for one customer: what the page of choices shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer
from bizsecure.core.moments import written
from consent.calendar import policy_day, policy_zone
from consent.deadlines import earliest_effective
from consent.gate import Answer, Evidence, Ground, introduction, judge
from consent.models import PRIVACY, AddressOptOut, Choice, DeclaredUse, PolicyVersion
from consent.position import Position

Basis, Decision = DeclaredUse.Basis, Choice.Decision


# Since when something stands as it does, in words for either side.
TO_THE_CUSTOMER: Mapping[str, Any] = {
    "locked": gettext_lazy("Always on"),
    "opted out": gettext_lazy("Your e-mail address was opted out on %(date)s, %(way)s"),
    "said": gettext_lazy("You said %(answer)s on %(date)s, %(way)s"),
    "silent": gettext_lazy("You have not answered. Silence is a no."),
    "joined": gettext_lazy("On since you joined, %(date)s"),
}
ABOUT_THE_CUSTOMER: Mapping[str, Any] = {
    "locked": TO_THE_CUSTOMER["locked"],
    "opted out": gettext_lazy("Their e-mail address was opted out on %(date)s, %(way)s"),
    "said": gettext_lazy("They said %(answer)s on %(date)s, %(way)s"),
    "silent": gettext_lazy("They have not answered. Silence is a no."),
    "joined": gettext_lazy("On since they joined, %(date)s"),
}
# Ways that are called otherwise when one speaks about the customer.
WAYS_OF_THEIRS: Mapping[str, Any] = {
    Choice.Method.PANEL: gettext_lazy("in their account"),
    Choice.Method.ONE_CLICK: gettext_lazy("by one click in their mail program"),
    Choice.Method.BROWSER: gettext_lazy("by a signal of their browser"),
    Choice.Method.EARLIER: gettext_lazy("by what they told us earlier"),
}


class Asked(NamedTuple):
    """What every reader of a language reads about a use, whoever they are."""

    question: str
    explanation: str = ""
    if_yes: str = ""
    if_no: str = ""


@dataclass(frozen=True)
class Standing:
    """A declared use, what the gate says of it, and the customer's last word."""

    declared: DeclaredUse
    answer: Answer
    choice: Choice | None
    joined_at: datetime
    waiting_until: date | None
    opted_out: AddressOptOut | None = None

    @property
    def use_key(self) -> str:
        return self.declared.use.key

    @property
    def locked(self) -> bool:
        return self.declared.basis == Basis.ESSENTIAL

    @property
    def allowed(self) -> bool:
        """How the switch stands: on as well while a yes waits for its date."""
        return self.answer.allowed or (
            self._said(Decision.GRANTED) and self.answer.ground != Ground.REFUSED
        )

    @property
    def asked(self) -> Asked:
        """The question and what belongs to it; for what is not asked, a sentence about the use."""
        words = self.declared.words
        question = words.question or _("%(recipient)s uses your %(data)s to %(purpose)s.") % {
            "recipient": capfirst(words.recipient),
            "data": words.data,
            "purpose": words.purpose,
        }
        return Asked(question, words.explanation, words.if_yes, words.if_no)

    @property
    def question(self) -> str:
        return self.asked.question

    @property
    def since(self) -> str:
        """Since when it stands as it does, and by which way, as the customer reads it."""
        return self._since(TO_THE_CUSTOMER, {})

    @property
    def since_for_staff(self) -> str:
        """The same, as our staff read it."""
        return self._since(ABOUT_THE_CUSTOMER, WAYS_OF_THEIRS)

    def _since(self, words: Mapping[str, Any], ways: Mapping[str, Any]) -> str:
        if self.locked:
            return str(words["locked"])
        if self.opted_out is not None and self._is_last_word(self.opted_out):
            return str(words["opted out"]) % {
                "date": _day(self.opted_out.recorded_at),
                "way": ways.get(self.opted_out.method, self.opted_out.get_method_display()),
            }
        if self.choice is not None and not self._is_void(self.choice):
            return str(words["said"]) % {
                "answer": self.choice.get_decision_display().lower(),
                "date": _day(self.choice.recorded_at),
                "way": ways.get(self.choice.method, self.choice.get_method_display()),
            }
        if self.declared.basis == Basis.CHOICE:
            return str(words["silent"])
        return str(words["joined"]) % {"date": _day(self.joined_at)}

    def _said(self, decision: str) -> bool:
        choice = self.choice
        return choice is not None and choice.decision == decision and not self._is_void(choice)

    def _is_last_word(self, opted_out: AddressOptOut) -> bool:
        return self.choice is None or self.choice.recorded_at <= opted_out.recorded_at

    def _is_void(self, choice: Choice) -> bool:
        """Whether it is a yes to an earlier announcement; a no counts for every later one."""
        older = choice.version.number < introduction(self.declared).number
        asked = self.declared.basis == Basis.CHOICE
        return asked and older and choice.decision == Decision.GRANTED


def standings(customer: Customer) -> list[Standing]:
    """Return every use of the policy in force, and every new use that is coming.

    Each once, as it is declared first: a use that is given up and announced again has one
    switch, so that what stands for now is not taken for an answer to the coming question.
    Three queries, however many uses there are.
    """
    return standings_at(Position(customer))


def standings_at(position: Position) -> list[Standing]:
    """Return the same of a customer whose position is at hand."""
    first: dict[int, DeclaredUse] = {}
    for version in position.posted.published(PRIVACY):
        for row in _in_force_or_coming(position, version):
            first.setdefault(row.use_id, row)
    return [_standing(position, row) for row in first.values()]


def _in_force_or_coming(position: Position, version: PolicyVersion) -> list[DeclaredUse]:
    """The uses of the version in force, and those that a coming one brings in."""
    if version.effective_at is not None and version.effective_at > position.now:
        return position.posted.uses_of(version, new=True)
    in_force = position.posted.in_force(PRIVACY, position.now)
    return position.posted.uses_of(version) if version == in_force else []


def _standing(position: Position, declared: DeclaredUse) -> Standing:
    customer, now = position.customer, position.now
    choice = position.choices.get(declared.use_id)
    opted_out = position.opted_out.get(declared.use_id)
    told_at = position.posted.standing[introduction(declared).pk].told_at
    evidence = Evidence(
        status=customer.status,
        joined_at=customer.joined_at,
        decision=choice.decision if choice else None,
        chosen_under=choice.version.number if choice else None,
        told_at=told_at,
        chosen_at=choice.recorded_at if choice else None,
        opted_out_at=opted_out.recorded_at if opted_out else None,
    )
    binds_from = _binds_from(customer, introduction(declared), told_at or now)
    waiting_until = policy_day(binds_from) if binds_from and binds_from > now else None
    answer = judge(evidence, declared, now)
    if declared.version.effective_at and declared.version.effective_at > now:
        answer = Answer(allowed=False, ground=Ground.NOT_YET_EFFECTIVE)
    return Standing(declared, answer, choice, customer.joined_at, waiting_until, opted_out)


def _day(moment: datetime) -> str:
    return written(timezone.localtime(moment), "DATE_FORMAT")


def _binds_from(
    customer: Customer, introduced: PolicyVersion, told_at: datetime
) -> datetime | None:
    """When the version that brought the use in may bind this customer, if it needs a notice."""
    effective_at = introduced.effective_at
    if introduced.base_id is None or effective_at is None or customer.joined_at >= effective_at:
        return None
    return max(effective_at, earliest_effective(told_at, policy_zone()))
