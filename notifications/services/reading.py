"""Recording that a customer read a message on this site."""

from __future__ import annotations

from django.utils import timezone

from accounts.actors import Actor
from notifications.models import MailReading, OutgoingMail


def record_reading(*, mail: OutgoingMail, actor: Actor) -> MailReading:
    """Record that the customer, signed in, had the message in front of them and pressed a button.

    Once; opening the page alone records nothing.
    """
    reading, _is_new = MailReading.objects.get_or_create(
        mail=mail, defaults={"read_at": timezone.now()}
    )
    return reading
