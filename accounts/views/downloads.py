"""Everything we know about the customer, as one file."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import CustomerRequest, customer_required, recent_proof_required
from accounts.actors import Actor
from accounts.holdings import holdings
from accounts.models import Download
from accounts.services.downloading import record_fetched, request_download
from bizsecure.core.sealed_file import opened


@customer_required
@recent_proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def download(request: CustomerRequest) -> HttpResponse:
    """Have the file made, see how far it is, and get it (OPT-3)."""
    if request.method == "POST":
        request_download(customer=request.customer, actor=Actor.customer(request.user))
        return redirect("download")
    now = timezone.now()
    mine = Download.objects.visible_to(request.customer)
    latest = mine.order_by("-requested_at", "-pk").first()
    context = {
        "page": "download",
        "holdings": holdings(),
        "under_way": latest if latest and latest.is_under_way else None,
        "failed": latest if latest and latest.state == Download.State.FAILED else None,
        "ready": mine.to_be_had(now).first(),
    }
    return render(request, "accounts/download.html", context)


@customer_required
@recent_proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def download_file(request: CustomerRequest, uid: UUID) -> HttpResponseBase:
    """Hand out the file to its owner, opened part by part on the way.

    Its button posts, for it is written down who got the file; looking only leads to the page.
    """
    mine = Download.objects.visible_to(request.customer)
    wanted = get_object_or_404(mine, uid=uid)
    if request.method != "POST":
        return redirect("download")
    if not mine.to_be_had(timezone.now()).filter(pk=wanted.pk).exists():
        messages.info(request, _("That file is deleted. You can have a new one made."))
        return redirect("download")
    record_fetched(download=wanted, actor=Actor.customer(request.user))
    content = opened(bytes.fromhex(wanted.key or ""), _parts(wanted))
    response = StreamingHttpResponse(content, content_type="application/zip")
    name = f"bizsecure-{wanted.requested_at:%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(wanted.size)
    return response


def _parts(wanted: Download) -> Iterator[bytes]:
    """The parts one by one: no more than two are in memory at any time."""
    numbers = wanted.parts.order_by("number").values_list("number", flat=True)
    for number in list(numbers):
        yield bytes(wanted.parts.get(number=number).content)
