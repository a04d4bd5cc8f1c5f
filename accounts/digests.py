"""What stands for a mail address where the address itself must not: enough to compare."""

from __future__ import annotations

from typing import Any

from django.db import models

from bizsecure.core.keyring import digest

LENGTH = 40


def address_digest(address: str) -> str:
    """Return the keyed digest of an address, the same however its letters are written."""
    return digest("address", address.strip().lower())


class AddressDigest(models.CharField):  # type: ignore[type-arg]
    """The digest of the address in another column of the row, or NULL where there is none.

    Computed whenever the row is saved, so that no two writers can disagree about it.
    """

    def __init__(self, *args: Any, of: str = "email", **kwargs: Any) -> None:
        self.of = of
        usual = {"max_length": LENGTH, "null": True, "editable": False}
        super().__init__(*args, **{**usual, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:  # noqa: FBT001  as Django calls it
        address = getattr(model_instance, self.of)
        value = address_digest(address) if address else None
        setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}
