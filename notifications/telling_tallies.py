"""How the database counts whom an announcement concerns and who is told, in SQL for both databases.

Triggers keep the counts (migrations/0013_telling_tallies); `progress` reads them, and counts the
rows themselves to check them.
"""

from __future__ import annotations

from bizsecure.core.counting import EARLIER, Counter, Spelling

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

    Whoever adds rows holds the customer, so what was there before has smaller keys. The proofs of
    each customer are looked up by a query of its own, so that no plan reads those of all.
    """
    is_told = (
        "(SELECT COUNT(*) FROM (SELECT 1 FROM {tellings} n"
        " WHERE n.announcement_id = t.announcement_id AND n.customer_id = t.customer_id"
        " AND n.retracts_id IS NULL{way}{old}"
        " AND NOT EXISTS (SELECT 1 FROM {tellings} r WHERE r.retracts_id = n.id{undone}) LIMIT 1)"
        " AS found)"
    )
    statements = []
    for what, way in WAYS:
        now = is_told.format(tellings=TELLINGS, way=way, old="", undone="")
        before = is_told.format(
            tellings=TELLINGS, way=way, old=EARLIER.format("n"), undone=EARLIER.format("r")
        )
        select = (
            f"SELECT announcement_id, '{what}', SUM(now - before) FROM ("  # noqa: S608
            f"SELECT t.announcement_id, {now} AS now, {before} AS before"
            " FROM (SELECT announcement_id, customer_id, MIN(id) AS first"
            f" FROM {spelling.added} AS a GROUP BY announcement_id, customer_id) t"
            ") AS changed WHERE 1 = 1 GROUP BY announcement_id HAVING SUM(now - before) <> 0"
        )
        statements.append(spelling.into(TALLY, KEY, select))
    return statements


COUNTERS = (
    Counter(ADDRESSEES, "tallied", "INSERT", _addressed, columns=("announcement_id",)),
    Counter(TELLINGS, "tallied", "INSERT", _told, columns=("id", "announcement_id", "customer_id")),
)
