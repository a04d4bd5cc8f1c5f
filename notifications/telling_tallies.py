"""How the database counts whom an announcement concerns and who is told, in SQL for both databases.

Triggers keep the counts (migrations/0013_telling_tallies); `progress` reads them, and counts the
rows themselves to check them.
"""

from __future__ import annotations

from bizsecure.core.counting import Counter, Spelling

ADDRESSEES, TELLINGS = "notifications_addressee", "notifications_telling"
TALLY = "notifications_tellingtally"
KEY = ("announcement", "what")
# What is counted, and which tellings count for it.
WAYS = (
    ("told", ""),
    ("shown", " AND n.channel = 'shown'"),
    ("letter", " AND n.channel = 'letter'"),
)


def everything(spelling: Spelling) -> list[str]:
    """Count the addressees and the tellings that are there."""
    addressed = (
        f"SELECT announcement_id, 'addressed', COUNT(*) FROM {ADDRESSEES}"  # noqa: S608
        " WHERE 1 = 1 GROUP BY announcement_id"
    )
    told = (
        f"SELECT n.announcement_id, '{what}', COUNT(DISTINCT n.customer_id)"  # noqa: S608
        f" FROM {TELLINGS} n LEFT JOIN {TELLINGS} r ON r.retracts_id = n.id"
        f" WHERE n.retracts_id IS NULL AND r.id IS NULL{way} GROUP BY n.announcement_id"
        for what, way in WAYS
    )
    return [spelling.into(TALLY, KEY, select) for select in (addressed, *told)]


def _addressed(spelling: Spelling) -> list[str]:
    select = (
        f"SELECT announcement_id, 'addressed', COUNT(*) FROM {spelling.added} AS a"  # noqa: S608
        " WHERE 1 = 1 GROUP BY announcement_id"
    )
    return [spelling.into(TALLY, KEY, select)]


def _told(spelling: Spelling) -> list[str]:
    """Who is told for the first time, or is untold again, by the rows just added.

    Whoever adds rows holds the customer, so what was there before has smaller keys.
    """
    return [
        spelling.into(
            TALLY,
            KEY,
            f"SELECT announcement_id, '{what}', SUM(now - before) FROM ("  # noqa: S608
            "SELECT t.announcement_id, t.customer_id,"
            " MAX(CASE WHEN r.id IS NULL THEN 1 ELSE 0 END) AS now,"
            " MAX(CASE WHEN n.id < t.first AND (r.id IS NULL OR r.id >= t.first)"
            " THEN 1 ELSE 0 END) AS before"
            " FROM (SELECT announcement_id, customer_id, MIN(id) AS first"
            f" FROM {spelling.added} AS a GROUP BY announcement_id, customer_id) t"
            f" JOIN {TELLINGS} n ON n.announcement_id = t.announcement_id"
            f" AND n.customer_id = t.customer_id AND n.retracts_id IS NULL{way}"
            f" LEFT JOIN {TELLINGS} r ON r.retracts_id = n.id"
            " GROUP BY t.announcement_id, t.customer_id"
            ") AS changed WHERE 1 = 1 GROUP BY announcement_id HAVING SUM(now - before) <> 0",
        )
        for what, way in WAYS
    ]


COUNTERS = (
    Counter(ADDRESSEES, "tallied", "INSERT", _addressed, columns=("announcement_id",)),
    Counter(TELLINGS, "tallied", "INSERT", _told, columns=("id", "announcement_id", "customer_id")),
)
