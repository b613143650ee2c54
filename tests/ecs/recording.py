"""A disk that records appends too, and what a loss of power leaves of a file that only grows.

What was synced stays; of what came later nothing may be there, half of it, all but a hole in the
middle, or all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.store.disk import Appender
from tests.store.recording import MIXTURES, Memory, Operation, RecordingDisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.store.recording import State

CONTENT = ("kept", "dropped", "torn", "reordered")


class GrowingDisk(RecordingDisk):
    """The recording disk for logs."""

    def appender(self, path: Path) -> Appender:
        """Open a file each of whose appends, syncs and cuts is recorded."""
        made = super().appender(path)
        self._record("append", path)
        return _Recorded(self, made)


class _Recorded(Appender):
    def __init__(self, disk: GrowingDisk, inner: Appender) -> None:
        super().__init__(inner.path, inner.handle, inner._step)
        self._disk = disk

    def write(self, buffers: Sequence[bytes | bytearray | memoryview]) -> None:
        super().write(buffers)
        self._disk._record("append", self.path, b"".join(buffers))

    def sync(self) -> None:
        super().sync()
        self._disk._record("fsync", self.path)

    def cut(self, length: int) -> None:
        super().cut(length)
        self._disk._record("cut", self.path, length.to_bytes(8, "little"))


class GrowingMemory(Memory):
    """What survives of files that are appended to."""

    def do(self, operation: Operation) -> None:
        """Apply one operation; a cut may or may not be there after a crash."""
        if operation.name != "cut":
            super().do(operation)
            return
        number = self._now()[operation.path]
        assert number is not None
        self.current[number] = self.current[number][: int.from_bytes(operation.data, "little")]

    def _bytes(self, number: int | None, content: str) -> bytes | None:
        if number is None:
            return None
        now, safe = self.current[number], self.synced[number]
        if content == "kept" or not now.startswith(safe):
            return now
        rest = now[len(safe) :]
        third = len(rest) // 3
        left = {
            "dropped": b"",
            "torn": rest[: len(rest) // 2],
            "reordered": rest[:third] + bytes(third) + rest[2 * third :],
        }
        return safe + left[content]


def growing_crashes(
    operations: list[Operation], every: int = 1
) -> Iterator[tuple[int, str, State]]:
    """Yield (operations done, what survived, state) for prefixes and mixtures."""
    memory = GrowingMemory()
    for done in range(len(operations) + 1):
        if done:
            memory.do(operations[done - 1])
        if done % every and done != len(operations):
            continue
        for names in ("none", "all", *range(MIXTURES // 2)):
            for content in CONTENT:
                yield done, f"names {names}, content {content}", memory.survive(names, content)
