"""Many mails of one sender, or many copies of one mail, become one case and are not answered.

Whoever writes without end, or has a program that does, must neither bury what others write nor
make us write as much. Nothing is lost: what comes beyond the budget is the next message of a case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.digests import address_digest
from bizsecure.core.keyring import digest
from notifications.attachments import Attachment
from notifications.models import Case, CaseQuerySet

WITHIN = timedelta(days=1)
CASES_OF_ONE_SENDER = 10
CASES_WITH_THE_SAME_WORDS = 20


def crowded_case(*, address: str, words: str, now: datetime) -> Case | None:
    """Return the case that one more mail belongs to, or None while its sender may open another.

    Mails that name no sender have one budget together. `words` is what `words_digest` returned.
    """
    lately = Case.objects.filter(received_at__gt=now - WITHIN)
    sender = address_digest(address) if address else None
    own = lately.filter(sender_digest=sender) if sender else lately.filter(sender_digest=None)
    return _newest_beyond(own, CASES_OF_ONE_SENDER) or _newest_beyond(
        lately.filter(words_digest=words), CASES_WITH_THE_SAME_WORDS
    )


def words_digest(*, subject: str, text: str, attachments: Iterable[Attachment]) -> str:
    """Return what two copies of a message have in common, whoever they are from, and no more."""
    told = hashlib.sha256(" ".join(f"{subject}\n{text}".split()).encode("utf-8", "replace"))
    for file in attachments:
        told.update(hashlib.sha256(file.content).digest())
    return digest("case-words", told.hexdigest())


def _newest_beyond(cases: CaseQuerySet, most: int) -> Case | None:
    newest = list(cases.order_by("-received_at", "-pk")[:most])
    return newest[0] if len(newest) == most else None
