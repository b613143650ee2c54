"""The right to run a thread: one process at a time, given back when it ends or dies.

On one machine a lease is live as long as its process is (same number, same birth). Of another
machine, or another container, nothing can be seen: there a lease is live until it expires, and a
heartbeat renews it. Every write of a run checks that it still has its lease.
"""

from __future__ import annotations

import os
import platform
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import uuid4
from weakref import WeakValueDictionary

from codeanatomy.workflow.errors import JournalError, ThreadBusyError
from codeanatomy.workflow.journal.tables import (
    ADD_THREAD,
    RELEASE,
    RENEW,
    TAKE,
    THREAD,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.journal.database import Database, Execute

LIFE: Final = 30.0
"""Seconds after the last heartbeat at which a lease of another machine is over."""

BEAT: Final = 5.0
"""Seconds between two heartbeats."""


class Holder(NamedTuple):
    """A process, told apart from every other: `born` changes when a number is used again."""

    machine: str
    pid: int
    born: str


class Lease:
    """A thread of a journal in the hands of this object."""

    __slots__ = ("__weakref__", "no", "thread_id", "token")

    def __init__(self, no: int, token: str, thread_id: str) -> None:
        self.no, self.token, self.thread_id = no, token, thread_id


def take(
    execute: Execute, thread_id: str, now: float, holder: Holder, known: Callable[[Holder], bool]
) -> Lease:
    """Take a thread inside a transaction; raises `ThreadBusyError` where another has it.

    `known` says whether the process of a holder on this machine is alive.
    """
    execute(ADD_THREAD, (thread_id,))
    ((no, token, machine, pid, born, expires),) = execute(THREAD, (thread_id,))
    if token is not None and _live(Holder(machine, pid, born), token, expires, now, holder, known):
        raise ThreadBusyError(
            f"the thread {thread_id!r} is being run by process {pid} on {machine.split('/')[0]}; "
            "wait for it, or end it",
            thread_id=thread_id,
            holder=machine,
            pid=pid,
        )
    lease = Lease(no, uuid4().hex, thread_id)
    execute(TAKE, (lease.token, *holder, now + LIFE, no))
    _held[lease.token] = lease
    return lease


def release(database: Database, lease: Lease) -> None:
    """Give a thread back."""
    _held.pop(lease.token, None)
    database.write("release", RELEASE, (lease.no, lease.token))


def this_process() -> Holder:
    """Return who we are."""
    return Holder(_machine(), os.getpid(), _born(os.getpid()) or "")


def is_alive(holder: Holder) -> bool:
    """Say whether a process of this machine still is the one it was."""
    born = _born(holder.pid)
    if born is not None:
        return born == holder.born
    if _PROC.is_dir():
        return False
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Heartbeat:
    """Renews the leases of a journal from a thread of its own, while there are any.

    A lease that nobody holds any more is forgotten, and runs out.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._leases: WeakValueDictionary[str, Lease] = WeakValueDictionary()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, lease: Lease) -> None:
        """Renew a lease from now on."""
        if self._database.private:
            return
        with self._lock:
            self._leases[lease.token] = lease
            if self._thread is None or not self._thread.is_alive():
                self._stop = threading.Event()
                self._thread = threading.Thread(
                    target=self._beat, args=(self._stop,), name="journal-heartbeat", daemon=True
                )
                self._thread.start()

    def remove(self, lease: Lease) -> None:
        """Renew it no longer; with the last one the thread ends."""
        with self._lock:
            self._leases.pop(lease.token, None)
            if self._leases or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._stop.set()
        thread.join()

    def _beat(self, stop: threading.Event) -> None:
        while not stop.wait(BEAT):
            with self._lock:
                leases = list(self._leases.values())
                if not leases:
                    self._thread = None
                    return
            self._renew(leases)
            del leases

    def _renew(self, leases: list[Lease]) -> None:
        for lease in leases:
            try:
                until = self._clock() + LIFE
                self._database.write("renew", RENEW, (until, lease.no, lease.token))
            except JournalError:  # tried again with the next beat, long before it expires
                break


_PROC: Final = Path("/proc/self")
_held: WeakValueDictionary[str, Lease] = WeakValueDictionary()


def _live(
    whose: Holder,
    token: str,
    expires: float,
    now: float,
    holder: Holder,
    known: Callable[[Holder], bool],
) -> bool:
    if whose == holder:
        return token in _held
    if whose.machine == holder.machine:
        return known(whose)
    return now < expires


@cache
def _machine() -> str:
    """Name this machine as processes see it: the host, this boot of it, this container."""
    parts = [platform.node()]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            is_link = Path(path).is_symlink()
            parts.append(str(Path(path).readlink()) if is_link else Path(path).read_text().strip())
        except OSError:
            parts.append("")
    return "/".join(parts)


def _born(pid: int) -> str | None:
    """Return when a process began, in the kernel's own count; None where that cannot be seen."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    state, *rest = text[text.rindex(b")") + 2 :].split()
    return None if state in b"ZX" else rest[18].decode()
