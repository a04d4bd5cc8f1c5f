"""How fast campaigns go: no faster than the settings say, and slower where servers want it.

Limits hold for all workers together, because they are rows (Pace). Each worker asks how many of
the mails it has just read may go now. What has to wait for its domain is due later, without a try
counted; when the mail server itself must wait, the worker does. What servers answer changes the
speed: half as fast once many mails are wanted later (4xx), a quarter faster again each time a
while has passed without. Single mails are not held back: they are few, and somebody waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.due import DueMail, Mail
from notifications.models import Pace
from notifications.transport import Delivery

# The name under which the mail server itself is paced.
SERVER = ""
EVERY_DOMAIN = "*"
# So much of the speed is used at once; then the worker waits, and nobody's lease suffers.
AT_ONCE = timedelta(seconds=5)
# What waits for its domain is looked at again after that at the latest.
LOOKED_AT_AGAIN = timedelta(hours=1)
SLOWEST, FASTEST = 60.0, 60_000.0
SLOWER, FASTER = 0.5, 1.25
# A single full mailbox makes nothing slower, nor does one domain the whole server.
FEWEST_LATER, SHARE_OF_A_DOMAIN, SHARE_OF_ALL = 3, 0.1, 0.5
SHORTEST_STRETCH = 0.05
NOT_NOW = range(400, 500)
DISMISSED = 421


@dataclass(frozen=True)
class Allowed:
    """Which mails may go now; when the others of their domain may; when the server is free."""

    now: list[DueMail]
    later: dict[int, datetime]
    server_free_at: datetime | None


@dataclass
class _Line:
    """Mails behind one another, one each `gap`."""

    row: Pace
    gap: timedelta
    free_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, row: Pace, per_minute: float | None, now: datetime) -> _Line:
        gap = timedelta(minutes=1) / per_minute if per_minute else timedelta()
        # Further ahead than anybody writes: by a clock that was wrong and was put right.
        known = row.free_at if row.free_at <= now + LOOKED_AT_AGAIN else now
        return cls(row, gap, max(known, now), max(known, now))


def allowed(*, mails: Sequence[DueMail], now: datetime) -> Allowed:
    """Return which of these mails may be offered now; what may go counts as gone."""
    known = set(Pace.objects.values_list("domain", flat=True))
    domains = {SERVER, *map(domain_of, mails)}
    paced = {domain for domain in domains if domain in known or limit_of(domain)}
    if not paced:
        return Allowed(list(mails), {}, None)
    return _in_line(mails, paced, paced - known, now)


@transaction.atomic
def _in_line(mails: Sequence[DueMail], paced: set[str], fresh: set[str], now: datetime) -> Allowed:
    """Let the mails stand in line, those of domains that are paced."""
    lines = _lines(paced, fresh, now)
    go: list[DueMail] = []
    later: dict[int, datetime] = {}
    server = lines.get(SERVER)
    for mail in mails:
        if server and server.free_at > now + AT_ONCE:
            break
        line = lines.get(domain_of(mail))
        if line and line.free_at > now + AT_ONCE:
            line.ends_at = min(max(line.ends_at, line.free_at) + line.gap, now + LOOKED_AT_AGAIN)
            later[mail.pk] = line.ends_at
            continue
        go.append(mail)
        for each in (server, line):
            if each:
                each.free_at += each.gap
    for line in lines.values():
        Pace.objects.filter(pk=line.row.pk).update(free_at=line.free_at)
    waits = len(go) + len(later) < len(mails)
    return Allowed(go, later, server.free_at if server and waits else None)


def learn(*, results: Iterable[tuple[Mail, Delivery]], seconds: float, now: datetime) -> None:
    """Go slower where many mails are wanted later, and faster again where none is any more.

    `seconds` is how long these answers took to come. In the transaction of whoever records them.
    """
    answered, later = Counter[str](), Counter[str]()
    codes = set()
    for mail, delivery in results:
        if delivery.code is not None:
            codes.add(delivery.code)
            answered[domain_of(mail)] += 1
            later[domain_of(mail)] += delivery.code in NOT_NOW
    slower = {
        domain
        for domain in later
        if later[domain] >= max(FEWEST_LATER, SHARE_OF_A_DOMAIN * answered[domain])
    }
    if DISMISSED in codes or (len(slower) > 1 and later.total() > SHARE_OF_ALL * answered.total()):
        slower.add(SERVER)
    answered[SERVER] = answered.total()
    for domain in sorted(slower):
        _slow_down(domain, 60 * answered[domain] / max(seconds, SHORTEST_STRETCH), now)
    _speed_up({domain for domain in answered if not later[domain]} - slower, now)


def rest(*, now: datetime) -> None:
    """Offer the mail server no campaign for a while: it said that it wants no more (421)."""
    until = now + timedelta(seconds=settings.NOTICE_RETRY_SECONDS)
    Pace.objects.update_or_create(
        domain=SERVER,
        defaults={"free_at": until},
        create_defaults={"free_at": until, "changed_at": now},
    )


def forget_old_paces(*, now: datetime) -> int:
    """Forget domains that nothing was learned of for a day."""
    old = Pace.objects.filter(
        changed_at__lt=now - timedelta(days=1), free_at__lt=now - timedelta(days=1)
    )
    return old.delete()[0]


def domain_of(mail: Mail) -> str:
    """Return the domain that a mail goes to."""
    return mail.address.rpartition("@")[2].lower()


def limit_of(domain: str) -> float | None:
    """Return how many mails a minute the settings allow to a domain, or to the server."""
    if domain == SERVER:
        return settings.MAIL_PER_MINUTE or None
    limits = settings.MAIL_DOMAIN_PER_MINUTE
    limit: float | None = limits.get(domain, limits.get(EVERY_DOMAIN))
    return limit


def _lines(paced: set[str], fresh: set[str], now: datetime) -> dict[str, _Line]:
    """The lines of these domains, held until the transaction ends; those that are new begin."""
    if fresh:
        rows = [Pace(domain=domain, free_at=now, changed_at=now) for domain in sorted(fresh)]
        Pace.objects.bulk_create(rows, ignore_conflicts=True)
    held = Pace.objects.select_for_update().filter(domain__in=paced).order_by("domain")
    lines = {}
    for row in held:
        speeds = [speed for speed in (row.per_minute, limit_of(row.domain)) if speed]
        lines[row.domain] = _Line.of(row, min(speeds, default=None), now)
    return lines


def _slow_down(domain: str, measured: float, now: datetime) -> None:
    row, _is_new = Pace.objects.select_for_update().get_or_create(
        domain=domain, defaults={"free_at": now, "changed_at": now}
    )
    speed = min(row.per_minute or measured, limit_of(domain) or measured)
    row.per_minute, row.changed_at = max(SLOWER * speed, SLOWEST), now
    row.save(update_fields=["per_minute", "changed_at"])


def _speed_up(domains: set[str], now: datetime) -> None:
    # A fifth of the first wait of a mail: a minute, unless that is set otherwise.
    since = now - timedelta(seconds=settings.NOTICE_RETRY_SECONDS / 5)
    slowed = Pace.objects.filter(per_minute__isnull=False, changed_at__lte=since)
    for row in slowed.order_by("domain"):
        if row.domain in domains:
            faster = FASTER * (row.per_minute or 0)
            is_free = faster >= (limit_of(row.domain) or FASTEST)
            # By compare-and-set: two workers that learn the same are no reason to hurry twice.
            same = Pace.objects.filter(pk=row.pk, changed_at=row.changed_at)
            same.update(per_minute=None if is_free else faster, changed_at=now)
