"""What this room adds to the record of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.account_log import entries_of
from accounts.admin.sections import Button, Section, add
from accounts.models import Address, Customer, Mandate, StaffAccess
from accounts.services.acting import CHANGE_DETAILS
from accounts.services.closing_for import CLOSE
from accounts.services.removing_factors import REMOVE_FACTOR, has_factor
from accounts.services.suspending import SUSPEND

LATEST = 20
Status = Customer.Status


def _details(customer: Customer) -> Mapping[str, Any]:
    return {"customer": customer}


def _addresses(customer: Customer) -> Mapping[str, Any]:
    rows = Address.objects.filter(customer=customer).order_by("kind")
    return {"addresses": [(row.get_kind_display(), row.lines) for row in rows]}


def _log(customer: Customer) -> Mapping[str, Any]:
    return {"entries": entries_of(customer, number=LATEST).entries}


def _looks(customer: Customer) -> Mapping[str, Any]:
    looks = StaffAccess.objects.filter(customer=customer).select_related("actor_user")
    return {"looks": looks.order_by("-sequence")[:LATEST]}


def _requests(customer: Customer) -> Mapping[str, Any]:
    requests = Mandate.objects.filter(customer=customer).select_related("actor_user", "letter")
    return {
        "requests": requests.order_by("-sequence")[:LATEST],
        "by_letter": customer.is_told_by_letter,
    }


add(
    Section(
        key="details",
        title=_("Details"),
        template="admin/accounts/record/details.html",
        shows=_details,
        place=10,
        buttons=(
            Button(_("Change"), "accounts_customer_details", CHANGE_DETAILS),
            Button(
                _("Suspend"),
                "accounts_customer_standing",
                SUSPEND,
                lambda customer: customer.status == Status.ACTIVE,
            ),
            Button(
                _("Reinstate"),
                "accounts_customer_standing",
                SUSPEND,
                lambda customer: customer.status == Status.SUSPENDED,
            ),
            Button(
                _("Code for a sign-in"),
                "accounts_customer_code",
                CHANGE_DETAILS,
                lambda customer: customer.user_id is None and customer.status != Status.CLOSED,
            ),
            Button(
                _("Close"),
                "accounts_customer_close",
                CLOSE,
                lambda customer: customer.status in {Status.ACTIVE, Status.SUSPENDED},
            ),
            Button(
                _("Keep the account"),
                "accounts_customer_keep",
                CLOSE,
                lambda customer: customer.status == Status.CLOSING,
            ),
            Button(
                _("Remove the second factor"),
                "accounts_customer_factor",
                REMOVE_FACTOR,
                has_factor,
            ),
        ),
    )
)
add(
    Section(
        key="addresses",
        title=_("Addresses"),
        template="admin/accounts/record/addresses.html",
        shows=_addresses,
        place=20,
    )
)
add(
    Section(
        key="requests",
        title=_("Requests"),
        template="admin/accounts/record/requests.html",
        shows=_requests,
        place=60,
    )
)
add(
    Section(
        key="looks",
        title=_("Staff looks"),
        template="admin/accounts/record/looks.html",
        shows=_looks,
        place=70,
    )
)
add(
    Section(
        key="log",
        title=_("Log"),
        template="admin/accounts/record/log.html",
        shows=_log,
        place=80,
    )
)
