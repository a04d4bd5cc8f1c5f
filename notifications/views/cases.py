"""Writing to us, and following what became of it: as a visitor, in the panel, by a link."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import CustomerRequest, customer_required, posted
from accounts.actors import Actor
from accounts.models import Customer
from notifications.budgets import TOO_MANY, may_write, may_write_again
from notifications.forms import ContactForm, FollowUpForm
from notifications.models import Case
from notifications.once import reader_of
from notifications.services.casework import add_message, open_case
from notifications.threads import case_behind, sent_number, signed_number

CASES_A_PAGE = 20
MESSAGES_A_PAGE = 50
GET_AND_POST = ["GET", "HEAD", "POST"]


# The id in the form proves what a cookie would: that we showed it to this reader.
@csrf_exempt
@never_cache
@require_http_methods(GET_AND_POST)
def contact(request: HttpRequest) -> HttpResponse:
    """Addresses to write to, and a form that does the same (MAIL-1)."""
    customer: Customer | None = getattr(request, "customer", None)
    form = ContactForm(
        posted(request),
        reader=reader_of(request),
        customer=customer,
        initial={name: request.GET.get(name, "")[:40] for name in ("topic", "order")},
    )
    if form.is_valid():
        address = customer.email if customer else form.cleaned_data["email"]
        if may_write(request, address):
            case = _opened(form, customer, address)
            if customer is not None:
                messages.success(request, _("We have your message."))
                return redirect(case)
            return redirect("contact_sent", signed_number(case.number))
        form.add_error(None, TOO_MANY)
    context = {"form": form, "customer": customer, "page": "contact"}
    return render(request, "notifications/contact.html", context, status=form.status)


@never_cache
@require_safe
def contact_sent(request: HttpRequest, number: str) -> HttpResponse:
    """That a message came, to who wrote it. The link to it goes to the address alone."""
    case_number = sent_number(number)
    if case_number is None:
        raise Http404
    context = {"number": case_number, "page": "contact"}
    return render(request, "notifications/contact_sent.html", context)


@customer_required
@require_safe
def case_list(request: CustomerRequest) -> HttpResponse:
    """What the customer wrote to us, and what became of it."""
    cases = Case.objects.visible_to(request.customer).order_by("-received_at", "-pk")
    pages = Paginator(cases, CASES_A_PAGE)
    context = {"page": "cases", "page_obj": pages.get_page(request.GET.get("page"))}
    return render(request, "notifications/cases.html", context)


@customer_required
@require_http_methods(GET_AND_POST)
def case(request: CustomerRequest, number: str) -> HttpResponse:
    """One conversation with us, in the panel."""
    mine = Case.objects.visible_to(request.customer)
    return _conversation(request, get_object_or_404(mine, number=number), "account.html")


# Whoever holds the link may write: there is no cookie to be misused.
@csrf_exempt
@never_cache
@require_http_methods(GET_AND_POST)
def case_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same for who holds the link in a mail, without signing in."""
    found = case_behind(token, timezone.now())
    if found is None:
        raise Http404
    return _conversation(request, found, "public.html")


def _conversation(request: HttpRequest, shown: Case, frame: str) -> HttpResponse:
    form = FollowUpForm(posted(request), reader=f"{reader_of(request)}:{shown.pk}")
    if form.is_valid():
        if may_write_again(request, shown.number):
            add_message(
                case=shown,
                text=form.cleaned_data["message"],
                actor=Actor.customer(),
                form_id=form.cleaned_data["form_id"],
            )
            return redirect(f"{request.path}#newest")
        form.add_error(None, TOO_MANY)
    context = {"page": "cases", "frame": frame, "case": shown, "form": form}
    page = Paginator(shown.conversation(), MESSAGES_A_PAGE).get_page(request.GET.get("page"))
    context |= {"page_obj": page, "conversation": list(page)[::-1]}
    return render(request, "notifications/case.html", context, status=form.status)


def _opened(form: ContactForm, customer: Customer | None, address: str) -> Case:
    typed = form.cleaned_data
    return open_case(
        topic=typed["topic"],
        sender_address=address,
        sender_name=customer.name if customer else typed["name"],
        subject="",
        text=typed["message"],
        actor=Actor.customer(customer.user if customer else None),
        customer=customer,
        order_ref=typed["order"],
        form_id=typed["form_id"],
        is_proven=customer is not None,
    )
