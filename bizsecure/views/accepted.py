"""What the customer accepted and acknowledged, composed of what two rooms recorded (CHANGE-4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest, customer_required
from accounts.actors import ActorKind
from accounts.models import Customer
from bizsecure.store.models import OrderTerms
from consent.models import Acceptance, Notice, PolicyVersion

SHOWN_AT_ONCE = 200


@dataclass(frozen=True)
class Text:
    """A text as it was: its title, where it is read, and the hash that pins it."""

    title: str
    url: str
    text_hash: str


@dataclass(frozen=True)
class Accepted:
    """That the customer accepted or acknowledged some texts: when, how, and with which words."""

    at: datetime
    how: str
    wording: str
    texts: list[Text]
    order: str = ""


@customer_required
@require_safe
def accepted(request: CustomerRequest) -> HttpResponse:
    """Each version that the customer accepted or acknowledged, the newest first."""
    customer = request.customer
    found = [*_joined(customer), *_ordered(customer), *_acknowledged(customer)]
    found.sort(key=lambda each: each.at, reverse=True)
    context = {"page": "accepted", "accepted": found, "most": SHOWN_AT_ONCE}
    return render(request, "site/accepted.html", context)


def _joined(customer: Customer) -> Iterator[Accepted]:
    for row in Acceptance.objects.filter(customer=customer).select_related("version"):
        version = row.version
        facts = {
            "number": version.number,
            "date": date_format(version.updated_on, "DATE_FORMAT"),
        }
        said = _("By joining you accept our privacy policy, version %(number)s, dated %(date)s.")
        by_customer = row.actor_kind == ActorKind.CUSTOMER
        yield Accepted(
            at=row.recorded_at,
            how=_("You joined.") if by_customer else _("Your account was opened for you."),
            wording=said % facts if by_customer else "",
            texts=[_policy(version, row.text_hash)],
        )


def _ordered(customer: Customer) -> Iterator[Accepted]:
    rows = OrderTerms.objects.filter(order__customer=customer)
    rows = rows.select_related("order", "terms", "policy").order_by("-accepted_at", "-pk")
    for row in rows[:SHOWN_AT_ONCE]:
        terms = _("Terms of sale, version %(number)s") % {"number": row.terms.number}
        yield Accepted(
            at=row.accepted_at,
            how=_("You ordered."),
            wording=row.wording,
            texts=[
                Text(terms, row.terms.get_absolute_url(), row.terms_hash),
                _policy(row.policy, row.policy_hash),
            ],
            order=row.order.number,
        )


def _acknowledged(customer: Customer) -> Iterator[Accepted]:
    rows: Any = Notice.objects.filter(
        customer=customer,
        channel__in=[Notice.Channel.SHOWN, Notice.Channel.SIGN_UP],
        retracts__isnull=True,
    )
    rows = rows.select_related("version").order_by("-sequence")
    for row in rows[:SHOWN_AT_ONCE]:
        on_page = row.channel == Notice.Channel.SHOWN
        yield Accepted(
            at=row.told_at,
            how=_("You confirmed on this site that you had read of it.")
            if on_page
            else _("The page on which you joined showed that it was coming."),
            wording=" ".join(row.version.summary_lines),
            texts=[_policy(row.version, row.version.text_hash)],
        )


def _policy(version: PolicyVersion, text_hash: str) -> Text:
    facts = {"title": version.title, "number": version.number}
    title = _("%(title)s, version %(number)s") % facts
    return Text(title, version.get_absolute_url(), text_hash)
