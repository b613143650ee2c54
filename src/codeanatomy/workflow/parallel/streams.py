"""Unix pipes between the processes of branches: what one writes, another reads, as it comes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from typing import Self

_ENDS: Final = {"stdin": 0, "stdout": 1, "stderr": 2}


class Streams:
    """Named pipes, open while the object is entered.

    A flow says `{"stdout": "lines"}` to write into the pipe `lines`, and another one
    `{"stdin": "lines"}` to read from it; the reader comes to an end when the last writer does.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(dict.fromkeys(names))
        self._pipes: dict[str, tuple[int, int]] = {}

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

    def take(self, ends: Mapping[str, str]) -> None:
        """Put the ends that a flow names in the place of its standard streams; in its process."""
        for end, name in ends.items():
            if end not in _ENDS or name not in self._pipes:
                raise SpecError(
                    f"Unknown stream {end!r}: {name!r}; a flow may name any of {sorted(_ENDS)} and "
                    f"the pipes {sorted(self._pipes)}",
                    stream=name,
                )
            reader, writer = self._pipes[name]
            os.dup2(reader if end == "stdin" else writer, _ENDS[end])
        self.close()

    def close(self) -> None:
        """Close this process's own ends of all pipes."""
        pipes, self._pipes = self._pipes, {}
        for ends in pipes.values():
            for end in ends:
                os.close(end)
