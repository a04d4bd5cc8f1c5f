"""What this room keeps about a person, for the register of holdings."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.holdings import Holding, Row, declare, leave_out
from accounts.models import Customer
from accounts.services.erasing import keep
from consent.disclosed import disclosure_row
from consent.models import Acceptance, AddressOptOut, Choice, Disclosure, Notice
from consent.services.erasing import keep_refusals
from consent.wording import worded

ROWS_AT_ONCE = 2000


def _acceptances(customer: Customer) -> Iterator[Row]:
    rows = Acceptance.objects.filter(customer=customer).select_related("version")
    rows = worded(rows, "version__translations")
    for row in rows.order_by("sequence").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "recorded_at": row.recorded_at,
            "policy": row.version.words.title,
            "version": row.version.number,
            "text_hash": row.text_hash,
            "by": row.get_actor_kind_display(),
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


def _notices(customer: Customer) -> Iterator[Row]:
    rows = Notice.objects.filter(customer=customer).select_related("version")
    rows = worded(rows, "version__translations")
    for row in rows.order_by("sequence").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "recorded_at": row.recorded_at,
            "told_at": row.told_at,
            "policy": row.version.words.title,
            "version": row.version.number,
            "round": row.round,
            "way": row.get_channel_display(),
            "taken_back": row.retracts_id is not None,
            "message_id": row.message_id,
            "by": row.get_actor_kind_display(),
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


def _choices(customer: Customer) -> Iterator[Row]:
    rows = Choice.objects.filter(customer=customer).select_related("use", "version")
    rows = worded(rows, "version__translations")
    for row in rows.order_by("sequence").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "recorded_at": row.recorded_at,
            "use": row.use.key,
            "purpose": row.purpose,
            "information": row.use.data,
            "recipient": row.use.recipient,
            "answer": row.get_decision_display(),
            "way": row.get_method_display(),
            "version": row.version.number,
            "question_hash": row.question_hash,
            "language": row.language,
            "by": row.get_actor_kind_display(),
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


def _address_opt_outs(customer: Customer) -> Iterator[Row]:
    rows = AddressOptOut.objects.filter(digest=customer.address_digest).select_related("use")
    for row in rows.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "recorded_at": row.recorded_at,
            "use": row.use.key,
            "purpose": row.use.purpose,
            "way": row.get_method_display(),
            "by": row.get_actor_kind_display(),
        }


def _disclosures(customer: Customer) -> Iterator[Row]:
    # What the law forbids to tell today is not in the download of today either (DISC-1).
    rows = Disclosure.objects.visible_to(customer, timezone.now()).with_outcome()
    for row in rows.order_by("sequence").iterator(chunk_size=ROWS_AT_ONCE):
        yield disclosure_row(row)


declare(
    Holding(
        key="acceptances",
        title=_("Policies you accepted"),
        models=("consent.Acceptance",),
        rows=_acceptances,
        erase=keep,
        keeps=_("Which version of our policy the account was under, without your name."),
    )
)
declare(
    Holding(
        key="notices",
        title=_("Notices of changes"),
        models=("consent.Notice",),
        rows=_notices,
        erase=keep,
        keeps=_(
            "That you were told of each change, and when, as the proof that we keep our policy. "
            "It holds no address that could be read."
        ),
    )
)
declare(
    Holding(
        key="choices",
        title=_("Your choices"),
        models=("consent.Choice",),
        rows=_choices,
        erase=keep_refusals,
        keeps=_("What you said yes and no to, and when, without your name."),
    )
)
declare(
    Holding(
        key="opt-outs",
        title=_("What your e-mail address is opted out of"),
        models=("consent.AddressOptOut",),
        rows=_address_opt_outs,
        erase=keep,
        keeps=_(
            "Every no of yours, beside a fingerprint of your e-mail address from which nobody can "
            "read it. So a no stays a no, even if you come back."
        ),
    )
)
declare(
    Holding(
        key="disclosures",
        title=_("Who has it: what was given to others"),
        models=(
            *("consent.Disclosure", "consent.DisclosureEntry", "consent.DisclosureOutcome"),
            *("consent.DisclosureTold", "consent.BarLifted", "consent.GrantUse"),
        ),
        rows=_disclosures,
        erase=keep,
        keeps=_(
            "To whom we gave which kind of information, when and why, as the proof that nothing "
            "else left us. It does not say what the information was."
        ),
    )
)
leave_out("consent.VersionEvent", because="It names the member of staff who published.")
