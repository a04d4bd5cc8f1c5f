"""Of whom a pass must ask again whether they are to be told, noted by the database.

Who is affected by a change and neither told nor being told (services/announcing.py) depends on
the customer's address, whether it is proven and whether the account is closed; on a proof that is
taken back; and on a mail that is not sent after all, or is deleted. Since when somebody is a
customer never changes. Each such change leaves a row, in its own transaction. In SQL for both
databases.
"""

from __future__ import annotations

from bizsecure.core.counting import Counter, Spelling

CUSTOMERS, PROOFS = "accounts_customer", "consent_notice"
MAILS, CAMPAIGNS = "notifications_outgoingmail", "notifications_campaign"
OF_A_MAIL = ("campaign_id", "customer_id", "state")


def _noted(select: str) -> list[str]:
    return [f"INSERT INTO notifications_revisit (customer, taken) {select}"]


def _came(spelling: Spelling) -> list[str]:
    return _noted(
        f"SELECT c.id, false FROM {spelling.added} AS c"  # noqa: S608
        " WHERE c.email_verified_at IS NOT NULL"
    )


def _changed(spelling: Spelling) -> list[str]:
    return _noted("SELECT NEW.id, false")


def _taken_back(spelling: Spelling) -> list[str]:
    return _noted("SELECT NEW.customer_id, false")


def _not_sent(spelling: Spelling) -> list[str]:
    return _noted(f"{_of_a_notice(spelling.added)} AND m.state = 'dropped'")


def _deleted(spelling: Spelling) -> list[str]:
    return _noted(f"{_of_a_notice(spelling.removed)} AND m.state <> 'dropped'")


def _of_a_notice(mails: str) -> str:
    """Whom these mails were for, as far as they tell of a change that is still told of."""
    return (
        f"SELECT m.customer_id, false FROM {mails} AS m"  # noqa: S608
        f" JOIN {CAMPAIGNS} AS k ON k.id = m.campaign_id"
        " WHERE k.kind = 'policy_notice' AND k.stopped_at IS NULL"
    )


COUNTERS = (
    Counter(
        *(CUSTOMERS, "revisited", "INSERT", _came),
        columns=("id", "email_verified_at"),
        on_sqlite="NEW.email_verified_at IS NOT NULL",
    ),
    Counter(
        *(CUSTOMERS, "revisited", "UPDATE", _changed),
        when=(
            "OLD.email <> NEW.email"
            " OR (OLD.email_verified_at IS NULL) <> (NEW.email_verified_at IS NULL)"
            " OR (OLD.status = 'closed') <> (NEW.status = 'closed')"
        ),
    ),
    Counter(
        *(PROOFS, "revisited", "INSERT", _taken_back),
        when="NEW.retracts_id IS NOT NULL",
    ),
    Counter(
        *(MAILS, "revisited", "UPDATE", _not_sent),
        columns=OF_A_MAIL,
        on_sqlite="NEW.state = 'dropped' AND OLD.state <> 'dropped'",
    ),
    Counter(
        *(MAILS, "revisited", "DELETE", _deleted),
        columns=OF_A_MAIL,
        on_sqlite="OLD.state <> 'dropped'",
    ),
)
