"""Links to other sites, for templates (LINK-1)."""

from __future__ import annotations

from django import template

from bizsecure.core.leaving import way_out

register = template.Library()
register.filter("way_out", way_out)
