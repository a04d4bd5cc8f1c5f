"""What a worker knows of a mail that is due: as little as it needs, for a million pass by."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from notifications.models import OutgoingMail
from notifications.models.outbox import message_id_of


class Mail(Protocol):
    """What is recorded of a mail: a row of the outbox, or what a worker read of it."""

    @property
    def pk(self) -> int:
        """Its key in the outbox."""

    @property
    def customer_id(self) -> int | None:
        """Whom it is for, if that is a customer."""

    @property
    def address(self) -> str:
        """Where it goes."""

    @property
    def attempts(self) -> int:
        """How often it was tried before."""

    @property
    def message_id(self) -> str:
        """The Message-ID, the same at every attempt."""


class DueMail(NamedTuple):
    """A mail of the outbox with the name of its reader; a single mail with its own words."""

    pk: int
    campaign_id: int | None
    customer_id: int | None
    address: str
    attempts: int
    name: str = ""
    language: str | None = None
    letter: OutgoingMail | None = None

    @property
    def message_id(self) -> str:
        """The Message-ID, the same at every attempt."""
        return message_id_of(self.campaign_id, self.pk)
