"""The terms of sale: a new version is added, and what was published never changes."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from bizsecure.core.errors import Refused
from bizsecure.store.models import TermsVersion
from bizsecure.store.reasons import Reason


@transaction.atomic
def publish_terms(*, text: str, valid_from: datetime | None, actor: Actor) -> TermsVersion:
    """Publish the next version of the terms, in force from a moment on; from now if none is said.

    Whoever is checking out meanwhile is asked to read them: an order is placed under the terms
    that are in force then. Sent twice, it is one version. Refused with TERMS_EMPTY,
    TERMS_AS_THEY_ARE, TERMS_OVERTAKEN where somebody published another one at the same moment,
    and TERMS_TOO_EARLY for a moment that is over or before that of the version before.
    """
    now = timezone.now()
    words = text.replace("\r\n", "\n").strip() + "\n"
    before = TermsVersion.objects.first()
    if not words.strip():
        raise Refused(Reason.TERMS_EMPTY)
    if before is not None and before.text == words:
        raise Refused(Reason.TERMS_AS_THEY_ARE)
    begins = valid_from or now
    if begins < now or (before is not None and begins < before.valid_from):
        raise Refused(Reason.TERMS_TOO_EARLY)
    terms, is_new = TermsVersion.objects.get_or_create(
        number=before.number + 1 if before else 1,
        defaults={
            "text": words,
            "text_hash": hashlib.sha256(words.encode()).hexdigest(),
            "valid_from": begins,
            "published_at": now,
            "published_by_id": actor.user_id,
        },
    )
    if not is_new:
        raise Refused(Reason.TERMS_OVERTAKEN)
    return terms
