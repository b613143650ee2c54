"""Threads that wait for work and go home when there is none; nobody waits for them at exit."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


class Workers:
    """Daemon threads kept for `rest` seconds after their last work.

    Starting work never waits: where every thread is busy, there is one more. A thread that is
    stuck in its work is simply not there for anybody else.
    """

    def __init__(self, rest: float = 2.0) -> None:
        self._rest = rest
        self._idle: list[_Worker] = []
        self._process = os.getpid()

    def start(self, work: Callable[[], None]) -> None:
        """Have a thread call `work`, which must not raise."""
        if self._process != os.getpid():  # threads do not follow into a forked process
            self._idle, self._process = [], os.getpid()
        try:
            worker = self._idle.pop()
        except IndexError:
            _Worker(self._idle, self._rest, work)
        else:
            worker.work = work
            worker.awake.release()


class _Worker:
    __slots__ = ("awake", "work")

    def __init__(self, idle: list[_Worker], rest: float, work: Callable[[], None]) -> None:
        self.work: Callable[[], None] | None = work
        self.awake = threading.Lock()
        self.awake.acquire()
        name = "codeanatomy-branches"
        threading.Thread(target=self._live, args=(idle, rest), name=name, daemon=True).start()

    def _live(self, idle: list[_Worker], rest: float) -> None:
        while True:
            work, self.work = self.work, None
            if work is not None:
                work()
            work = None  # what it holds is free while the thread waits
            idle.append(self)
            if self.awake.acquire(timeout=rest):
                continue
            try:
                idle.remove(self)
            except ValueError:  # taken in this moment: the work is about to be there
                self.awake.acquire()
            else:
                return


WORKERS: Final = Workers()
