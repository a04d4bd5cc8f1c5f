"""Every address of the site, found in the resolver and filled with what belongs to a customer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admindocs.views import simplify_regex
from django.urls import get_resolver

from accounts.links import cancel_token
from accounts.models import Mandate
from bizsecure.core.leaving import way_out
from bizsecure.store.models import HeldService
from consent.links import choose_token
from notifications.models import Announcement
from notifications.threads import new_link_token, signed_number
from notifications.unsubscribing import unsubscribe_token
from tests.pages.conftest import Belongings

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
ADMIN = "/admin/"


@dataclass(frozen=True)
class Address:
    """A pattern of the resolver and a path that it matches."""

    pattern: str
    name: str
    path: str


def every_address(things: Belongings) -> list[Address]:
    """Return each address of the site, filled with what belongs to this customer."""
    return [
        Address(pattern, name, filled(pattern, things))
        for pattern, name in _patterns(get_resolver().url_patterns)
    ]


def filled(pattern: str, things: Belongings) -> str:
    """Return the pattern with something of the customer's in place of each argument.

    Who adds an address with an argument says here what of a customer it stands for. An
    argument that is not known is a KeyError with the pattern in it.
    """
    arguments = ARGUMENT.findall(pattern)
    if not arguments:
        return pattern
    values = (_of_admin if pattern.startswith(ADMIN) else _of_site)(pattern, things)
    missing = set(arguments) - values.keys()
    if missing:
        raise KeyError(f"{pattern}: tests/pages/addresses.py does not know how to fill {missing}")
    return ARGUMENT.sub(lambda argument: str(values[argument[1]]), pattern)


def _of_site(pattern: str, things: Belongings) -> dict[str, Any]:
    user, version = things.customer.user, things.change
    address = EmailAddress.objects.get(user=user)
    token = choose_token(customer_id=things.customer.pk, version_id=version.pk)
    service = HeldService.objects.filter(customer=things.customer).get()
    order = {"number": service.line.order.number}
    invoice = {**order, "kind": "invoice"}
    passkey = {"pk": Authenticator.objects.get(user=user, type="webauthn").pk}
    known: dict[str, dict[str, Any]] = {
        "/accounts/2fa/webauthn/keys/<int:pk>/remove/": passkey,
        "/accounts/2fa/webauthn/keys/<int:pk>/edit/": passkey,
        "/accounts/sessions/<int:number>/end/": {
            "number": UserSession.objects.get(user=user, session_key__startswith="elsewhere").pk
        },
        "/accounts/email/cancel/<str:token>/": {
            "token": cancel_token(things.customer.address_changes.get())
        },
        "/shop/<slug:slug>/": {"slug": service.product.slug},
        "/terms/<int:number>/": {"number": 1},
        "/account/orders/<str:number>/": order,
        "/account/orders/<str:number>/cancel/": order,
        "/account/orders/<str:number>/pay/": order,
        "/account/orders/<str:number>/look/": order,
        "/account/orders/<str:number>/call-off/": order,
        "/account/orders/<str:number>/<str:kind>/": invoice,
        "/account/orders/<str:number>/<str:kind>.pdf": invoice,
        "/account/services/<uuid:uid>/": {"uid": service.uid},
        "/account/services/<uuid:uid>/renew/": {"uid": service.uid},
        "/account/services/<uuid:uid>/cancel/": {"uid": service.uid},
        "/account/services/<uuid:uid>/keep/": {"uid": service.uid},
        "/privacy/versions/<int:number>/": {"number": version.number},
        "/privacy/compare/<int:older>/<int:newer>/": {"older": 1, "newer": version.number},
        "/account/notices/<int:number>/": {"number": version.number},
        "/account/messages/<int:number>/": {"number": things.mail.pk},
        "/account/messages/<int:number>/html/": {"number": things.mail.pk},
        "/account/announcements/<int:number>/": {
            "number": Announcement.objects.get(addressees__customer=things.customer).pk
        },
        "/account/download/<uuid:uid>/": {"uid": things.customer.downloads.get().uid},
        "/account/cards/<uuid:uid>/": {"uid": things.card.uid},
        "/account/cards/<uuid:uid>/remove/": {"uid": things.card.uid},
        "/acceptable-use/versions/<int:number>/": {"number": 1},
        "/acceptable-use/compare/<int:older>/<int:newer>/": {"older": 1, "newer": 2},
        "/language/<str:code>/": {"code": "es"},
        "/leaving/<str:token>/": {"token": way_out("https://partner.example/").split("/")[2]},
        "/account/decisions/<str:number>/": {"number": things.customer.decisions.get().number},
        "/account/cases/<str:number>/": {"number": things.customer.cases.get().number},
        "/contact/sent/<str:number>/": {"number": signed_number("C-23456789")},
        # A link that was never made: whoever has one that was may read what it leads to.
        "/case/<str:token>/": {"token": new_link_token()},
        "/transparency/heads/<int:number>.json": {"number": 1},
        "/account/receipts/<slug:kind>/<int:sequence>.json": {"kind": "notice", "sequence": 1},
        "/choose/<str:token>/": {"token": token},
        "/u/<str:token>/": {
            "token": unsubscribe_token(customer_id=things.customer.pk, use="product-news")
        },
        "/webhooks/<str:gateway>/": {"gateway": "sandbox"},
        "/webhooks/mail/<slug:provider>/": {"provider": "mailgun"},
        "/webhooks/mail/<slug:provider>/mime/": {"provider": "mailgun"},
        "/webhooks/mail/<slug:provider>/events/": {"provider": "mailgun"},
        "/accounts/confirm-email/<key>/": {"key": EmailConfirmationHMAC(address).key},
        "/accounts/password/reset/key/<uidb36>-<key>/": {
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    }
    return known.get(pattern, {})


def _of_admin(pattern: str, things: Belongings) -> dict[str, Any]:
    app, _, model = pattern.removeprefix(ADMIN).partition("/")
    known: dict[str, Any] = {
        "app_label": "consent",
        "url": "nowhere/",
        "version": things.change.pk,
        "customer": things.customer.pk,
        "mandate": getattr(Mandate.objects.filter(customer=things.customer).first(), "pk", 1),
        "content_type_id": 1,
        "form": "html",
    }
    if (app, model.partition("/")[0]) in {
        (each._meta.app_label, each._meta.model_name) for each in apps.get_models()
    }:
        rows = apps.get_model(app, model.partition("/")[0])._base_manager
        mine: dict[str, Any] = {}
        if hasattr(rows.model, "customer_id"):
            mine = {"customer": things.customer}
        elif hasattr(rows.model, "is_staff"):
            mine = {"is_staff": True}
        first = rows.filter(**mine).order_by("pk").first()
        known["object_id"] = known["number"] = first.pk if first else 1
    if pattern.startswith(f"{ADMIN}r/"):
        known["object_id"] = things.customer.pk
    return known


def _patterns(entries: Iterable[Any], before: str = "") -> Iterator[tuple[str, str]]:
    for entry in entries:
        route = before + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from _patterns(entry.url_patterns, route)
        else:
            yield simplify_regex(route), entry.name or ""
