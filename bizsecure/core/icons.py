"""The tags of heroicons, each icon drawn once a process: a page has thirty, and always the same.

Takes the place of heroicons' own tag library (TEMPLATES in the settings).
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from heroicons.templatetags import heroicons

MOST_KEPT = 1024

register = template.Library()

for _draw in (
    heroicons.heroicon_micro,
    heroicons.heroicon_mini,
    heroicons.heroicon_outline,
    heroicons.heroicon_solid,
):
    register.simple_tag(lru_cache(maxsize=MOST_KEPT)(_draw), name=_draw.__name__)
