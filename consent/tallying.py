"""How the database counts what a report of a change says, in SQL for both databases.

Triggers keep the counts (migrations/0013_tallies), `recount` makes them anew, and `counting`
reads them. What is counted is defined in audience.py; tests hold the two equal.
"""

from __future__ import annotations

from bizsecure.core.counting import EARLIER, SIGNS, Counter, Spelling

TALLY = "consent_tally"
KEY = ("what", "version", "round", "use", "bucket")
# Customers are counted by the day on which they joined, tellings by the quarter of an hour: the
# days of every zone begin with one.
DAY, QUARTER = 24 * 60 * 60, 15 * 60

STANDING = (
    "n.retracts_id IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM consent_notice r WHERE r.retracts_id = n.id)"
)

EVERYBODY = "(SELECT DISTINCT use_id, customer_id FROM consent_choice)"


def everything(spelling: Spelling) -> list[str]:
    """Count what is there: customers served, those told of each change, and their answers."""
    day = spelling.bucket("c.joined_at", DAY)
    quarter = spelling.bucket("first", QUARTER)
    served = (
        f"SELECT 'served', 0, 0, 0, {day}, COUNT(*) FROM accounts_customer c"  # noqa: S608
        f" WHERE c.status <> 'closed' GROUP BY {day}"
    )
    told = (
        f"SELECT 'told', version_id, round, 0, {quarter}, COUNT(*) FROM ("  # noqa: S608
        "SELECT n.version_id, n.round, n.customer_id, MIN(n.told_at) AS first"
        " FROM consent_notice n"
        " JOIN accounts_customer c ON c.id = n.customer_id"
        " JOIN consent_policyversion v ON v.id = n.version_id"
        f" WHERE {STANDING} AND {_affected()}"
        " GROUP BY n.version_id, n.round, n.customer_id"
        f") AS firsts WHERE 1 = 1 GROUP BY version_id, round, {quarter}"
    )
    answers = (
        "SELECT now, version_id, 0, use_id, 0, COUNT(*) FROM ("  # noqa: S608
        f"{_decisions(EVERYBODY, before=False)}"
        ") AS answered WHERE now IS NOT NULL GROUP BY now, version_id, use_id"
    )
    return [spelling.into(TALLY, KEY, select) for select in (served, told, answers)]


def _affected() -> str:
    return "c.status <> 'closed' AND v.base_id IS NOT NULL AND c.joined_at < v.effective_at"


def _joined(spelling: Spelling) -> list[str]:
    day = spelling.bucket("c.joined_at", DAY)
    served = (
        f"SELECT 'served', 0, 0, 0, {day}, COUNT(*) FROM {spelling.added} c"  # noqa: S608
        f" WHERE c.status <> 'closed' GROUP BY {day}"
    )
    return [spelling.into(TALLY, KEY, served)]


def _moved(spelling: Spelling) -> list[str]:
    return [*_of_one(spelling, "OLD", -1), *_of_one(spelling, "NEW", 1)]


def _left(spelling: Spelling) -> list[str]:
    return _of_one(spelling, "OLD", -1)[:1]


def _of_one(spelling: Spelling, row: str, sign: int) -> list[str]:
    """What one customer counts for, taken away or added."""
    person = f"(SELECT {row}.id AS id, {row}.status AS status, {row}.joined_at AS joined_at)"
    day = spelling.bucket("c.joined_at", DAY)
    quarter = spelling.bucket("MIN(n.told_at)", QUARTER)
    asked = "(SELECT DISTINCT use_id, customer_id FROM consent_choice WHERE customer_id = {}.id)"
    served = (
        f"SELECT 'served', 0, 0, 0, {day}, {sign} FROM {person} c"  # noqa: S608
        " WHERE c.status <> 'closed'"
    )
    told = (
        f"SELECT 'told', n.version_id, n.round, 0, {quarter}, {sign}"  # noqa: S608
        f" FROM {person} c JOIN consent_notice n ON n.customer_id = c.id"
        " JOIN consent_policyversion v ON v.id = n.version_id"
        f" WHERE {STANDING} AND {_affected()} GROUP BY n.version_id, n.round"
    )
    answers = (
        f"SELECT now, version_id, 0, use_id, 0, {sign} FROM ("  # noqa: S608
        f"{_decisions(asked.format(row), before=False, person=person)}"
        ") AS answered WHERE now IS NOT NULL"
    )
    return [spelling.into(TALLY, KEY, select) for select in (served, told, answers)]


def _told(spelling: Spelling) -> list[str]:
    """Who was told for the first time, or earlier, or is untold again, by the rows just added.

    Whoever adds rows holds the customer, so what was there before has smaller keys. The proofs of
    each customer are looked up by a query of its own: a join may be planned the other way round,
    and would then read all proofs of the version for each few that are added. They are looked up
    once more only for whom one was taken back.
    """
    first_told = (
        "(SELECT MIN(n.told_at) FROM consent_notice n"
        " WHERE n.version_id = t.version_id AND n.customer_id = t.customer_id"
        " AND n.round = t.round AND n.retracts_id IS NULL{}"
        " AND NOT EXISTS (SELECT 1 FROM consent_notice r WHERE r.retracts_id = n.id{}))"
    )
    anew, before = (
        first_told.format("", ""),
        first_told.format(EARLIER.format("n"), EARLIER.format("r")),
    )
    changed = (
        f"SELECT 'told', version_id, round, 0, bucket, SUM(sign) FROM ("  # noqa: S608
        "SELECT f.version_id, f.round, s.sign,"
        f" CASE s.sign WHEN 1 THEN {spelling.bucket('f.now', QUARTER)}"
        f" ELSE {spelling.bucket('f.before', QUARTER)} END AS bucket FROM ("
        "SELECT t.version_id, t.round, t.before, CASE"
        f" WHEN t.taken_back IS NOT NULL THEN {anew}"
        " WHEN t.before < t.told_at THEN t.before ELSE t.told_at END AS now"
        # DISTINCT as a fence: else it would be looked up for each place where it is named.
        f" FROM (SELECT DISTINCT t.*, {before} AS before"
        " FROM (SELECT version_id, round, customer_id, MIN(id) AS first,"
        " MIN(told_at) AS told_at, MIN(retracts_id) AS taken_back"
        f" FROM {spelling.added} AS a GROUP BY version_id, round, customer_id) t"
        " JOIN accounts_customer c ON c.id = t.customer_id"
        " JOIN consent_policyversion v ON v.id = t.version_id"
        f" WHERE {_affected()}) t"
        f") AS f CROSS JOIN {SIGNS} AS s"
        ") AS changed WHERE bucket IS NOT NULL"
        " GROUP BY version_id, round, bucket HAVING SUM(sign) <> 0"
    )
    return [spelling.into(TALLY, KEY, changed)]


def _answered(spelling: Spelling) -> list[str]:
    """Whose last word is another one since the rows just added."""
    asked = (
        "(SELECT use_id, customer_id, MIN(id) AS first"  # noqa: S608
        f" FROM {spelling.added} AS a GROUP BY use_id, customer_id)"
    )
    changed = (
        "SELECT decision, version_id, 0, use_id, 0, SUM(sign) FROM ("  # noqa: S608
        "SELECT d.version_id, d.use_id, s.sign,"
        " CASE s.sign WHEN 1 THEN d.now ELSE d.before END AS decision FROM ("
        f"{_decisions(asked, before=True)}"
        f") AS d CROSS JOIN {SIGNS} AS s"
        ") AS changed WHERE decision IS NOT NULL"
        " GROUP BY decision, version_id, use_id HAVING SUM(sign) <> 0"
    )
    return [spelling.into(TALLY, KEY, changed)]


def _decisions(asked: str, *, before: bool, person: str = "accounts_customer") -> str:
    """For each use a version brought in: what each of these decided last, under it or later."""
    last = (
        "(SELECT h.decision FROM consent_choice h"
        " JOIN consent_policyversion w ON w.id = h.version_id"
        " WHERE h.use_id = t.use_id AND h.customer_id = t.customer_id"
        " AND w.number >= v.number{} ORDER BY h.sequence DESC LIMIT 1)"
    )
    was = last.format(EARLIER.format("h"))
    return (
        f"SELECT u.version_id, u.use_id, {last.format('')} AS now"  # noqa: S608
        f"{f', {was} AS before' if before else ''}"
        f" FROM {asked} t"
        f" JOIN {person} c ON c.id = t.customer_id"
        " JOIN consent_declareduse u ON u.use_id = t.use_id AND u.introduced_by_id = u.version_id"
        " JOIN consent_policyversion v ON v.id = u.version_id"
        f" WHERE {_affected()}"
    )


COUNTERS = (
    Counter(
        "accounts_customer", "tallied", "INSERT", _joined, columns=("id", "status", "joined_at")
    ),
    Counter(
        "accounts_customer",
        "tallied",
        "UPDATE",
        _moved,
        when=(
            "(OLD.status = 'closed') <> (NEW.status = 'closed')"
            " OR OLD.joined_at IS DISTINCT FROM NEW.joined_at"
        ),
    ),
    Counter("accounts_customer", "tallied", "DELETE", _left, when="OLD.status <> 'closed'"),
    Counter(
        "consent_notice",
        "tallied",
        "INSERT",
        _told,
        columns=("id", "version_id", "round", "customer_id", "told_at", "retracts_id"),
    ),
    Counter(
        "consent_choice", "tallied", "INSERT", _answered, columns=("id", "use_id", "customer_id")
    ),
)
