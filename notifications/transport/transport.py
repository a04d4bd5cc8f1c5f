"""Sending messages over connections that are kept, renewed and given up when they must be."""

from __future__ import annotations

import select
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from itertools import chain
from time import monotonic
from types import TracebackType
from typing import Generic, Self

from notifications.transport.connection import Connection, Unreachable
from notifications.transport.conversation import Conversation, Result, Wait
from notifications.transport.envelope import UNTRIED, Delivery, Envelope, Key, Outcome
from notifications.transport.server import Server

MESSAGES_FOR_A_LANE = 8
"""A further connection is opened each time so many more messages are settled: a few mails need
one, and a server that answers slowly is not met with all of them at once."""

MOST_PASSED = 50
"""So many that wait for their domain may be passed by others; then those others wait, too."""

DOUBT, MOST_DOUBT = 10, 30
"""A message that the server wants later (4xx) raises doubts that ten taken messages settle again.
Beyond the most there are half as many lanes: one of ten is wanted later, and not just one."""

TAKEN_FOR_A_LANE = 100
"""A lane that was closed for that is opened again once so many were taken: down at once, up
slowly."""

FRUITLESS_CONNECTIONS = 2
"""So many connections lost in a row without one message settled mean the server is unwell.
One alone may be the fault of a single message, which must not hold up those behind it."""


class Transport:
    """A way to one mail server, over `server.connections` connections at most, for one thread.

    Nothing is connected before the first message. Used as a context manager it says goodbye
    to the server at the end.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._kept: list[Connection] = []
        self.is_given_up = False
        """Whether the server turned out to be away, unwell or done with us for now."""
        self.was_dismissed = False
        """Whether it said so itself: 421, no more mail for now."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections politely; the next message opens a new one."""
        while self._kept:
            self._kept.pop().quit()

    def send(self, *, sender: str, recipient: str, message: bytes) -> Delivery:
        """Send one message and return what became of it.

        Raises ValueError if the addresses or the message cannot go on the wire.
        """
        [(_, delivery)] = self.send_many([Envelope(None, sender, recipient, message)])
        return delivery

    def send_many(self, envelopes: Iterable[Envelope[Key]]) -> Iterator[Result[Key]]:
        """Yield the key of each envelope and what became of its message, as each is known.

        On each connection at most one message at a time is with the server and unanswered, so
        a process that is killed here leaves at most so many of which nobody knows. Envelopes
        are asked for while their predecessors are under way; a caller that stops asking for
        results makes the messages not yet handed over stay here.

        A lost connection costs the message it was lost at; the next one opens another. When
        the server cannot be reached, wants no more mail (421) or loses one connection after
        the other, the rest is UNTRIED; so is what
        had to wait past its `fresh_until`. Where it only takes fewer
        connections than allowed, fewer are used; and fewer after each message that it wants
        later (4xx), until it has taken many again. Mails to one domain are under way on
        `server.domain_connections` of them at most; those of others go before them.
        """
        server = self._server
        limited = server.domain_connections < server.connections
        stock = Stock(envelopes, server.domain_connections if limited else None)
        yield from Journey(self, stock, server.connections).results()
        for envelope in stock.rest():
            yield envelope.key, UNTRIED

    def take_connection(self) -> Connection:
        """Return a connection that nobody else uses: a kept one if it still works."""
        while self._kept:
            connection = self._kept.pop()
            if connection.is_usable():
                return connection
        return Connection(self._server)

    def put_back(self, connection: Connection) -> None:
        """Keep a connection that has done its work for the next, or end it."""
        if connection.is_open and connection.room > 0:
            self._kept.append(connection)
        else:
            connection.quit()


class Stock(Generic[Key]):
    """The envelopes still to be sent, in their order, shared by all lanes.

    Those for one domain are under way on `lanes_for_a_domain` at most, if that is given. Who has to
    wait for that is passed by others, but not by many: what was read long ago counts for less and
    less.
    """

    def __init__(
        self, envelopes: Iterable[Envelope[Key]], lanes_for_a_domain: int | None = None
    ) -> None:
        self._waiting = iter(envelopes)
        self._left: deque[Envelope[Key]] = deque()
        self._stale: list[Envelope[Key]] = []
        self._lanes_for_a_domain = lanes_for_a_domain
        self._under_way: defaultdict[str, Counter[Hashable]] = defaultdict(Counter)
        self.is_closed = False
        """Set when the server is to get nothing more: those under way are the last."""

    def draw(self, lane: Hashable) -> Envelope[Key] | None:
        """Return the next that may go on this lane; it is under way there until it is `settled`."""
        if self.is_closed:
            return None
        passed: list[Envelope[Key]] = []
        found = None
        while found is None and (envelope := self._next(len(passed))) is not None:
            if monotonic() > envelope.fresh_until:
                self._stale.append(envelope)
            elif self._has_to_wait(envelope, lane):
                passed.append(envelope)
            else:
                found = envelope
        self._left.extendleft(reversed(passed))
        if found is not None and self._lanes_for_a_domain is not None:
            self._under_way[found.domain][lane] += 1
        return found

    def has_one_for_a_new_lane(self) -> bool:
        """Return whether another lane would have something to do."""
        new_lane = object()
        envelope = self.draw(new_lane)
        if envelope is not None:
            self.return_left(envelope, new_lane)
        return envelope is not None

    def settled(self, envelope: Envelope[Key], lane: Hashable) -> None:
        """Note that an envelope that was drawn for this lane is not under way any more."""
        if self._lanes_for_a_domain is None:
            return
        lanes = self._under_way[envelope.domain]
        lanes[lane] -= 1
        if not lanes[lane]:
            del lanes[lane]
        if not lanes:
            del self._under_way[envelope.domain]

    def return_left(self, envelope: Envelope[Key], lane: Hashable) -> None:
        """Take back an envelope that was not offered. While it is fresh, it is the next."""
        self.settled(envelope, lane)
        self._left.append(envelope)

    def rest(self) -> Iterator[Envelope[Key]]:
        """Everything that was not sent."""
        return chain(self._stale, self._left, self._waiting)

    def _has_to_wait(self, envelope: Envelope[Key], lane: Hashable) -> bool:
        if self._lanes_for_a_domain is None:
            return False
        lanes = self._under_way.get(envelope.domain, ())
        return len(lanes) >= self._lanes_for_a_domain and lane not in lanes

    def _next(self, passed: int) -> Envelope[Key] | None:
        if self._left:
            return self._left.popleft()
        return next(self._waiting, None) if passed < MOST_PASSED else None


class Lane(Generic[Key]):
    """A connection, the conversation on it, and until when that waits for the server."""

    def __init__(
        self,
        connection: Connection,
        stock: Stock[Key],
        may_go_on: Callable[[], bool],
    ) -> None:
        self.connection = connection
        self._stock, self._may_go_on = stock, may_go_on
        first = stock.draw(self)
        self.has_work = first is not None
        # Those under way here, in the order in which they are settled.
        self._drawn = deque([first] if first is not None else [])
        self._steps = Conversation(connection, self._draw()).run(first)
        self._wait: Wait | None = None
        self.waits_until: float | None = 0.0
        """None when the conversation is over."""

    def _draw(self) -> Iterator[Envelope[Key]]:
        while self._may_go_on() and (envelope := self._stock.draw(self)) is not None:
            self._drawn.append(envelope)
            yield envelope

    def is_late(self) -> bool:
        """Return whether the server has had all the time it is given."""
        return self.waits_until is not None and self.waits_until <= monotonic()

    def results(self) -> Iterator[Result[Key]]:
        """Go on as far as the replies that have come allow."""
        while True:
            try:
                step = next(self._steps)
            except StopIteration as end:
                self.waits_until = None
                if end.value is not None:
                    self._stock.return_left(self._drawn.pop(), self)
                return
            if isinstance(step, Wait):
                # The same one again: part of a reply came, and gains the server no time.
                if step is not self._wait:
                    self._wait, self.waits_until = step, monotonic() + step.seconds
                return
            self._stock.settled(self._drawn.popleft(), self)
            yield step


class Width:
    """How many lanes there may be: half as many once a server wants one of ten messages later,
    and one more each time it has taken many again.
    """

    def __init__(self, allowed: int) -> None:
        self._allowed = self.lanes = allowed
        self._doubts = self._taken = 0

    def learn(self, delivery: Delivery) -> None:
        """Take in what the server said of one message."""
        if (delivery.code or 0) // 100 == 4:
            self._doubts += DOUBT
            self._taken = 0
        elif delivery.outcome is Outcome.ACCEPTED:
            self._doubts = max(0, self._doubts - 1)
            self._taken += 1
        if self._doubts >= MOST_DOUBT:
            self._doubts, self.lanes = 0, max(1, self.lanes // 2)
        if self._taken >= TAKEN_FOR_A_LANE:
            self._taken, self.lanes = 0, min(self.lanes + 1, self._allowed)


class Journey(Generic[Key]):
    """One stock of envelopes on its way over several lanes at once."""

    def __init__(self, transport: Transport, stock: Stock[Key], allowed: int) -> None:
        self._transport, self._stock = transport, stock
        self._lanes: dict[int, Lane[Key]] = {}
        self._poll = select.poll()
        self._settled = 0
        self._fruitless = 0
        self._width = Width(allowed)

    def results(self) -> Generator[Result[Key], None, None]:
        """Yield each result as soon as it is known; returns when nothing more can be sent."""
        try:
            yield from self._open_lanes()
            while self._lanes:
                for lane in self._ready():
                    yield from self._advance(lane)
                yield from self._open_lanes()
        except BaseException:
            # Left in the middle, by an error or because the caller wants no more results:
            # nobody can take up these conversations again.
            for lane in self._lanes.values():
                lane.connection.abort()
            raise

    def _open_lanes(self) -> Generator[Result[Key], None, None]:
        while len(self._lanes) < min(1 + self._settled // MESSAGES_FOR_A_LANE, self._width.lanes):
            if not self._stock.has_one_for_a_new_lane():
                return
            try:
                connection = self._transport.take_connection()
            except Unreachable:
                # The lanes that are open show what the server bears for now.
                self._width.lanes = len(self._lanes)
                self._transport.is_given_up = not self._lanes
                return
            # Connecting may have taken its time: what was there may be stale by now.
            lane = Lane(connection, self._stock, self._has_room)
            if not lane.has_work:
                self._transport.put_back(connection)
                return
            self._lanes[connection.fileno()] = lane
            self._poll.register(connection, select.POLLIN)
            yield from self._advance(lane)

    def _has_room(self) -> bool:
        return len(self._lanes) <= self._width.lanes

    def _advance(self, lane: Lane[Key]) -> Generator[Result[Key], None, None]:
        number = lane.connection.fileno()
        for result in lane.results():
            self._settled += 1
            self._width.learn(result[1])
            yield result
        if lane.waits_until is not None:
            return
        del self._lanes[number]
        self._poll.unregister(number)
        if lane.connection.was_dismissed:
            self._transport.was_dismissed = True
            self._give_up()
            return
        self._fruitless = 0 if lane.connection.has_settled_one else self._fruitless + 1
        if self._fruitless >= FRUITLESS_CONNECTIONS:
            self._give_up()
        self._transport.put_back(lane.connection)

    def _give_up(self) -> None:
        self._stock.is_closed = self._transport.is_given_up = True

    def _ready(self) -> list[Lane[Key]]:
        """Wait until a lane can go on, and take in what has come for it."""
        soonest = min(lane.waits_until or 0.0 for lane in self._lanes.values())
        events = self._poll.poll(max(0.0, soonest - monotonic()) * 1000)
        ready = [self._lanes[number] for number, _event in events]
        for lane in ready:
            lane.connection.receive(lane.connection.command_patience)
        if monotonic() < soonest:
            return ready
        late = [lane for lane in self._lanes.values() if lane not in ready and lane.is_late()]
        for lane in late:
            lane.connection.give_up()
        return ready + late
