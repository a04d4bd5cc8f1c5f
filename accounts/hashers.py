"""How passwords are kept."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth.hashers import ScryptPasswordHasher


class StrongScryptPasswordHasher(ScryptPasswordHasher):
    """Scrypt with the cost that OWASP ASVS 5.0, appendix C, asks for."""

    work_factor = 2**15
    parallelism = 3
    maxmem = 64 * 1024 * 1024

    def encode(self, password: str, *arguments: Any, **options: Any) -> str:
        """Take letters with accents for the same, whichever way a keyboard writes them."""
        return super().encode(unicodedata.normalize("NFC", password), *arguments, **options)
