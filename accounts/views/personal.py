"""Pages about the person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import CustomerRequest, customer_required, posted
from accounts.actors import Actor
from accounts.collected import collected
from accounts.fields import POSTAL_FIELDS
from accounts.forms import PersonalInformationForm
from accounts.models import ProfileChange
from accounts.overtaken import caught_up, changed_meanwhile
from accounts.profile_history import shown
from accounts.remembered import forget, remember
from accounts.services.personal import personal_details, update_personal_information
from bizsecure.core.errors import Refused

CHANGES_A_PAGE = 30


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def personal(request: CustomerRequest) -> HttpResponse:
    """See and edit everything the customer told us (OPT-3)."""
    form = _form_of(request, posted(request))
    if "other_country" in request.POST:
        return _page(request, _form_of(request, None, typed=request.POST))
    if not form.is_valid():
        return _page(request, form, status=422 if form.errors else 200)
    try:
        changed = update_personal_information(
            customer=request.customer,
            details=form.details,
            revision=form.cleaned_data["revision"],
            actor=Actor.customer(request.user),
        )
    except Refused as refused:
        return _overtaken(request, form, refused)
    messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
    response = redirect("personal")
    if "name" in changed:
        remember(response, form.cleaned_data["name"].split(maxsplit=1)[0])
    return response


@customer_required
@require_safe
def history(request: CustomerRequest) -> HttpResponse:
    """Every change of the customer's information, with what it was and what it became (OPT-3)."""
    rows = ProfileChange.objects.filter(customer=request.customer).order_by("-sequence")
    page = Paginator(rows, CHANGES_A_PAGE).get_page(request.GET.get("page"))
    changes = shown(request.customer, page.object_list)
    context = {"page": "personal", "page_obj": page, "changes": changes}
    return render(request, "accounts/history.html", context)


def _form_of(
    request: CustomerRequest, data: QueryDict | dict[str, Any] | None, typed: Any = None
) -> PersonalInformationForm:
    """The form about what is known, with what was typed over it."""
    customer = request.customer
    details = asdict(personal_details(customer))
    known = {**details, "revision": customer.revision}
    known["postal_same"] = not any(details[name] for name in POSTAL_FIELDS)
    if typed is not None:
        known = {name: typed.get(name, "") for name in known}
    return PersonalInformationForm(data, initial=known, collected=collected(customer))


def _overtaken(
    request: CustomerRequest, form: PersonalInformationForm, refused: Refused
) -> HttpResponse:
    """Show what somebody else changed beside what was typed; saving again is a decision."""
    typed = request.POST.dict()
    request.customer.refresh_from_db()
    meanwhile = changed_meanwhile(request.customer, form.cleaned_data["revision"], typed)
    again = _form_of(request, caught_up(request.customer, typed, meanwhile))
    again.add_error(None, refused.sentence)
    return _page(request, again, status=409, meanwhile=meanwhile)


def _page(
    request: CustomerRequest, form: PersonalInformationForm, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"form": form, "customer": request.customer, "page": "personal", **more}
    return render(request, "accounts/personal.html", context, status=status)


@require_POST
def forget_me(request: HttpRequest) -> HttpResponse:
    """Forget the name this browser greets, for whoever says "not you?" (COOKIE-1)."""
    response = redirect("home")
    forget(response)
    return response
