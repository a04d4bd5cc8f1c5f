"""What is the same for every reader, drawn once a process.

    {% kept here number=changes|length %} ... {% endkept %}

What stands between sees the variables that are named and nothing else: no request, no reader. So
nothing about a person can be in what is kept. It depends on those, on the language and on where
the site is mounted alone; moments, which every reader sees in a zone of their own, do not belong
there.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, cast

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.urls import get_script_prefix, get_urlconf
from django.utils.translation import get_language

# Of one place in a template, in all languages.
MOST_KEPT = 1024

register = template.Library()


class KeptNode(template.Node):
    """A part of a template with what came of it, by the values that it was drawn with."""

    def __init__(self, nodelist: NodeList, seen: Mapping[str, FilterExpression]) -> None:
        self.nodelist = nodelist
        self._seen = seen
        self._drawn: dict[tuple[Hashable, ...], str] = {}

    def render(self, context: Context) -> str:
        values: dict[str, Any] = {
            name: value.resolve(context) for name, value in self._seen.items()
        }
        key = (get_language(), *_mounted(context), *values.values())
        drawn = self._drawn.get(key)
        if drawn is None:
            if len(self._drawn) >= MOST_KEPT:
                self._drawn.clear()
            drawn = self._drawn[key] = self._draw(values, context)
        return drawn

    def _draw(self, values: Mapping[str, Any], context: Context) -> str:
        alone = Context(dict(values), autoescape=context.autoescape)
        with alone.bind_template(cast("template.Template", context.template)):
            return self.nodelist.render(alone)


def _mounted(context: Context) -> tuple[Hashable, ...]:
    """Where the site is mounted: the same for a whole request, and asked for once."""
    request = getattr(context, "request", None)
    known: tuple[Hashable, ...] | None = getattr(request, "site_mounted", None)
    if known is None:
        known = (get_script_prefix(), get_urlconf())
        if request is not None:
            request.site_mounted = known
    return known


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Draw once what stands between here and `endkept`, for each value of the named variables."""
    _tag, *named = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    names = {
        name: value or name for name, _equals, value in (each.partition("=") for each in named)
    }
    seen = {name: parser.compile_filter(value) for name, value in names.items()}
    return KeptNode(nodelist, seen)
