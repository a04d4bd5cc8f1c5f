"""What customers must be told, on the site: a breach, a transfer, a notice (SEC-4, THIRD-5)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import CustomerRequest, customer_required
from accounts.actors import Actor
from notifications.announcement_words import as_html
from notifications.models import Telling
from notifications.pending import announcements_for
from notifications.services.proving import record_read_here


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def announcement(request: CustomerRequest, number: int) -> HttpResponse:
    """One message and its button. Opening the page proves nothing; pressing the button does."""
    found = get_object_or_404(announcements_for(request.customer), pk=number)
    if request.method == "POST":
        actor = Actor.customer(request.user)
        record_read_here(announcement=found, customer=request.customer, actor=actor)
        messages.success(request, _("Thank you. You find the message here at any time."))
        return redirect("announcement", number)
    tellings = Telling.objects.filter(announcement=found, customer=request.customer)
    context = {
        "page": "messages",
        "announcement": found,
        "body": as_html(found.words.text),
        "tellings": tellings.order_by("sequence"),
        "is_read": any(row.channel == Telling.Channel.SHOWN for row in tellings),
    }
    return render(request, "notifications/announcement.html", context)
