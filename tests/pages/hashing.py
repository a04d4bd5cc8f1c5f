"""A password hasher that counts how often it works, so that nobody has to look at a clock."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.hashers import ScryptPasswordHasher


class CountingHasher(ScryptPasswordHasher):
    """Scrypt at little cost; `worked` counts the passwords it was given."""

    algorithm = "counting"
    work_factor = 2
    worked: ClassVar[list[str]] = []

    def encode(self, password: str, *arguments: Any, **options: Any) -> str:
        self.worked.append(self.algorithm)
        return super().encode(password, *arguments, **options)
