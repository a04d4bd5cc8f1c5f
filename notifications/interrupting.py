"""Ctrl-C while mails are on their way: what the server has answered is recorded first.

An exception in the middle of that would leave it unknown which mails were taken, and those would
go out again.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class Interruption:
    """Holds Ctrl-C back for as long as a block lasts; the second one counts at once.

    Whoever is inside looks at `has_come` and comes to an end. Where another part of the program
    has its own way with Ctrl-C, as Celery's workers have, it keeps it.
    """

    def __init__(self) -> None:
        self.has_come = False
        self._is_held_back = False

    def __enter__(self) -> Self:
        # Python runs handlers in its main thread alone, and has them set there alone.
        self._is_held_back = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._is_held_back:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._is_held_back:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.has_come and error is None:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.has_come:
            raise KeyboardInterrupt
        self.has_come = True
