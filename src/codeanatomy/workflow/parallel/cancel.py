"""A flag that asks running branches to stop at their next step."""

from __future__ import annotations

import threading
from typing import Final

_MAKING: Final = threading.Lock()


class CancellationToken:
    """Set once by who gives up, read by who runs; waiting for it is a sleep that can be cut short.

    A fan-out makes many of them and waits for few, so the means to wait are made when needed.
    """

    __slots__ = ("_cancelled", "_told")

    def __init__(self) -> None:
        self._cancelled = False
        self._told: threading.Event | None = None

    def cancel(self) -> None:
        """Ask to stop, and wake everybody who waits."""
        self._cancelled = True
        with _MAKING:
            if self._told is not None:
                self._told.set()

    def is_cancelled(self) -> bool:
        """Say whether somebody asked to stop."""
        return self._cancelled

    def reset(self) -> None:
        """Take the request back."""
        self._cancelled = False
        with _MAKING:
            if self._told is not None:
                self._told.clear()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait (seconds) until asked to stop; say whether that happened."""
        if self._cancelled:
            return True
        with _MAKING:
            if self._told is None:
                self._told = threading.Event()
            told = self._told
            if self.is_cancelled():
                told.set()
        return told.wait(timeout)
