"""Exports spans on a thread of its own, so that a slow disk does not slow a run."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from codeanatomy.workflow.trace.exporters import TraceExporter

_POLICIES = ("drop_newest", "drop_oldest", "block")


class AsyncFileExporter:
    """A bounded queue before another exporter; `close` writes what is waiting."""

    def __init__(
        self,
        wrapped_exporter: Any,  # noqa: ANN401 - anything with `export`
        queue_size: int = 1000,
        flush_interval_s: float = 5.0,
        batch_size: int = 50,
        overflow_policy: str = "drop_newest",
        shutdown_timeout_s: float = 30.0,
    ) -> None:
        if overflow_policy not in _POLICIES:
            msg = f"unknown overflow_policy {overflow_policy!r}; one of {', '.join(_POLICIES)}"
            raise SpecError(msg, overflow_policy=overflow_policy)
        if queue_size < 1 or batch_size < 1:
            msg = f"queue_size and batch_size are at least 1, got {queue_size} and {batch_size}"
            raise SpecError(msg, queue_size=queue_size, batch_size=batch_size)
        self.wrapped_exporter = wrapped_exporter
        self.overflow_policy = overflow_policy
        self.shutdown_timeout_s = shutdown_timeout_s
        self._queue = _Queue(queue_size, batch_size, flush_interval_s)
        self._worker = threading.Thread(
            target=_work, args=(self._queue, wrapped_exporter), name="trace-writer", daemon=True
        )
        self._worker.start()
        self._finalizer = weakref.finalize(
            self, _shut, self._queue, self._worker, shutdown_timeout_s
        )

    @property
    def queue_depth(self) -> int:
        """How many spans wait."""
        return len(self._queue.waiting)

    @property
    def worker_alive(self) -> bool:
        """Tell whether the thread that writes runs."""
        return self._worker.is_alive()

    @property
    def dropped(self) -> int:
        """How many spans found the queue full and were lost."""
        return self._queue.dropped

    def export(self, span: dict[str, Any]) -> None:
        """Put one span in the queue; a full queue does what `overflow_policy` says."""
        self._queue.put(span, self.overflow_policy)

    def close(self, timeout: float | None = None) -> None:
        """Write what is waiting and end the thread, within `timeout` seconds."""
        self._finalizer.detach()
        _shut(self._queue, self._worker, self.shutdown_timeout_s if timeout is None else timeout)


class _Queue:
    """The spans that wait, and the signals between who puts and who writes."""

    def __init__(self, size: int, batch: int, interval: float) -> None:
        self.size, self.batch, self.interval = size, batch, interval
        self.waiting: deque[dict[str, Any]] = deque()
        self.changed = threading.Condition()
        self.closed = False
        self.dropped = 0

    def put(self, span: dict[str, Any], policy: str) -> None:
        with self.changed:
            while policy == "block" and len(self.waiting) >= self.size and not self.closed:
                self.changed.notify_all()
                self.changed.wait()
            if self.closed or (len(self.waiting) >= self.size and policy == "drop_newest"):
                self.dropped += 1
                return
            if len(self.waiting) >= self.size:
                self.waiting.popleft()
                self.dropped += 1
            self.waiting.append(span)
            if len(self.waiting) >= min(self.batch, self.size):
                self.changed.notify_all()

    def take(self) -> list[dict[str, Any]] | None:
        """Wait for a full batch, the interval or the end; None is the end."""
        until = time.monotonic() + self.interval
        with self.changed:
            while not self.closed and len(self.waiting) < min(self.batch, self.size):
                left = until - time.monotonic()
                if left <= 0:
                    break
                self.changed.wait(left)
            if self.closed and not self.waiting:
                return None
            taken = [self.waiting.popleft() for _ in range(min(self.batch, len(self.waiting)))]
            self.changed.notify_all()
            return taken


def _work(queue: _Queue, exporter: TraceExporter) -> None:
    while (batch := queue.take()) is not None:
        for span in batch:
            try:
                exporter.export(span)
            except Exception:
                logging.getLogger("the_edge_agent.tracing").debug("export failed", exc_info=True)


def _shut(queue: _Queue, worker: threading.Thread, timeout: float) -> None:
    with queue.changed:
        queue.closed = True
        queue.changed.notify_all()
    if worker is not threading.current_thread():
        worker.join(timeout)
