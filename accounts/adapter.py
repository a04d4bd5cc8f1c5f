"""How allauth's rules about signing in become ours."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import proof
from accounts.models import AddressChange, Customer, User
from accounts.services.changing_address import may_still_be_proven

# What can be answered to "is it still you?", the nicest first.
ANSWERS = {
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code"),
}


class SignInAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What a sign-in is worth, and for how long."""

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return whether to ask again: a sign-in just now is as good as an answer."""
        return not proof.is_recent(self.request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Return what this user can answer with: a passkey before the password."""
        methods = super().get_reauthentication_methods(user)
        known = {method["id"]: method for method in methods}
        return [
            {**known[way], "description": words} for way, words in ANSWERS.items() if way in known
        ]

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Take an address as proven, all of it or nothing, unless it was given up or has lapsed.

        The customer is held as by whoever cancels the change from the old address.
        """
        with transaction.atomic():
            mine = Customer.objects.filter(user=email_address.user_id).values_list("pk", flat=True)
            Customer.objects.locked(mine).first()
            if not EmailAddress.objects.filter(pk=email_address.pk).exists():
                return False
            if not may_still_be_proven(user=email_address.user, email=email_address.email):
                return False
            return bool(super().confirm_email(request, email_address))

    def tell_of_address_change(self, change: AddressChange) -> None:
        """Tell the old address at once; the room that writes mails says how."""
        raise NotImplementedError
