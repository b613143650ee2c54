"""The shelf: the worlds of one storage address by name, those that live and those destroyed."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from codeanatomy.ecs.runtime.errors import UnknownWorldError, WorldNameError
from codeanatomy.kernel.errors import UnsupportedError

if TYPE_CHECKING:
    from codeanatomy.ecs.runtime.book import Book
    from codeanatomy.ecs.world import World

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FIELDS = "world_id, name, place, model, created, destroyed, ancestor, ancestor_tick"


class WorldRow(NamedTuple):
    """A world on the shelf; `place` is its folder below the root, empty in memory."""

    world_id: str
    name: str
    place: str
    model: str
    created: float
    destroyed: float | None
    ancestor: str | None
    ancestor_tick: int | None


class Shelf:
    """The rows, and the addresses of worlds: `<scheme>:<root>/<place>`."""

    def __init__(self, uri: str | Path | None, book: Book, scheme: str, root: Path | None) -> None:
        self.uri = "memory:" if uri is None else str(uri)
        self._book = book
        self._scheme = scheme
        self._root = root

    def address(self, place: str) -> str:
        """Give the address of the world at a place."""
        return "memory:" if self._root is None else f"{self._scheme}:{self._root / place}"

    def place_of(self, world: World) -> str:
        """Give the place of a world that lives below the root."""
        if self._root is None:
            return ""
        folder = getattr(world.backend, "folder", None)
        if folder is None:
            raise UnsupportedError(
                f"branches of worlds in {self._scheme} have no address of their own yet; use log:",
                scheme=self._scheme,
            )
        return Path(folder).relative_to(self._root).as_posix()

    def living(self) -> list[WorldRow]:
        """List the worlds that live, by name."""
        sql = f"select {_FIELDS} from worlds where destroyed is null order by name"  # noqa: S608 - our own columns
        return [_row(row) for row in self._book.rows(sql)]

    def destroyed(self) -> list[WorldRow]:
        """List the worlds that were destroyed, the last one last."""
        sql = f"select {_FIELDS} from worlds where destroyed is not null order by destroyed"  # noqa: S608 - our own columns
        return [_row(row) for row in self._book.rows(sql)]

    def row(self, name: str) -> WorldRow:
        """Give the living world of this name."""
        rows = self.living()
        found = next((row for row in rows if row.name == name), None)
        if found is None:
            names = [row.name for row in rows]
            near = get_close_matches(name, names, 3, 0.5) or names[:8]
            told = f"the nearest are {', '.join(near)}" if near else "there is none yet"
            raise UnknownWorldError(f"no world {name!r} here; {told}", name=name)
        return found

    def check_name(self, name: str) -> None:
        """Refuse a name no world can have, or one has already."""
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise WorldNameError(
                f"{name!r} cannot name a world: letters, digits, dots, - and _, at most 100",
                name=name,
            )
        if any(row.name == name for row in self.living()):
            raise WorldNameError(f"there is a world {name!r} already", name=name)

    def add(self, row: WorldRow) -> None:
        """Put a world on the shelf."""
        self._book.write(f"insert into worlds ({_FIELDS}) values ({', '.join('?' * 8)})", row)  # noqa: S608 - our own columns

    def destroy(self, row: WorldRow, moment: float) -> None:
        """Take a world out of reach; what it stored stays."""
        self._book.write(
            "update worlds set destroyed = ? where world_id = ?", (moment, row.world_id)
        )

    def restore(self, name: str) -> WorldRow:
        """Bring the last destroyed world of this name back."""
        gone = [row for row in self.destroyed() if row.name == name]
        if not gone:
            known = ", ".join(sorted({row.name for row in self.destroyed()})) or "none"
            raise UnknownWorldError(
                f"no destroyed world is called {name!r}; destroyed are: {known}", name=name
            )
        self.check_name(name)
        self._book.write(
            "update worlds set destroyed = null where world_id = ?", (gone[-1].world_id,)
        )
        return gone[-1]


def _row(row: tuple[object, ...]) -> WorldRow:
    return WorldRow(*cast("tuple[str, str, str, str, float, None, None, None]", row))
