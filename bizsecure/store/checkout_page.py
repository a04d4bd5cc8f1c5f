"""What the page of the checkout shows of a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moneyed import Money

from bizsecure.store.models import Order, OrderLine, TermsVersion
from bizsecure.store.pricing import line_total
from bizsecure.store.services.checkout import current, has_address, has_changed
from consent.models import PRIVACY, PolicyVersion


@dataclass(frozen=True)
class ShownLine:
    """A line of the draft, and what it would cost now; nothing if it is not for sale any more."""

    line: OrderLine
    now: Money | None

    @property
    def is_gone(self) -> bool:
        return self.now is None

    @property
    def has_changed(self) -> bool:
        return self.now is not None and self.now != self.line.net_money


@dataclass(frozen=True)
class Receiver:
    """A company that receives something when this is ordered: what, and why."""

    name: str
    receives: str
    because: str


@dataclass(frozen=True)
class CheckoutPage:
    """The steps of a checkout, and whether the customer has come through each of them."""

    lines: list[ShownLine]
    has_changed: bool
    has_address: bool
    partners: list[Receiver]
    terms: TermsVersion | None
    policy: PolicyVersion | None
    shown: dict[str, Any]


def page_of(draft: Order, now: datetime) -> CheckoutPage:
    """Return the page of a draft as it stands at `now`."""
    lines = list(draft.lines.select_related("product"))
    fresh = {
        (wanted.price.product_id, wanted.price.period): line_total(
            wanted.price.money, wanted.quantity
        )
        for wanted in current(order=draft, now=now)
    }
    terms = TermsVersion.objects.in_force(now)
    policy = PolicyVersion.objects.of(PRIVACY).in_force(now)
    return CheckoutPage(
        lines=[ShownLine(line, fresh.get((line.product_id, line.period))) for line in lines],
        has_changed=has_changed(order=draft, now=now),
        has_address=has_address(draft.customer),
        partners=[
            Receiver(line.delivered_by, line.partner_receives, line.name)
            for line in lines
            if line.delivered_by
        ],
        terms=terms,
        policy=policy,
        shown={
            "order": draft.uid,
            "total": draft.total,
            "terms_hash": terms.text_hash if terms else "",
            "policy_hash": policy.text_hash if policy else "",
        },
    )
