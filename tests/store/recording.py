"""A disk that records what is done to it, and every state a loss of power could leave behind.

The model is POSIX at its least kind: content counts only after `fsync` of the file, a name only
after `fsync_dir` of its folder, and whatever came later may survive in any mixture.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from copy import deepcopy
from typing import IO, TYPE_CHECKING, NamedTuple

from codeanatomy.store.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIXTURES = 4
"""Random choices of surviving names, beside none and all."""


class Operation(NamedTuple):
    """One call: paths are relative to the recorded root."""

    name: str
    path: str
    data: bytes = b""
    old: str = ""


class RecordingDisk(Disk):
    """The real disk, with a list of all that was done below `root`."""

    def __init__(self, root: Path) -> None:
        """Begin with no operations."""
        super().__init__()
        self.operations: list[Operation] = []
        self._root = root

    def mkdir(self, path: Path) -> None:
        """Make and record each folder that was not there."""
        missing = [p for p in (path, *path.parents) if not p.exists()]
        super().mkdir(path)
        for folder in reversed(missing):
            self._record("mkdir", folder)

    @contextmanager
    def create(self, path: Path) -> Iterator[IO[bytes]]:
        """Record the stream as one write."""
        with super().create(path) as sink:
            yield sink
        self._record("write", path, path.read_bytes())

    def write_bytes(self, path: Path, data: bytes) -> None:
        """Write and record."""
        super().write_bytes(path, data)
        self._record("write", path, data)

    def append(self, path: Path, data: bytes) -> None:
        """Append and record."""
        super().append(path, data)
        self._record("append", path, data)

    def fsync(self, path: Path) -> None:
        """Sync and record."""
        super().fsync(path)
        self._record("fsync", path)

    def fsync_dir(self, path: Path) -> None:
        """Sync and record."""
        super().fsync_dir(path)
        self._record("fsync_dir", path)

    def rename(self, old: Path, new: Path) -> None:
        """Rename and record."""
        super().rename(old, new)
        self._record("rename", new, old=old)

    def link(self, old: Path, new: Path) -> None:
        """Link and record."""
        super().link(old, new)
        self._record("link", new, old=old)

    def unlink(self, path: Path) -> None:
        """Remove and record."""
        super().unlink(path)
        self._record("unlink", path)

    def _record(self, name: str, path: Path, data: bytes = b"", old: Path | None = None) -> None:
        if path.is_relative_to(self._root):
            before = "" if old is None else str(old.relative_to(self._root))
            self.operations.append(Operation(name, str(path.relative_to(self._root)), data, before))


def crashes(operations: list[Operation]) -> Iterator[tuple[int, str, State]]:
    """Yield (operations done, what survived, state) for every prefix and every mixture."""
    memory = Memory()
    for done in range(len(operations) + 1):
        if done:
            memory.do(operations[done - 1])
        for names in ("none", "all", *range(MIXTURES)):
            for content in ("kept", "dropped", "torn"):
                yield done, f"names {names}, content {content}", memory.survive(names, content)


State = dict[str, bytes | None]
"""What is on the disk: a path to its bytes, None for a folder."""


def rebuild(state: State, root: Path) -> Path:
    """Write a state out; a file whose folder was lost is lost with it."""
    root.mkdir()
    for name in sorted(state):
        path, content = root / name, state[name]
        if path != root and path.parent.is_dir():
            path.mkdir() if content is None else path.write_bytes(content)
    return root


class Memory:
    """What is certain to survive (`names`, `synced`), and what may (`pending`, `current`)."""

    def __init__(self) -> None:
        """Begin with an empty disk."""
        self.names: dict[str, int | None] = {}
        self.pending: list[tuple[str, dict[str, int | None], list[str]]] = []
        self.current: list[bytes] = []
        self.synced: list[bytes] = []

    def do(self, operation: Operation) -> None:
        """Apply one operation to what may survive, or make it certain."""
        path, names = operation.path, self._now()
        match operation.name:
            case "mkdir":
                self._change(path, {path: None})
            case "write" | "append":
                self._write(operation, names)
            case "fsync":
                number = names[path]
                assert number is not None
                self.synced[number] = self.current[number]
            case "fsync_dir":
                self._settle(path)
            case "link":
                self._change(path, {path: names[operation.old]})
            case "rename":
                self._change(path, {path: names[operation.old]}, [operation.old])
            case "unlink":
                self._change(path, {}, [path])
            case other:
                raise AssertionError(other)

    def survive(self, names: object, content: str) -> State:
        """Choose what is left: names none, all or by a seed; content kept, dropped or torn."""
        chance = random.Random(names if isinstance(names, int) else 0)  # noqa: S311 - a test
        left = deepcopy(self.names)
        for _, added, removed in self.pending:
            if names == "all" or (names != "none" and chance.random() < 1 / 2):
                _apply(left, added, removed)
        return {path: self._bytes(number, content) for path, number in left.items()}

    def _bytes(self, number: int | None, content: str) -> bytes | None:
        if number is None:
            return None
        now, safe = self.current[number], self.synced[number]
        if content == "kept" or now == safe:
            return now
        return safe if content == "dropped" else now[: len(now) // 2]

    def _write(self, operation: Operation, names: dict[str, int | None]) -> None:
        number = names.get(operation.path)
        if number is None:
            number = len(self.current)
            self.current.append(b"")
            self.synced.append(b"")
            self._change(operation.path, {operation.path: number})
        before = self.current[number] if operation.name == "append" else b""
        self.current[number] = before + operation.data

    def _now(self) -> dict[str, int | None]:
        names = dict(self.names)
        for _, added, removed in self.pending:
            _apply(names, added, removed)
        return names

    def _change(
        self, path: str, added: dict[str, int | None], removed: list[str] | None = None
    ) -> None:
        folder = path.rpartition("/")[0] or "."
        self.pending.append((folder, added, removed or []))

    def _settle(self, folder: str) -> None:
        for place, added, removed in self.pending:
            if place == folder:
                _apply(self.names, added, removed)
        self.pending = [change for change in self.pending if change[0] != folder]


def _apply(names: dict[str, int | None], added: dict[str, int | None], removed: list[str]) -> None:
    for path in removed:
        names.pop(path, None)
    names.update(added)
