"""What Django and allauth tell us, handed to a service."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed, email_removed
from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import RIGHTS
from accounts.services.changing_address import give_up_address_change, prove_address
from accounts.services.confiding import grant_roles, post_terms


@receiver(email_confirmed)
def address_confirmed(email_address: EmailAddress, **kwargs: Any) -> None:
    if email_address.primary:
        user = email_address.user
        prove_address(user=user, email=email_address.email, actor=Actor.customer(user))


@receiver(email_changed)
def address_changed(user: User, to_email_address: EmailAddress, **kwargs: Any) -> None:
    if to_email_address.verified:
        prove_address(user=user, email=to_email_address.email, actor=Actor.customer(user))


@receiver(email_removed)
def address_removed(user: User, email_address: EmailAddress, **kwargs: Any) -> None:
    give_up_address_change(user=user, email=email_address.email, actor=Actor.customer(user))


@receiver(post_migrate)
def migrated(app_config: AppConfig, using: str, apps: Any, **kwargs: Any) -> None:
    """Give the roles their rights of this app, and post the terms, once the tables are there."""
    label = app_config.label
    if not any(right.startswith(f"{label}.") for right in RIGHTS):
        return
    try:
        apps.get_model("auth", "Group")
        apps.get_model("accounts", "ConfidentialityTerms")
    except LookupError:
        return
    # Django makes the rights of an app on the same occasion, but perhaps only after us.
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    grant_roles(app_label=label)
    if label == "accounts":
        post_terms()
