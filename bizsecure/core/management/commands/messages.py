"""`manage.py messages`: bring the catalogues of translations up to date with the code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from bizsecure.core.catalogue import problems, read_catalogue, renewed, save_catalogue


class Command(BaseCommand):
    """Adds what is new, drops what is gone, compiles, and says what is left to translate."""

    help = "Bring the catalogues of translations up to date with the code, and compile them."

    def handle(self, *args: Any, **options: Any) -> None:
        for language, name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            catalogue = renewed(read_catalogue(language))
            save_catalogue(language, catalogue)
            left = list(problems(catalogue))
            self.stdout.write("\n".join([f"{name}: {len(left)} to mend", *left]))
