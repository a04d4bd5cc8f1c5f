"""Letters to those whom no mail has reached."""

from __future__ import annotations

from django.db import transaction

from accounts.actors import Actor
from accounts.services.exchanging import look_for_letters
from notifications.letter_list import letters_as_pdf, letters_due
from notifications.models import Announcement

RIGHT = "notifications.write_letters"
LONGEST_WORDS = 200


@transaction.atomic
def write_letters(*, announcement: Announcement, actor: Actor) -> bytes:
    """Return a letter for each addressee whom no mail has reached, a page each (THIRD-5).

    They hold names and addresses: each is a look that its customer sees, written down before.
    Refused with NO_RIGHT and TERMS_FIRST.
    """
    due = letters_due(announcement)
    look_for_letters(
        customers=[customer.pk for customer in due],
        words=f"A letter to you: {announcement.subject}"[:LONGEST_WORDS],
        right=RIGHT,
        actor=actor,
    )
    return letters_as_pdf(announcement, due)
