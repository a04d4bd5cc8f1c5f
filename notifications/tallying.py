"""How the database counts the mails of each campaign by their state, in SQL for both databases.

Triggers keep the counts (migrations/0010_tallies); `progress` and the metrics read them. A mail
that is deleted stays counted as what became of it; if it still waited, as dropped.
"""

from __future__ import annotations

from bizsecure.core.counting import Counter, Spelling

MAILS, TALLY = "notifications_outgoingmail", "notifications_mailtally"
# A single mail counts for campaign 0.
KEY = ("campaign", "state")
COLUMNS = ("campaign_id", "state")
WAITING = "('queued', 'deferred')"


def everything(spelling: Spelling) -> list[str]:
    """Count the mails that are there."""
    return [spelling.into(TALLY, KEY, _sums(_signed(MAILS, 1)))]


def _written(spelling: Spelling) -> list[str]:
    return [spelling.into(TALLY, KEY, _sums(_signed(spelling.added, 1)))]


def _moved(spelling: Spelling) -> list[str]:
    moves = f"{_signed(spelling.added, 1)} UNION ALL {_signed(spelling.removed, -1)}"
    return [spelling.into(TALLY, KEY, _sums(moves))]


def _deleted(spelling: Spelling) -> list[str]:
    waited = f"(SELECT campaign_id, state FROM {spelling.removed} AS d WHERE state IN {WAITING})"  # noqa: S608
    dropped = f"(SELECT campaign_id, 'dropped' AS state FROM {waited} AS w)"  # noqa: S608
    return [
        spelling.into(TALLY, KEY, _sums(f"{_signed(dropped, 1)} UNION ALL {_signed(waited, -1)}"))
    ]


def _signed(rows: str, sign: int) -> str:
    return f"SELECT COALESCE(campaign_id, 0) AS campaign, state, {sign} AS sign FROM {rows} AS m"  # noqa: S608


def _sums(signed: str) -> str:
    return (
        f"SELECT campaign, state, SUM(sign) FROM ({signed}) AS moves"  # noqa: S608
        " GROUP BY campaign, state HAVING SUM(sign) <> 0"
    )


COUNTERS = (
    Counter(MAILS, "tallied", "INSERT", _written, columns=COLUMNS),
    Counter(
        MAILS, "tallied", "UPDATE", _moved, columns=COLUMNS, on_sqlite="OLD.state <> NEW.state"
    ),
    Counter(
        MAILS, "tallied", "DELETE", _deleted, columns=COLUMNS, on_sqlite=f"OLD.state IN {WAITING}"
    ),
)
