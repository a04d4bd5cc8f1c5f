"""What customers were told, accepted and chose: rows that are only ever added."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.actors import ActorKind
from accounts.models import CustomerRow, Mandate, User
from bizsecure.core.ledger import AppendOnlyRow, ledger_constraints
from consent.models.policies import PolicyVersion, Use
from consent.querysets import NOT_BY_MAIL, NoticeQuerySet


class Acceptance(CustomerRow):
    """That a customer accepted a version of a policy by joining under it (CHANGE-4)."""

    hashed = ("version_id", "text_hash", "actor_kind", "actor_user_id", "recorded_at")

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    text_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            *ledger_constraints("acceptance"),
            models.UniqueConstraint(fields=["customer", "version"], name="acceptance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} accepted"


class Notice(CustomerRow):
    """Proof that this customer was told of this change, or the retraction of such a proof.

    Told means: the customer's mail server took the mail, or the notice was shown while signed
    in or at sign-up, or a letter went out. A bounce retracts by a further row.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("by e-mail")
        SHOWN = "shown", _("on this site")
        SIGN_UP = "sign_up", _("when you joined")
        LETTER = "letter", _("by letter")

    hashed = (
        "version_id",
        "round",
        "channel",
        "told_at",
        "retracts_id",
        "address_digest",
        "message_id",
        "actor_kind",
        "actor_user_id",
        "recorded_at",
    )

    # Found by version and customer together; an index of its own would only mislead planners.
    version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    round = models.PositiveIntegerField()
    channel = models.CharField(max_length=16, choices=Channel.choices)
    told_at = models.DateTimeField()
    address_digest = models.CharField(max_length=40, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    retracts = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="retractions", db_index=False
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            *ledger_constraints("notice"),
            # A mail that is handed over twice, because a worker died in between, proves once.
            # A bounce names the message alone.
            models.UniqueConstraint(
                fields=["message_id", "customer"],
                condition=~Q(message_id="") & Q(retracts__isnull=True),
                name="notice_once_a_message",
            ),
            models.UniqueConstraint(
                fields=["retracts"],
                condition=Q(retracts__isnull=False),
                name="notice_retracted_once",
            ),
            models.CheckConstraint(
                # A letter that is in the post counts from the day on which it has arrived.
                condition=Q(told_at__lte=F("recorded_at")) | Q(channel="letter"),
                name="notice_not_ahead_of_time",
            ),
        ]
        indexes = [
            models.Index(fields=["version", "customer"], name="notice_of_version"),
            models.Index(
                fields=["version", "round", "customer"],
                name="notice_taken_back",
                condition=Q(retracts__isnull=False),
            ),
            # The few that are not of a mail, for those who look for them.
            models.Index(
                fields=["channel", "-id"], name="notice_by_channel", condition=NOT_BY_MAIL
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} told {self.get_channel_display()}"


class Choice(CustomerRow):
    """A customer's yes or no to a use, with the words that were seen (CHANGE-3).

    A change of mind is a further row; the latest row of the chain counts. No address of a
    network or machine is kept with it (LOG-2).
    """

    class Decision(models.TextChoices):
        GRANTED = "granted", _("Yes")
        REFUSED = "refused", _("No")

    class Method(models.TextChoices):
        PANEL = "panel", _("in your account")
        MAIL_LINK = "mail_link", _("by the link in a mail")
        ONE_CLICK = "one_click", _("by one click in your mail program")
        OPT_OUT_MAIL = "opt_out_mail", _("by a mail to our opt-out address")
        BROWSER = "browser", _("by a signal of your browser")
        COMPLAINT = "complaint", _("by marking our mail as spam")
        STAFF = "staff", _("through our staff")
        EARLIER = "earlier", _("by what you told us earlier")

    hashed = (
        "use_id",
        "version_id",
        "decision",
        "method",
        "question_hash",
        "language",
        "mandate_id",
        "actor_kind",
        "actor_user_id",
        "recorded_at",
    )

    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="choices", db_index=False)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=16, choices=Decision.choices)
    method = models.CharField(max_length=16, choices=Method.choices)
    question_hash = models.CharField(max_length=64)
    language = models.CharField(max_length=16)
    # What the customer asked for, where staff wrote the decision down.
    mandate = models.ForeignKey(
        Mandate, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = ledger_constraints("choice")
        indexes = [
            models.Index(fields=["use", "customer", "-sequence"], name="choice_latest"),
            models.Index(fields=["method", "-id"], name="choice_by_method"),
            # For the pictures of how often customers say no, and by which way.
            models.Index(
                fields=["recorded_at", "method", "use"],
                name="choice_refused_when",
                condition=Q(decision="refused"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use_id} {self.decision}"

    @property
    def purpose(self) -> str:
        """To what end the use is that it is about, as the reader reads it."""
        return self.version.purpose_of(self.use)

    @property
    def answer(self) -> str:
        """The decision as the forms write it: yes or no."""
        return "yes" if self.decision == self.Decision.GRANTED else "no"


class AddressOptOut(AppendOnlyRow):
    """A no that belongs to a mail address, whoever has it now or will have it (OPT-1).

    What others call a suppression list. It outlives imports, closing and signing up again, and
    only a yes that is younger outweighs it. The address itself is not in it.
    """

    digest = models.CharField(max_length=40)
    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="+", db_index=False)
    method = models.CharField(max_length=16, choices=Choice.Method.choices)
    actor_kind = models.CharField(max_length=16, choices=ActorKind.choices)
    actor_user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["digest", "use", "-recorded_at"], name="address_opt_out_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.use_id} refused"
