"""A text column whose value is encrypted in the database (SEC-1).

The value is bound to table, column and row: ciphertext copied to another row does not open.
It is opened when the attribute is read, so a damaged row spoils itself and no list. Rotating
keys means sealing again under the newest key; `reseal` does it in batches.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.db.models.query_utils import DeferredAttribute
from django_cryptography.fields import EncryptedMixin

from bizsecure.core.keyring import Tampered, keyring
from bizsecure.core.security_log import Event, note

DUMPED = "sealed:"

logger = logging.getLogger(__name__)


class Ciphertext(bytes):
    """A sealed value. It never shows itself."""

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class Sealed(Ciphertext):
    """A sealed value as it stands in the database. Reading the attribute opens it."""


class Dumped(Ciphertext):
    """A sealed value on its way from a dump to the database, where it goes unopened."""


class SealedAttribute(DeferredAttribute):
    """Opens the value on each reading and never keeps the opened one on the instance."""

    field: SealedCharField

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        return self.field.unseal(instance, value) if isinstance(value, Sealed) else value


class SealedCharField(EncryptedMixin, models.CharField):  # type: ignore[type-arg]
    """Text sealed with AES-256-GCM. The model needs a `uid` that never changes.

    Written by save() and bulk_create() alone: update() and filter() with a clear value are
    refused; dumpdata writes ciphertext, and loaddata takes it back. Reading raises Tampered for
    an altered value.
    """

    base_class = models.CharField
    wasinstance = True
    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "editable": False})

    def unseal(self, instance: models.Model, value: Sealed) -> str:
        """Return the clear text of this row's value."""
        try:
            return str(json.loads(keyring().open(bytes(value), self._place(instance))))
        except Tampered:
            note(
                Event.TAMPERED, what=f"{instance._meta.label_lower}.{self.attname}", row=instance.pk
            )
            raise

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001  as Django calls it
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Ciphertext):
            return value
        plain = json.dumps(str(value)).encode()
        return Sealed(keyring().seal(plain, self._place(model_instance)))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Ciphertext):
            return value
        raise TypeError("A sealed field is written by save(), not by update() or filter().")

    def get_db_prep_value(self, value: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        value = self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(bytes(value))

    def from_db_value(self, value: Any, *args: Any) -> Any:
        if value is None:
            return None
        # SQLite keeps whatever kind of value is written into a column. What is not ours must
        # not open, and must not spoil the list its row stands in either.
        is_bytes = isinstance(value, (bytes, bytearray, memoryview))
        return Sealed(bytes(value) if is_bytes else str(value).encode())

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(DUMPED):
            return Dumped(base64.b64decode(value.removeprefix(DUMPED)))
        return value

    def value_to_string(self, obj: models.Model) -> str:
        value = self.pre_save(obj, add=False)
        return "" if value is None else DUMPED + base64.b64encode(value).decode()

    # The mixin's own clone and deconstruct would write its pickled field into migrations.
    clone = models.Field.clone

    def deconstruct(self) -> Any:
        name, path, args, kwargs = models.Field.deconstruct(self)
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def _place(self, instance: Any) -> bytes:
        row = instance.uid
        return f"{instance._meta.label_lower}.{self.attname}|{row}".encode()


def reseal(model: type[models.Model], batch: int = 500) -> int:
    """Seal every value of `model` that an older key holds anew; return the number of rows."""
    return sum(resealing(model, batch))


def resealing(model: type[models.Model], batch: int) -> Iterator[int]:
    """Seal every value of `model` that an older key holds under the newest, batch by batch.

    Yields how many rows each batch sealed anew, once it is committed. Safe to stop at any
    moment and to run again, and while the site is in use: a row is held while it is sealed. A
    row with a value that does not open is left as it is, and its key stands in the log.
    """
    fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedCharField)]
    columns = ["pk", "uid", *(field.attname for field in fields)]
    last = 0
    while True:
        with transaction.atomic():
            rows = model._base_manager.filter(pk__gt=last).order_by("pk").only(*columns)
            page = list(rows.select_for_update()[:batch])
            done = sum(_reseal_row(row, fields) for row in page)
        if not page:
            return
        yield done
        last = page[-1].pk


def _reseal_row(row: models.Model, fields: list[SealedCharField]) -> bool:
    try:
        old = [field.attname for field in fields if _is_under_an_older_key(row, field)]
        for name in old:
            setattr(row, name, getattr(row, name))
    except Tampered:
        logger.exception("%s %s does not open", row._meta.label_lower, row.pk)
        return False
    if old:
        row.save(update_fields=old)
    return bool(old)


def _is_under_an_older_key(row: models.Model, field: SealedCharField) -> bool:
    value, ring = row.__dict__[field.attname], keyring()
    return isinstance(value, Sealed) and ring.key_id(value) != ring.newest
