"""Pages about cards: brand, last four digits and date, and never more."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import CustomerRequest, customer_required, posted, recent_proof_required
from accounts.actors import Actor
from bizsecure.vault.cards import CardState
from bizsecure.vault.checking import BACK, checker
from bizsecure.vault.forms import CardForm
from bizsecure.vault.models import Card
from bizsecure.vault.payees import paid_with, payees
from bizsecure.vault.services.adding import add_card, begin_elsewhere
from bizsecure.vault.services.asking import ask_again
from bizsecure.vault.services.removing import remove_card


def wanted_for(request: HttpRequest) -> str:
    """Return the page of ours that the card is wanted for, such as the checkout; or nothing."""
    page = request.GET.get(REDIRECT_FIELD_NAME, "")
    is_ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours else ""


@customer_required
@require_safe
def show_cards(request: CustomerRequest) -> HttpResponse:
    """The customer's cards, and what each of them pays for."""
    today = timezone.now().date()
    pays, paid = payees(request.customer), paid_with(request.customer)
    cards = [
        {
            "card": card,
            "is_over": card.is_over(today),
            "payees": pays.get(card.uid, []),
            "paid": len(paid.get(card.uid, [])),
        }
        for card in Card.objects.visible_to(request.customer)
    ]
    return render(request, "vault/cards.html", {"cards": cards, "page": "cards"})


@sensitive_post_parameters()
@sensitive_variables()
@customer_required
@recent_proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CustomerRequest) -> HttpResponse:
    """Add a card: here, or on the page of the provider that keeps cards for us."""
    if checker().asks_for_card:
        return _add_elsewhere(request)
    form = CardForm(posted(request))
    if form.is_valid():
        card = add_card(
            customer=request.customer,
            details=form.details,
            code=form.security_code,
            actor=Actor.customer(request.user),
            then=wanted_for(request),
        )
        return _to_what_became_of(request, card)
    context = {"form": form, "page": "cards", "back": wanted_for(request)}
    return render(request, "vault/add.html", context, status=422 if form.errors else 200)


@customer_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_card(request: CustomerRequest, uid: UUID) -> HttpResponse:
    """A card and its check: where to confirm it, and what came of that."""
    card = get_object_or_404(Card.objects.visible_to(request.customer), uid=uid)
    if request.method == "POST":
        ask_again(card=card)
        card.refresh_from_db()
        return _to_what_became_of(request, card)
    context = {
        "card": card,
        "payees": payees(request.customer).get(card.uid, []),
        "paid": paid_with(request.customer).get(card.uid, []),
        "page": "cards",
        "back": wanted_for(request),
        # Whoever comes back from a bank is looked after at once.
        "is_back": BACK in request.GET,
    }
    return render(request, "vault/card.html", context)


@customer_required
@recent_proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: CustomerRequest, uid: UUID) -> HttpResponse:
    """Forget a card, once the customer has confirmed it."""
    card = get_object_or_404(Card.objects.filter(customer=request.customer), uid=uid)
    if request.method == "POST":
        remove_card(card=card, actor=Actor.customer(request.user))
        messages.success(request, _("Removed. We have forgotten its number."))
        return redirect("cards")
    if card.state == CardState.REMOVED:
        return redirect("cards")
    paid = payees(request.customer).get(card.uid, [])
    return render(request, "vault/remove.html", {"card": card, "payees": paid, "page": "cards"})


def _add_elsewhere(request: CustomerRequest) -> HttpResponse:
    back = wanted_for(request)
    if request.method == "POST":
        actor = Actor.customer(request.user)
        card = begin_elsewhere(customer=request.customer, actor=actor, then=back)
        return redirect(card.open_check.then(back).page)
    return render(request, "vault/add_elsewhere.html", {"page": "cards", "back": back})


def _to_what_became_of(request: CustomerRequest, card: Card) -> HttpResponse:
    back = wanted_for(request)
    if card.is_ready:
        messages.success(request, _("Your card was accepted. You can pay with it now."))
        return redirect(back or "cards")
    return redirect(card.open_check.then(back).page)
