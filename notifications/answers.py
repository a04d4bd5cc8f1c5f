"""How often we may write to somebody by ourselves because a mail came from there.

Anybody can write in anybody's name. Whoever sends many mails in the name of others must not
make us send as many to them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Customer
from notifications.kinds import KindKey
from notifications.models import OutgoingMail

ANSWERS = (KindKey.OPT_OUT_RECORDED, KindKey.CASE_RECEIVED)
A_DAY_TO_ONE_ADDRESS = 5
AN_HOUR_TO_STRANGERS = 60


def may_be_answered(address: str, now: datetime) -> bool:
    """Return whether one more mail may go to this address, written by nobody."""
    mails = OutgoingMail.objects.filter(content__kind__in=ANSWERS)
    customers = list(Customer.objects.with_address(address).values_list("pk", flat=True)[:10])
    strangers = Q(customer__isnull=True)
    if not customers:
        lately = mails.filter(strangers, queued_at__gt=now - timedelta(hours=1))
        if lately.count() >= AN_HOUR_TO_STRANGERS:
            return False
    whose = Q(customer__in=customers) if customers else strangers & Q(address__iexact=address)
    return mails.filter(whose, queued_at__gt=now - timedelta(days=1)).count() < A_DAY_TO_ONE_ADDRESS
