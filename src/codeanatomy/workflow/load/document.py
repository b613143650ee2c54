"""A YAML file that has been read: its value, and the place of everything in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """`value` with its `file` name; lines and columns count from 1, and are found when asked for.

    A document that was given as a value and not as text has no places: they are (0, 0).
    """

    value: Any
    file: str = "<yaml>"
    text: str | None = field(default=None, repr=False)

    def position(self, path: Path) -> tuple[int, int]:
        """Return line and column of the value at `path`, or of what it would stand in."""
        return self._nearest(path)[:2]

    def key_position(self, path: Path) -> tuple[int, int]:
        """Return line and column of the key (or list entry) at `path`, or of what is nearest."""
        return self._nearest(path)[2:4]

    def first_line(self, path: Path) -> int:
        """Return the line on which the text at `path` begins, below its `|` if it has one."""
        return self._nearest(path)[4]

    def _nearest(self, path: Path) -> tuple[int, int, int, int, int]:
        places = self._places
        while path and path not in places:
            path = path[:-1]
        return places.get(path, (0, 0, 0, 0, 0))

    @cached_property
    def _places(self) -> dict[Path, tuple[int, int, int, int, int]]:
        if self.text is None:
            return {}
        import yaml  # noqa: PLC0415 - only when a place is asked for

        from codeanatomy.workflow.load.scalars import loader  # noqa: PLC0415 - as above

        root = yaml.compose(self.text, Loader=loader())
        return dict(_walk(root, (), root)) if root is not None else {}


def _walk(node: Any, path: Path, key: Any) -> Iterator[tuple[Path, tuple[int, int, int, int, int]]]:  # noqa: ANN401 - PyYAML's nodes
    """Yield each path with its place; an alias is at the place of what it stands for."""
    stack = [(node, path, key)]
    seen = 0
    while stack and seen < _MOST:
        seen += 1
        node, path, key = stack.pop()
        start, named = node.start_mark, key.start_mark
        block = getattr(node, "style", None) in {"|", ">"}
        place = (
            start.line + 1,
            start.column + 1,
            named.line + 1,
            named.column + 1,
            start.line + (2 if block else 1),
        )
        yield path, place
        if node.id == "mapping":
            stack.extend(_children(node, path))
        elif node.id == "sequence":
            stack.extend((item, (*path, i), item) for i, item in enumerate(node.value))


_MOST = 1_000_000  # places in one file


def _children(node: Any, path: Path) -> list[tuple[Any, Path, Any]]:  # noqa: ANN401 - PyYAML's nodes
    """Return what stands under the keys of a mapping; merged keys where no own key is."""
    own: list[tuple[Any, Path, Any]] = []
    merged: list[tuple[Any, Path, Any]] = []
    for key, value in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            for part in value.value if value.id == "sequence" else [value]:
                if part.id == "mapping" and part is not node:
                    merged.extend(_children(part, path))
        elif key.id == "scalar":
            from codeanatomy.workflow.load.scalars import plain_value  # noqa: PLC0415 - as above

            name = key.value if key.style else plain_value(key.value)
            own.append((value, (*path, name), key))
    names = {p for _, p, _ in own}
    return [*(m for m in merged if m[1] not in names), *own]
