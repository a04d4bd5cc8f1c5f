"""Sealing everything anew under the newest key, while the site runs (SEC-1).

Every sealed column of every model is found by itself. What is sealed elsewhere, in a column of
another's table, enters itself with `register`, as `AppConfig.ready` runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from bizsecure.core.keyring import Tampered, keyring
from bizsecure.core.sealing import Sealed, SealedCharField, resealing
from bizsecure.core.security_log import Event, note

# Seals anew what an older key holds, so many rows at a time; yields how many, batch by batch.
Reseal = Callable[[int], Iterator[int]]
_elsewhere: dict[str, Reseal] = {}


@dataclass(frozen=True)
class Step:
    """A batch that is done: whose it was, and how many rows were sealed anew."""

    name: str
    resealed: int


def register(name: str, again: Reseal) -> None:
    """Let something that no sealed column holds be sealed anew along with the others."""
    _elsewhere[name] = again


def sealed_models() -> list[type[models.Model]]:
    """Return every model with a sealed column."""
    return [model for model in apps.get_models() if sealed_fields(model)]


def sealed_fields(model: type[models.Model]) -> list[SealedCharField]:
    """Return the sealed columns of a model."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedCharField)]


def rotate(batch: int) -> Iterator[Step]:
    """Seal everything anew under the newest key, batch by batch; each is committed when it comes.

    Killed at any moment and run again it goes on with what is left: a row that the newest key
    holds is left as it is.
    """
    note(Event.KEY_USED, purpose="sealing everything anew", key=keyring().newest.hex())
    for model in sealed_models():
        for done in resealing(model, batch):
            yield Step(model._meta.label, done)
    for name, again in _elsewhere.items():
        for done in again(batch):
            yield Step(name, done)


def under_older_keys() -> dict[str, int]:
    """Return of each model how many of its values the newest key does not hold.

    What opens under no key counts, too: it is lost when the keys before are.
    """
    left = {model._meta.label: _left_of(model) for model in sealed_models()}
    return {label: number for label, number in left.items() if number}


def _left_of(model: type[models.Model]) -> int:
    names = [field.attname for field in sealed_fields(model)]
    rows: Any = model._base_manager.values_list(*names).iterator(chunk_size=2000)
    return sum(_is_old(value) for row in rows for value in row if isinstance(value, Sealed))


def _is_old(value: Sealed) -> bool:
    ring = keyring()
    try:
        return ring.key_id(value) != ring.newest
    except Tampered:
        return True
