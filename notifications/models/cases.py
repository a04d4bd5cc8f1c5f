"""What people write to us, and what became of it (MAIL-1, MAIL-2)."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actors import ActorKind
from accounts.digests import LENGTH, AddressDigest
from accounts.models import Customer, User
from accounts.models.customers import NUMBER_ALPHABET, NUMBER_LENGTH
from bizsecure.core.keyring import keyring
from bizsecure.core.ledger import AppendOnlyRow
from bizsecure.core.sealing import SealedCharField
from notifications.models.outbox import OutgoingMail
from notifications.working_days import overdue_before, plus_working_days

REPLIES_TO = "case"


def new_case_number() -> str:
    """Return a number that tells nothing, not even how many cases there are."""
    return "C-" + "".join(secrets.choice(NUMBER_ALPHABET) for _each in range(NUMBER_LENGTH))


class CaseQuerySet(models.QuerySet["Case"]):
    """Questions about cases."""

    def visible_to(self, customer: Customer) -> Self:
        """The cases of this customer."""
        return self.filter(customer=customer)

    def in_order(self) -> Self:
        """In the order in which they are to be looked at: unread, then waiting; oldest first."""
        rank = models.Case(
            models.When(state=Case.State.RECEIVED, then=0),
            models.When(state=Case.State.READ, then=1),
            default=2,
            output_field=models.PositiveSmallIntegerField(),
        )
        return self.order_by(rank, "waiting_since", "-received_at", "-pk")

    def waiting(self) -> Self:
        """Cases whose sender waits for us."""
        return self.filter(waiting_since__isnull=False)

    def overdue(self, now: datetime) -> Self:
        """Cases that have waited longer than we want anybody to wait."""
        return self.filter(waiting_since__lt=overdue_before(now, settings.CASE_TARGET_DAYS))

    def to_review(self) -> Self:
        """Answered cases of which nobody said yet whether they are kept or discarded."""
        return self.filter(state=Case.State.ANSWERED)

    def reviewed(self, state: str, before: datetime) -> Self:
        """Cases that were kept, or discarded, before a time and still have their content."""
        return self.filter(state=state, reviewed_at__lt=before, emptied_at__isnull=True)


class Case(models.Model):
    """A conversation that somebody began with us, by form or by mail.

    It waits for us from the moment it is received, or its sender writes again, until it is
    answered. After a review it is kept or discarded; what was discarded loses its content.
    """

    class Topic(models.TextChoices):
        QUESTION = "question", _("A question about our services")
        BILLING = "billing", _("An order, an invoice or a payment")
        PRIVACY = "privacy", _("My personal information")
        SECURITY = "security", _("A question about security")
        OPT_OUT = "opt-out", _("Messages I do not want")
        FEEDBACK = "feedback", _("A comment on this site")
        CONDUCT = "conduct", _("A decision about my conduct")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        READ = "read", _("Read")
        ANSWERED = "answered", _("Answered")
        KEPT = "kept", _("Kept")
        DISCARDED = "discarded", _("Discarded")

    WAITING = (State.RECEIVED, State.READ)
    REVIEWED = (State.KEPT, State.DISCARDED)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=16, default=new_case_number, unique=True)
    topic = models.CharField(_("topic"), max_length=16, choices=Topic.choices)
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="cases"
    )
    # Whether the sender was signed in. An address alone can be anybody's.
    is_proven = models.BooleanField(_("signed in"), default=False)
    sender_address = SealedCharField(max_length=254, null=True)
    sender_digest = AddressDigest(of="sender_address")
    # What the first message says, keyed: enough to know copies of it that come from many.
    words_digest = models.CharField(max_length=LENGTH, null=True, editable=False)  # noqa: DJ001  unknown of old ones
    sender_name = SealedCharField(max_length=200, null=True)
    subject = SealedCharField(max_length=200, null=True)
    order_ref = SealedCharField(max_length=40, null=True)
    language = models.CharField(max_length=16, default="en")
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.RECEIVED
    )
    received_at = models.DateTimeField(_("received"))
    waiting_since = models.DateTimeField(_("waiting since"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)
    read_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered first"), null=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    assigned_to = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("assigned to")
    )
    # When what people wrote was erased. States and times stay, as proof that it was read.
    emptied_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [
            ("answer_case", "May open, assign, answer and close cases"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False),
                name="case_read_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "read"], waiting_since__isnull=False)
                | Q(state__in=["answered", "kept", "discarded"], waiting_since__isnull=True),
                name="case_waits_until_answered",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["kept", "discarded"], reviewed_at__isnull=False)
                | Q(state__in=["received", "read", "answered"], reviewed_at__isnull=True),
                name="case_ends_with_a_review",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered")
                | Q(answered_at__isnull=False, read_at__isnull=False),
                name="case_is_read_before_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state="read") | Q(read_at__isnull=False),
                name="case_read_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["waiting_since"],
                condition=Q(waiting_since__isnull=False),
                name="case_waiting",
            ),
            models.Index(fields=["customer", "-received_at"], name="case_of_customer"),
            models.Index(fields=["state", "reviewed_at"], name="case_by_state"),
            models.Index(fields=["answered_at"], name="case_answered"),
            # How many came lately from one sender, or with the same words.
            models.Index(fields=["sender_digest", "-received_at"], name="case_of_sender"),
            models.Index(
                fields=["words_digest", "-received_at"],
                condition=Q(words_digest__isnull=False),
                name="case_with_words",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("case", args=[self.number])

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING

    @property
    def due_at(self) -> datetime | None:
        """Until when we want to have answered."""
        if self.waiting_since is None:
            return None
        return plus_working_days(self.waiting_since, settings.CASE_TARGET_DAYS)

    def conversation(self) -> models.QuerySet[CaseMessage]:
        """What was written between the sender and us, the newest first."""
        said = self.messages.exclude(direction=CaseMessage.Direction.NOTE)
        return said.prefetch_related("attachments").order_by("-written_at", "-pk")

    @property
    def reply_address(self) -> str:
        """The address that a reply comes to, unguessable for others."""
        return f"case+{keyring().seal_address(REPLIES_TO, self.pk)}@{settings.MAIL_DOMAIN}"


class CaseMessage(models.Model):
    """What was written in a case: by its sender, by us, or among ourselves."""

    class Direction(models.TextChoices):
        IN = "in", _("from the sender")
        OUT = "out", _("our answer")
        NOTE = "note", _("internal note")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    text = SealedCharField(max_length=100_000, null=True)
    # Where a follow-up came from, if that is not the address the case is about.
    other_address = SealedCharField(max_length=254, null=True)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    # The Message-ID of its mail, and what finds it again: Message-IDs can name a person.
    message_id = SealedCharField(max_length=255, null=True)
    message_digest = models.CharField(max_length=LENGTH, null=True, editable=False, unique=True)  # noqa: DJ001  unique
    # JSON: the Message-IDs that its mail refers to.
    references = SealedCharField(max_length=4_000, null=True)
    # Of the form it was written in, so that a form sent twice is one message.
    form_id = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001  unique
    mail = models.ForeignKey(OutgoingMail, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(direction="in", author__isnull=True)
                | Q(direction__in=["out", "note"], author__isnull=False),
                name="case_message_of_ours_has_author",
            ),
        ]
        indexes = [models.Index(fields=["case", "written_at"], name="case_message_in_order")]

    def __str__(self) -> str:
        return f"{self.direction} {self.uid}"


class CaseAttachment(models.Model):
    """A file that came with a message, sealed; or that one came and was not taken.

    Handed out to staff alone, and only to be saved: a browser never shows it.
    """

    class Refusal(models.TextChoices):
        TOO_LARGE = "too-large", _("too large")
        TOO_MANY = "too-many", _("too many files")
        TYPE = "type", _("a kind of file that we do not take")
        SCANNER = "scanner", _("found to be dangerous")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(CaseMessage, on_delete=models.PROTECT, related_name="attachments")
    name = SealedCharField(max_length=200, null=True)
    size = models.PositiveIntegerField()
    refusal = models.CharField(max_length=16, choices=Refusal.choices, blank=True)
    # Opens the content, and is gone with it.
    key = SealedCharField(max_length=64, null=True)
    content = models.BinaryField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refusal="") | Q(content__isnull=True, key__isnull=True),
                name="case_attachment_refused_is_not_kept",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class CaseLink(models.Model):
    """A private link to a case, as it stands in a mail to its sender. Only its digest is kept."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    digest = models.CharField(max_length=LENGTH, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.made_at:%Y-%m-%d}"


class CaseEvent(AppendOnlyRow):
    """What became of a case, step by step. Never changed, and without what anybody wrote."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("received")
        WRITTEN_AGAIN = "written-again", _("the sender wrote again")
        READ = "read", _("read")
        ASSIGNED = "assigned", _("assigned")
        NOTED = "noted", _("internal note added")
        ANSWERED = "answered", _("answered")
        KEPT = "kept", _("kept after review")
        DISCARDED = "discarded", _("discarded after review")
        FETCHED = "fetched", _("attachment fetched")
        EMPTIED = "emptied", _("content erased")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    actor_kind = models.CharField(max_length=16, choices=ActorKind.choices)
    actor_user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # To whom it was assigned.
    assignee = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of a case")
        verbose_name_plural = _("steps of cases")
        indexes = [models.Index(fields=["case", "recorded_at"], name="case_event_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.recorded_at:%Y-%m-%d}"


class CannedAnswer(models.Model):
    """Words that staff often need, to begin an answer with."""

    title = models.CharField(_("title"), max_length=100, unique=True)
    text = models.TextField(_("text"), max_length=10_000)
    is_in_use = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("canned answer")
        verbose_name_plural = _("canned answers")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title
