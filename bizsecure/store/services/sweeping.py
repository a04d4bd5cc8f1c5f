"""What the shop looks after once a minute. All of it is found by query, whoever was away."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from bizsecure.store.models import Order
from bizsecure.store.services.checking_cards import ask_about_open_checks
from bizsecure.store.services.handing_over import hand_over_due
from bizsecure.store.services.holding import let_time_pass, set_up_our_own
from bizsecure.store.services.paying import settle_due
from bizsecure.store.services.reminding import remind_of_expiring_cards, remind_of_renewals
from bizsecure.store.states import OrderState
from bizsecure.vault.services.removing import forget_needless_cards

# As long as a visitor's cart is kept.
DRAFTS_ARE_KEPT = timedelta(days=30)


def sweep() -> dict[str, int]:
    """Set up, hand over, remind, suspend and end what is due; return how many of each."""
    now = timezone.now()
    return {
        "cards asked about": ask_about_open_checks(),
        "payments settled": settle_due(now=now),
        "cards forgotten": forget_needless_cards(),
        "reminded of cards": remind_of_expiring_cards(now=now),
        "set up": set_up_our_own(now=now),
        "moved by time": let_time_pass(now=now),
        "handed over": hand_over_due(now=now),
        "reminded": remind_of_renewals(now=now),
        "drafts forgotten": _forget_old_drafts(now),
    }


def _forget_old_drafts(now: datetime) -> int:
    old = Order.objects.filter(state=OrderState.DRAFT, created_at__lt=now - DRAFTS_ARE_KEPT)
    return old.delete()[0]
