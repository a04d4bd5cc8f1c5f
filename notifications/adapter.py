"""How allauth's pages and mails fit into the portal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.adapter import SignInAdapter
from accounts.links import cancel_token
from accounts.models import AddressChange, Customer, User
from accounts.remembered import remember
from consent.pending import open_changes
from notifications.kinds import KindKey
from notifications.services.posting import post

# What allauth offers to its templates, and ours do not say.
NOT_IN_MAILS = {"request", "user", "ip", "user_agent"}


class AccountAdapter(SignInAdapter):
    """Signing in leads to what is to be undone or decided first; mails go through the outbox."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the page that offers to undo a closing, or else the first open change's page.

        That one is shown until it is answered or put aside.
        """
        customer = Customer.objects.served().filter(user=self._user(request)).first()
        if customer is None:
            # Who is no customer may have a code to become one (OPT-4).
            return reverse("admin:index" if self._user(request).is_staff else "claim")
        if customer.status == Customer.Status.CLOSING:
            return reverse("close")
        changes = open_changes(customer)
        if changes:
            return reverse("notice", args=[changes[0].version.number])
        return reverse("overview")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Finish a sign-in and remember the first name for the next visit (COOKIE-1)."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        customer = Customer.objects.served().filter(user=user).first()
        if customer is not None:
            remember(response, customer.first_name)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put an account mail into the outbox: no page waits for a mail server.

        Who asked, from which address and with which program, is nobody's business by mail.
        """
        kind = KindKey(template_prefix.rpartition("/")[2])
        facts = {name: fact for name, fact in context.items() if name not in NOT_IN_MAILS}
        post(kind=kind, customer=_customer(context.get("user"), email), address=email, facts=facts)

    def tell_of_address_change(self, change: AddressChange) -> None:
        """Write to the old address that another one was asked for, with a link that cancels it."""
        address = reverse("cancel_address_change", args=[cancel_token(change)])
        post(
            kind=KindKey.ADDRESS_CHANGE_REQUESTED,
            customer=change.customer,
            address=change.old_address,
            facts={"at": change.requested_at, "cancel_url": f"{settings.SITE_URL}{address}"},
            occasion=f"address-change:{change.pk}",
        )

    def _user(self, request: HttpRequest) -> User:
        user: User = request.user  # type: ignore[assignment]
        return user


def _customer(user: User | None, email: str) -> Customer | None:
    """The customer a mail is for: of the user it is about, or else of the address it goes to."""
    mine = {"user": user} if user else {"user__email__iexact": email}
    return Customer.objects.filter(**mine).first()
