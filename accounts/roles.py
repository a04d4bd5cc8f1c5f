"""The roles of our staff and what each may do: one table, from which the rights are given (SEC-2).

A role is a group of Django's. `migrate` makes the groups and gives each exactly what stands
here, so whoever wants a role to do more or less changes this table. A right is named as
`user.has_perm` asks for it. Nothing is given to a member of staff by name.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A role. The value is the name of its group, the label what customers read."""

    BILLING = "Billing", _("billing")
    SUPPORT = "Support", _("support")
    PRIVACY = "Privacy officer", _("privacy officer")
    MARKETING = "Marketing", _("marketing")
    AUDITOR = "Auditor", _("auditor")
    ADMINISTRATOR = "Administrator", _("administrator")


BILLING, SUPPORT, PRIVACY = Role.BILLING, Role.SUPPORT, Role.PRIVACY
MARKETING, AUDITOR, ADMINISTRATOR = Role.MARKETING, Role.AUDITOR, Role.ADMINISTRATOR

# Each right and the roles that have it.
RIGHTS: Mapping[str, frozenset[Role]] = {
    # Customers: number, name and status
    "accounts.view_customer": frozenset({BILLING, SUPPORT, PRIVACY}),
    # Their records, opened with a reason, and what is done for them
    "accounts.open_record": frozenset({BILLING, SUPPORT, PRIVACY}),
    "accounts.change_details": frozenset({BILLING, SUPPORT}),
    "accounts.record_decision": frozenset({BILLING, SUPPORT, PRIVACY}),
    "accounts.suspend_account": frozenset({BILLING}),
    "accounts.remove_factor": frozenset({SUPPORT, PRIVACY}),
    "accounts.close_account": frozenset({PRIVACY}),
    "accounts.send_letters": frozenset({BILLING, SUPPORT, PRIVACY}),
    "accounts.export_customers": frozenset({PRIVACY}),
    "accounts.import_customers": frozenset({BILLING}),
    # Ledgers
    "accounts.view_staffaccess": frozenset({PRIVACY, AUDITOR}),
    "consent.view_acceptance": frozenset({PRIVACY, AUDITOR}),
    "consent.view_choice": frozenset({PRIVACY, AUDITOR}),
    "consent.view_notice": frozenset({PRIVACY, AUDITOR}),
    "consent.view_versionevent": frozenset({PRIVACY, AUDITOR}),
    # Policies
    "consent.view_policyversion": frozenset({PRIVACY, MARKETING, AUDITOR}),
    "consent.add_policyversion": frozenset({PRIVACY}),
    "consent.change_policyversion": frozenset({PRIVACY}),
    "consent.publish_policyversion": frozenset({PRIVACY}),
    # The register of disclosures
    "consent.view_disclosure": frozenset({PRIVACY, AUDITOR}),
    "consent.view_disclosureentry": frozenset({PRIVACY, AUDITOR}),
    "consent.add_disclosureentry": frozenset({PRIVACY}),
    "consent.approve_disclosureentry": frozenset({PRIVACY}),
    "consent.view_recipient": frozenset({BILLING, SUPPORT, PRIVACY, AUDITOR}),
    # What is sent
    "notifications.view_campaign": frozenset({PRIVACY, MARKETING, AUDITOR}),
    "notifications.view_announcement": frozenset({PRIVACY, MARKETING, AUDITOR}),
    "notifications.change_announcement": frozenset({PRIVACY, MARKETING}),
    "notifications.send_announcement": frozenset({PRIVACY, MARKETING}),
    "notifications.agree_announcement": frozenset({PRIVACY}),
    "notifications.write_letters": frozenset({PRIVACY}),
    "notifications.view_outgoingmail": frozenset({SUPPORT, PRIVACY}),
    # What people write to us
    "notifications.view_inboundmail": frozenset({SUPPORT, PRIVACY, AUDITOR}),
    "notifications.view_case": frozenset({SUPPORT, PRIVACY}),
    "notifications.answer_case": frozenset({SUPPORT, PRIVACY}),
    "notifications.view_caseevent": frozenset({PRIVACY, AUDITOR}),
    "notifications.view_cannedanswer": frozenset({SUPPORT, PRIVACY}),
    "notifications.add_cannedanswer": frozenset({SUPPORT, PRIVACY}),
    "notifications.change_cannedanswer": frozenset({SUPPORT, PRIVACY}),
    # What is sold
    "store.view_product": frozenset({BILLING, SUPPORT, MARKETING}),
    "store.add_product": frozenset({MARKETING}),
    "store.change_product": frozenset({MARKETING}),
    "store.view_order": frozenset({BILLING, SUPPORT}),
    "store.change_order": frozenset({BILLING}),
    "store.view_termsversion": frozenset({BILLING, SUPPORT, PRIVACY, AUDITOR}),
    "store.add_termsversion": frozenset({PRIVACY}),
    "store.view_heldservice": frozenset({BILLING, SUPPORT}),
    "store.change_heldservice": frozenset({SUPPORT}),
    # What is done about conduct that harms, and who looks at it again
    "conduct.view_decision": frozenset({SUPPORT, PRIVACY}),
    "conduct.view_review": frozenset({PRIVACY, AUDITOR}),
    "conduct.take_decision": frozenset({SUPPORT, PRIVACY}),
    "conduct.review_decision": frozenset({SUPPORT, PRIVACY}),
    # How the site is used, in counts
    "traffic.view_visitcount": frozenset({MARKETING, AUDITOR, ADMINISTRATOR}),
    # Who may do all this
    "accounts.view_user": frozenset({ADMINISTRATOR}),
    "accounts.add_user": frozenset({ADMINISTRATOR}),
    "accounts.change_user": frozenset({ADMINISTRATOR}),
    "accounts.give_roles": frozenset({ADMINISTRATOR}),
    "auth.view_group": frozenset({ADMINISTRATOR, AUDITOR}),
}


def rights_of(role: Role) -> frozenset[str]:
    """Return the rights a role has."""
    return frozenset(right for right, roles in RIGHTS.items() if role in roles)


def foremost(names: set[str]) -> Role | None:
    """Return the role in which somebody acts who is in the groups of these names."""
    return next((role for role in Role if role.value in names), None)
