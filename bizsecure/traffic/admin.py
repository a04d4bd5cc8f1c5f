"""Trends for our staff (LOG-1)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bizsecure.core.admin import ReadOnlyAdmin
from bizsecure.traffic.models import VisitCount
from bizsecure.traffic.trends import trends


@admin.register(VisitCount)
class VisitCountAdmin(ReadOnlyAdmin):
    """The counts are shown as trends; single rows say nothing more."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The last thirty days."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Traffic"),
            "opts": self.opts,
            "trends": trends(timezone.now()),
        }
        return TemplateResponse(request, "admin/traffic/trends.html", context)
