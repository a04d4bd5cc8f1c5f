"""Decisions about the customer who looks: each with its ground, its evidence, and an objection."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import CustomerRequest, customer_required, posted
from accounts.actors import Actor
from bizsecure.conduct.forms import ObjectionForm
from bizsecure.conduct.models import Decision, Objection
from bizsecure.conduct.reading import shown
from bizsecure.conduct.services.objecting import object_to
from notifications.budgets import TOO_MANY, may_write_again
from notifications.once import reader_of

DECISIONS_A_PAGE = 20


@customer_required
@require_safe
def decision_list(request: CustomerRequest) -> HttpResponse:
    """Everything that our staff ever decided about the customer's conduct (DISC-3)."""
    decisions = Decision.objects.visible_to(request.customer).prefetch_related("reviews")
    pages = Paginator(decisions, DECISIONS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "page": "decisions",
        "page_obj": page,
        "decisions": list(shown(page.object_list, request.customer)),
    }
    return render(request, "conduct/decisions.html", context)


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: CustomerRequest, number: str) -> HttpResponse:
    """One decision: what it is about, what it rests on, what became of it, and how to object."""
    mine = Decision.objects.visible_to(request.customer).prefetch_related("reviews")
    row = get_object_or_404(mine, number=number)
    objection = Objection.objects.filter(decision=row).select_related("case").first()
    form = ObjectionForm(posted(request), reader=f"{reader_of(request)}:{row.pk}")
    if form.is_valid():
        if may_write_again(request, row.number):
            text, form_id = form.cleaned_data["message"], form.cleaned_data["form_id"]
            actor = Actor.customer(request.user)
            object_to(decision=row, text=text, form_id=form_id, actor=actor)
            messages.success(request, _("We have your objection. Somebody else looks at it again."))
            return redirect(row)
        form.add_error(None, TOO_MANY)
    [each] = shown([row], request.customer)
    context = {"page": "decisions", "shown": each, "objection": objection, "form": form}
    return render(request, "conduct/decision.html", context, status=form.status)
