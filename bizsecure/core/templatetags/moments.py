"""Moments on pages, in the reader's zone and language."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString  # noqa: TID251 - the type of what format_html gives

from bizsecure.core.moments import written

register = template.Library()


@register.filter
def moment(at: datetime, form: str) -> SafeString:
    """Show a moment for people, by the name of a format, and for machines."""
    here = timezone.localtime(at)
    return format_html(
        '<time class="num" datetime="{}">{}</time>', here.isoformat(), written(here, form)
    )
