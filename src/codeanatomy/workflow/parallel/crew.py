"""Jobs shared out among threads: few for jobs that take no time, one each for jobs that wait.

A crew starts with one thread. Whoever waits for it looks after it: every millisecond that jobs
are left over, the number of threads doubles; where none got done, every job gets a thread, and
where they take no time, one thread is faster than two.
"""

from __future__ import annotations

import threading
from collections import deque
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from codeanatomy.workflow.parallel.workers import WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TICK: Final = 0.001  # seconds
SHORT: Final = 0.0001  # seconds that a job may take for which it is not worth to have a thread


class Job(Protocol):
    """What a crew notes on each thing to do; times are of the monotonic clock.

    One that sets `halt` is the last to be begun.
    """

    started: float | None
    finished: bool
    abandoned: bool
    halt: bool


J = TypeVar("J", bound=Job)


class Crew(Generic[J]):
    """Runs `work(job)`, which must not raise, for every job, `limit` at a time.

    With `loud`, whoever waits is woken by every job that gets done, and not by the last alone.
    """

    def __init__(
        self, jobs: Iterable[J], work: Callable[[J], None], limit: int, *, loud: bool
    ) -> None:
        self.waiting = deque(jobs)
        self.left = len(self.waiting)  # neither done nor given up
        self.done: deque[J] = deque()  # to be taken out by who waits
        self._work = work
        self._limit = max(1, limit)
        self._loud = loud
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._looked, self._seen = monotonic(), self.left

    def start(self) -> None:
        """Begin; does nothing where there is nothing to do."""
        self._hire(1)

    def ring(self) -> None:
        """Wake whoever waits."""
        self._bell.put(None)

    def wait(self, seconds: float | None) -> None:
        """Return when something got done, or after so many seconds."""
        until = None if seconds is None else monotonic() + seconds
        while True:
            rest = None if until is None else max(0.0, until - monotonic())
            short = bool(self.waiting) and self._threads < self._limit
            try:
                span = TICK if short and (rest is None or rest > TICK) else rest
                self._bell.get(timeout=span)
            except Empty:
                if short:
                    self._grow(monotonic())
                if until is not None and monotonic() >= until:
                    return
            else:
                return

    def abandon(self, job: J) -> bool:
        """Do not count on a job any longer; False where it got done before."""
        with self._lock:
            if job.finished or job.abandoned:
                return False
            job.abandoned = True
            self.left -= 1
            try:
                self.waiting.remove(job)
            except ValueError:  # a thread is in it, and does not come back
                self._threads -= 1
        self._hire(1)
        return True

    def abandon_all(self, jobs: Iterable[J]) -> list[J]:
        """Do not count on any of these; return those that were not done before."""
        with self._lock:
            self.waiting.clear()
            left = [job for job in jobs if not job.finished and not job.abandoned]
            for job in left:
                job.abandoned = True
            self.left -= len(left)
            return left

    def _grow(self, now: float) -> None:
        done, self._seen = self._seen - self.left, self.left
        spent, self._looked = now - self._looked, now
        threads = max(1, self._threads)
        if not done:
            self._hire(len(self.waiting))
        elif spent * threads > done * SHORT:
            self._hire(threads)

    def _hire(self, wanted: int) -> None:
        with self._lock:
            count = min(wanted, self._limit - self._threads, len(self.waiting))
            self._threads += max(0, count)
        for _ in range(count):
            WORKERS.start(self._labour)

    def _labour(self) -> None:
        while True:
            try:
                job = self.waiting.popleft()
            except IndexError:
                with self._lock:
                    self._threads -= 1
                return
            job.started = monotonic()
            self._work(job)
            with self._lock:
                if job.halt:
                    self.waiting.clear()
                if job.abandoned:
                    return  # somebody else has the place of this thread
                job.finished = True
                self.done.append(job)
                self.left -= 1
                ring = self._loud or not self.left
            if ring:
                self._bell.put(None)
