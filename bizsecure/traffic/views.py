"""What everybody may know of the traffic, and of what is kept of it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bizsecure.traffic.trends import trends


@require_safe
def traffic(request: HttpRequest) -> HttpResponse:
    """Which facts of a visit are counted, for how long they are kept, and what they show."""
    context = {"trends": trends(timezone.now()), "keep_days": settings.TRAFFIC_KEEP_DAYS}
    return render(request, "traffic/traffic.html", context)
