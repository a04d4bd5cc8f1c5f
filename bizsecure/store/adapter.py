"""What the shop does when somebody signs in."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from bizsecure.store.cart_cookie import keep_cart, kept_cart
from bizsecure.store.models import Product
from bizsecure.store.services.saved_carts import merge_at_sign_in
from notifications.adapter import AccountAdapter as Adapter

# Where somebody was going who joined on the way there.
GOING_TO = "going_to"


class AccountAdapter(Adapter):
    """Signing in brings the cart of the browser along (COOKIE-1)."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return what is open first; after that the cart, if something was put into it."""
        address = super().get_login_redirect_url(request)
        filled = bool(kept_cart(request).cart.lines)
        return reverse("cart") if filled and address == reverse("overview") else address

    def respond_email_verification_sent(self, request: HttpRequest, user: User) -> HttpResponse:
        """Remember, until the address is proven, where somebody was going who joined on the way."""
        response: HttpResponse = super().respond_email_verification_sent(request, user)
        going_to = get_next_redirect_url(request)
        if going_to:
            request.session[GOING_TO] = going_to
        return response

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Lead who has proven an address to the sign-in, and from there to where they were going.

        Whoever joined at the checkout is in the checkout then, and the cart is with them.
        """
        address = resolve_url(super().get_email_verification_redirect_url(email_address))
        going_to = self.request.session.get(GOING_TO)
        if self.request.user.is_authenticated:
            return str(self.request.session.pop(GOING_TO, address))
        return f"{address}?{urlencode({REDIRECT_FIELD_NAME: going_to})}" if going_to else address

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        request.session.pop(GOING_TO, None)
        brought = kept_cart(request).cart
        customer = Customer.objects.served().filter(user=user).first()
        if customer is None or not brought.lines:
            return response
        merge = merge_at_sign_in(customer=customer, brought=brought, now=timezone.now())
        keep_cart(response, merge.left)
        if merge.added:
            slugs = {item.slug for item in merge.added}
            names = Product.objects.named(slugs).values_list("name", flat=True)
            text = _("Added to your cart from this browser: %s. You can undo that in your cart.")
            messages.info(request, text % ", ".join(names))
        return response
