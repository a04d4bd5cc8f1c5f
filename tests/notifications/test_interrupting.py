"""Ctrl-C waits for what is under way, and no longer than that."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from notifications.interrupting import Interruption


@pytest.fixture(autouse=True)
def by_hand() -> Iterator[None]:
    """Let this process take Ctrl-C as one does that somebody started by hand."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press(times: int, *, then: type[Exception] | None = None) -> Iterator[bool]:
    """Press Ctrl-C so many times inside a block; after each time, say whether that was noted."""
    with Interruption() as interruption:
        for _time in range(times):
            signal.raise_signal(signal.SIGINT)
            yield interruption.has_come
        if then is not None:
            raise then


def test_it_ends_the_program_after_the_block_and_not_inside() -> None:
    pressed = press(1)
    assert next(pressed)
    with pytest.raises(KeyboardInterrupt):
        next(pressed)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_one_counts_at_once() -> None:
    pressed = press(2)
    next(pressed)
    with pytest.raises(KeyboardInterrupt):
        next(pressed)
    assert list(pressed) == []


def test_an_error_inside_is_not_covered_up() -> None:
    with pytest.raises(LookupError):
        list(press(1, then=LookupError))


def test_without_one_nothing_happens() -> None:
    with Interruption() as interruption:
        assert not interruption.has_come


def test_whoever_ignores_it_goes_on_ignoring_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
    assert not interruption.has_come
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_thread_that_may_set_no_handlers_does_without() -> None:
    entered = []

    def work() -> None:
        with Interruption():
            entered.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert entered == [signal.default_int_handler]
