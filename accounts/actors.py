"""Who does something: every service that changes a state is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User


class ActorKind(models.TextChoices):
    CUSTOMER = "customer", _("you")
    STAFF = "staff", _("our staff")
    SYSTEM = "system", _("the portal")


class Channel(models.TextChoices):
    """Through which way a change of personal information came."""

    PANEL = "panel", _("in the control panel")
    PHONE = "phone", _("on the customer's request by telephone")
    MAIL = "mail", _("on the customer's request by e-mail")
    LETTER = "letter", _("on the customer's request by letter")
    VISIT = "visit", _("on the customer's request in person")
    IMPORT = "import", _("by an import of records")
    MAIL_PROOF = "mail_proof", _("by following the link in a mail")
    ORDER = "order", _("with an order")
    PORTAL = "portal", _("by the portal itself")


@dataclass(frozen=True)
class Actor:
    """A customer, a member of staff, or the portal itself when a job acts."""

    kind: ActorKind
    user_id: int | None = None

    @classmethod
    def customer(cls, user: User | None = None) -> Actor:
        """Return the customer as actor; without a user where a mail's link acted."""
        return cls(ActorKind.CUSTOMER, user.pk if user else None)

    @classmethod
    def staff(cls, user: User) -> Actor:
        return cls(ActorKind.STAFF, user.pk)


SYSTEM = Actor(ActorKind.SYSTEM)
