"""The policy's own calendar: a version takes effect on a day of this zone, wherever one reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone


def policy_zone() -> ZoneInfo:
    """Return the zone in which the policy counts its days."""
    return ZoneInfo(settings.POLICY_TIME_ZONE)


def policy_day(moment: datetime) -> date:
    """Return the day of the policy's calendar on which a moment falls."""
    return moment.astimezone(policy_zone()).date()


def in_policy_zone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page show and read all times in the policy's zone."""

    @wraps(view)
    def zoned(*args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(policy_zone()):
            response = view(*args, **kwargs)
            # A page that is filled in later would be filled in outside of the zone.
            return response.render() if isinstance(response, TemplateResponse) else response

    return zoned
