"""Unix pipes between the processes of branches: what one writes, another reads, as it comes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from typing import Self

    Ends = Mapping[str, str]

_MODES: Final = {"stdin": (0, "r"), "stdout": (1, "w"), "stderr": (2, "w")}


class Streams:
    """Named pipes, open while the object is entered, or until everybody who uses them has begun.

    Who uses them says `{"stdout": "lines"}` to write into the pipe `lines`, and another one
    `{"stdin": "lines"}` to read from it; the reader comes to an end when the last writer does.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(dict.fromkeys(names))
        self._pipes: dict[str, tuple[int, int]] = {}

    @classmethod
    def of(cls, users: Iterable[Ends]) -> Streams:
        """Make the pipes that these users name."""
        return cls(name for ends in users for name in ends.values())

    def __enter__(self) -> Self:
        self._pipes = {name: os.pipe() for name in self._names}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def take(self, ends: Ends) -> None:
        """Put ends in the place of this process's standard streams, and close all others."""
        for end, name in ends.items():
            if end not in _MODES or name not in self._pipes:
                raise SpecError(
                    f"Unknown stream {end!r}: {name!r}; there may be {sorted(_MODES)}, "
                    f"and the open pipes are {sorted(self._pipes)}",
                    stream=name,
                )
            number, mode = _MODES[end]
            os.dup2(self._pipes[name][mode == "w"], number)
            setattr(sys, end, os.fdopen(number, mode, closefd=False))
        self.close()

    def close(self, names: Iterable[str] | None = None) -> None:
        """Close this process's own ends of pipes: of all, or of these."""
        for name in tuple(self._pipes) if names is None else names:
            for end in self._pipes.pop(name, ()):
                os.close(end)


class Begun:
    """Notes who has begun, and closes a pipe here when all who use it have their own ends."""

    def __init__(self, streams: Streams, users: Mapping[str, Ends]) -> None:
        self._streams = streams
        self._waiting = {
            name: {user for user, ends in users.items() if name in ends.values()}
            for ends in users.values()
            for name in ends.values()
        }

    def __call__(self, user: str) -> None:
        """Note that a user's process is there."""
        for name, waiting in self._waiting.items():
            waiting.discard(user)
            if not waiting:
                self._streams.close([name])
