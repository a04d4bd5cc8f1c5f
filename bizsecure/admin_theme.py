"""How the staff pages look, and what stands in their side bar (django-unfold)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from bizsecure.version import VERSION

# From the lightest to the darkest. 600 is the spruce green of the portal.
SPRUCE = {
    "50": "#f1f8f5",
    "100": "#dfeee9",
    "200": "#bfdfd5",
    "300": "#93cdbc",
    "400": "#6fcab3",
    "500": "#3a9780",
    "600": "#14594b",
    "700": "#0e453a",
    "800": "#0b372f",
    "900": "#082a24",
    "950": "#041613",
}


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _link(title: Any, icon: str, page: str, permission: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}"),
        "permission": _may(permission),
    }


STAFF_PAGES = {
    "SITE_TITLE": _("BizSecure staff"),
    "SITE_HEADER": "BizSecure",
    "SITE_SUBHEADER": format_lazy(_("Staff, release {version}"), version=VERSION),
    "SITE_ICON": lambda _request: static("bizsecure/img/mark.svg"),
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("bizsecure/img/mark.svg"),
        },
    ],
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "bizsecure.views.staff_today.today",
    "STYLES": [lambda _request: static("bizsecure/css/staff.css")],
    "COLORS": {"primary": SPRUCE},
    "SIDEBAR": {
        "navigation": [
            {
                "title": _("Policy"),
                "items": [
                    _link(
                        _("Versions"),
                        "policy",
                        "consent_policyversion_changelist",
                        "consent.view_policyversion",
                    ),
                    _link(
                        _("Telling"),
                        "campaign",
                        "notifications_progress",
                        "notifications.view_campaign",
                    ),
                    _link(
                        _("Mail and answers"),
                        "monitoring",
                        "notifications_health",
                        "notifications.view_campaign",
                    ),
                    _link(
                        _("Messages to many"),
                        "forward_to_inbox",
                        "notifications_announcement_changelist",
                        "notifications.view_announcement",
                    ),
                ],
            },
            {
                "title": _("Given to others"),
                "separator": True,
                "items": [
                    _link(
                        _("Entries"),
                        "gavel",
                        "consent_disclosureentry_changelist",
                        "consent.view_disclosureentry",
                    ),
                    _link(
                        _("Register"),
                        "outbox",
                        "consent_disclosure_changelist",
                        "consent.view_disclosure",
                    ),
                    _link(
                        _("Recipients"),
                        "apartment",
                        "consent_recipient_changelist",
                        "consent.view_recipient",
                    ),
                ],
            },
            {
                "title": _("Records"),
                "separator": True,
                "items": [
                    _link(
                        _("Notices"),
                        "mark_email_read",
                        "consent_notice_changelist",
                        "consent.view_notice",
                    ),
                    _link(
                        _("Choices"),
                        "thumbs_up_down",
                        "consent_choice_changelist",
                        "consent.view_choice",
                    ),
                    _link(
                        _("Acceptances"),
                        "handshake",
                        "consent_acceptance_changelist",
                        "consent.view_acceptance",
                    ),
                    _link(
                        _("Steps of versions"),
                        "history_edu",
                        "consent_versionevent_changelist",
                        "consent.view_versionevent",
                    ),
                    _link(
                        _("Staff looks"),
                        "visibility",
                        "accounts_staffaccess_changelist",
                        "accounts.view_staffaccess",
                    ),
                    _link(
                        _("Mail"),
                        "outgoing_mail",
                        "notifications_outgoingmail_changelist",
                        "notifications.view_outgoingmail",
                    ),
                    _link(
                        _("Mail that came in"),
                        "inbox",
                        "notifications_inboundmail_changelist",
                        "notifications.view_inboundmail",
                    ),
                ],
            },
            {
                "title": _("Messages to us"),
                "separator": True,
                "items": [
                    _link(
                        _("Inbox"),
                        "inbox",
                        "notifications_case_changelist",
                        "notifications.view_case",
                    ),
                    _link(
                        _("Canned answers"),
                        "quick_phrases",
                        "notifications_cannedanswer_changelist",
                        "notifications.view_cannedanswer",
                    ),
                    _link(
                        _("Steps"),
                        "history",
                        "notifications_caseevent_changelist",
                        "notifications.view_caseevent",
                    ),
                ],
            },
            {
                "title": _("Business"),
                "separator": True,
                "items": [
                    _link(
                        _("Customers"),
                        "group",
                        "accounts_customer_changelist",
                        "accounts.view_customer",
                    ),
                    _link(
                        _("Second factors"),
                        "lock_reset",
                        "accounts_factorremoval_changelist",
                        "accounts.remove_factor",
                    ),
                    _link(
                        _("Products"),
                        "storefront",
                        "store_product_changelist",
                        "store.view_product",
                    ),
                    _link(
                        _("Traffic"),
                        "monitoring",
                        "traffic_visitcount_changelist",
                        "traffic.view_visitcount",
                    ),
                    _link(
                        _("Orders"),
                        "receipt_long",
                        "store_order_changelist",
                        "store.view_order",
                    ),
                    _link(
                        _("Terms of sale"),
                        "contract",
                        "store_termsversion_changelist",
                        "store.view_termsversion",
                    ),
                    _link(
                        _("Decisions about conduct"),
                        "balance",
                        "conduct_decision_changelist",
                        "conduct.view_decision",
                    ),
                    _link(
                        _("Services held"),
                        "dns",
                        "store_heldservice_changelist",
                        "store.view_heldservice",
                    ),
                ],
            },
            {
                "title": _("Access"),
                "separator": True,
                "items": [
                    _link(_("Staff"), "badge", "accounts_user_changelist", "accounts.view_user"),
                    _link(_("Roles"), "key", "auth_group_changelist", "auth.view_group"),
                ],
            },
        ],
    },
}
