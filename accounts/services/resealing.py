"""Secrets of second factors are sealed anew when keys are rotated.

They stand in a column of allauth's, among its other facts, so no sealed column finds them.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.second_factors import open_secret, seal_secret
from bizsecure.core.keyring import Tampered, keyring
from bizsecure.core.rotating import register

# What allauth has the adapter encrypt: the seed of an app, and of recovery codes.
SECRETS = ("secret", "seed")

logger = logging.getLogger(__name__)


def reseal_second_factors(batch: int) -> Iterator[int]:
    """Seal what an older key holds under the newest, batch by batch; yield how many."""
    last = 0
    while True:
        with transaction.atomic():
            rows = Authenticator.objects.filter(pk__gt=last).order_by("pk")
            page = list(rows.select_for_update(of=("self",)).select_related("user")[:batch])
            done = sum(_reseal(each) for each in page)
        if not page:
            return
        yield done
        last = page[-1].pk


def _reseal(factor: Any) -> bool:
    old = [name for name in SECRETS if _is_old(factor.data.get(name))]
    try:
        for name in old:
            clear = open_secret(factor.user, factor.data[name])
            factor.data[name] = seal_secret(factor.user, clear)
    except Tampered:
        logger.exception("authenticator %s does not open", factor.pk)
        return False
    if old:
        factor.save(update_fields=["data"])
    return bool(old)


def _is_old(sealed: Any) -> bool:
    if not isinstance(sealed, str):
        return False
    try:
        return keyring().key_id(base64.b64decode(sealed)) != keyring().newest
    except (Tampered, binascii.Error, ValueError):
        return False


register("mfa.Authenticator", reseal_second_factors)
