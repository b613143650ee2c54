"""A command buffer: takes commands from people and processors and makes them columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.archetype import archetype, matches
from codeanatomy.ecs.column import REQUIRED
from codeanatomy.ecs.columns import Columns
from codeanatomy.ecs.command import Command
from codeanatomy.ecs.components import Component, component_of, given
from codeanatomy.ecs.entity import as_ids
from codeanatomy.ecs.errors import (
    InvalidCommandError,
    TooManyError,
    UnknownColumnError,
)
from codeanatomy.ecs.exchange import columns_of, is_batch
from codeanatomy.ecs.expression import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Array, Ids
    from codeanatomy.ecs.column import Column
    from codeanatomy.ecs.command import Kind
    from codeanatomy.ecs.components import Components
    from codeanatomy.ecs.entity import IdCounter
    from codeanatomy.ecs.table import Table


class CommandBuffer:
    """Commands in the order they were given, every one checked when it is given.

    `now` tells the earliest tick a command may be for, `view` the tables that `where` looks at.
    """

    def __init__(
        self,
        components: Components,
        ids: IdCounter,
        number: Callable[[], int],
        *,
        now: Callable[[], int],
        view: Callable[[], Iterable[Table]],
        source: str = "",
        bound: int | None = None,
        most_ids: int | None = None,
    ) -> None:
        self.commands: list[Command] = []
        self._components = components
        self._ids = ids
        self._number = number
        self._now = now
        self._view = view
        self.source = source
        self._bound = bound
        self._room = most_ids

    def spawn(
        self,
        *components: object,
        entity_id: int | None = None,
        tick: int | None = None,
        priority: int = 0,
    ) -> int:
        """Spawn one entity from component instances (or classes, for tags); gives its id."""
        columns = self._row_columns(components, 1)
        names = self._archetype(components)
        ids = self._new_ids(1, None if entity_id is None else as_ids(entity_id))
        self._put("spawn", ids, names, columns, tick, priority, reserved=entity_id is not None)
        return int(ids[0])

    def spawn_batch(
        self,
        rows: object,
        components: Iterable[object] = (),
        *,
        entity_id: object = None,
        tick: int | None = None,
        priority: int = 0,
    ) -> Ids:
        """Spawn many entities of one archetype at once; gives their ids, in row order.

        `rows` is a number (that many equal ones), a mapping of columns, anything that speaks
        the Arrow C data interface, or a sequence of component instances (or tuples of them).
        `components` names the archetype beyond what the columns name, and gives defaults.
        """
        parts = tuple(components)
        if isinstance(rows, int | np.integer) and not isinstance(rows, bool):
            if rows < 0:
                raise InvalidCommandError(f"{rows} entities cannot be spawned", rows=int(rows))
            count, columns = int(rows), self._row_columns(parts, int(rows))
        elif isinstance(rows, Sequence) and not isinstance(rows, str):
            count, parts, columns = self._instance_columns(rows)
        else:
            named, entity_id = _named_columns(rows, entity_id)
            count, parts, columns = self._batch_columns(named, parts, entity_id)
        asked = None if entity_id is None else as_ids(entity_id)
        ids = self._new_ids(count, asked)
        names = self._archetype(parts)
        self._put("spawn", ids, names, columns, tick, priority, reserved=asked is not None)
        return ids

    def reserve_ids(self, count: int) -> Ids:
        """Hand out ids to spawn under later."""
        return self._ids.reserve(count)

    def despawn(self, ids: object, *, tick: int | None = None, priority: int = 0) -> None:
        """Let entities go; their rows become tombstones."""
        found = as_ids(ids, unique=False)
        self._put("despawn", found, (), {}, tick, priority)

    def update(
        self, ids: object, *changes: object, tick: int | None = None, priority: int = 0
    ) -> None:
        """Set the given fields of entities: component instances, mappings of columns, frames.

        A frame that has a column `entity_id` may stand alone.
        """
        if not changes and is_batch(ids):
            named, ids = _named_columns(ids, None)
            changes = (named,)
        found = as_ids(ids)
        columns = self._change_columns(changes, len(found))
        if not columns:
            raise InvalidCommandError("an update needs at least one field")
        names = archetype(name.partition("__")[0] for name in columns)
        self._put("update", found, names, columns, tick, priority)

    def add(
        self, ids: object, *components: object, tick: int | None = None, priority: int = 0
    ) -> None:
        """Give entities more components: instances, classes, or columns (with their ids)."""
        ids, components = _whose(ids, components)
        found = as_ids(ids)
        batches = [part for part in components if isinstance(part, Mapping) or is_batch(part)]
        parts = [part for part in components if not any(part is batch for batch in batches)]
        named = {name: v for batch in batches for name, v in columns_of(batch).items()}
        columns = self._filled(named, parts, len(found))
        names = self._archetype([*parts, *(n.partition("__")[0] for n in named)])
        if not names:
            raise InvalidCommandError("nothing to add: name at least one component")
        self._put("add", found, names, columns, tick, priority)

    def remove(
        self, ids: object, *components: object, tick: int | None = None, priority: int = 0
    ) -> None:
        """Take components from entities."""
        found = as_ids(ids)
        names = self._archetype(components)
        if not names:
            raise InvalidCommandError("nothing to remove: name at least one component")
        self._put("remove", found, names, {}, tick, priority)

    def update_where(
        self,
        where: object,
        *changes: object,
        having: Iterable[object] = (),
        without: Iterable[object] = (),
        tick: int | None = None,
        priority: int = 0,
    ) -> int:
        """Update the entities for which `where` holds now; gives their number.

        `where` is a function of columns that gives a mask, a text like `energy__level > 3`, or an
        Arrow expression; values of a mapping may be functions of columns too. The tables looked
        at have the changed components, those of the text and `having`.
        """
        flat = [change if isinstance(change, Mapping) else given(change) for change in changes]
        named = {str(name): value for change in flat for name, value in change.items()}
        touched = [self._components.column(name).component for name in named]
        count = 0
        for seen, ids, mask in self._chosen(
            where, [*having, *touched, *changes_of(changes)], without
        ):
            values = {n: v(seen)[mask] if callable(v) else v for n, v in named.items()}
            self.update(ids, values, tick=tick, priority=priority)
            count += len(ids)
        return count

    def despawn_where(
        self,
        where: object,
        *,
        having: Iterable[object] = (),
        without: Iterable[object] = (),
        tick: int | None = None,
        priority: int = 0,
    ) -> int:
        """Despawn the entities for which `where` holds now; gives their number."""
        count = 0
        for _, ids, _ in self._chosen(where, having, without):
            self.despawn(ids, tick=tick, priority=priority)
            count += len(ids)
        return count

    def _chosen(
        self, where: object, having: Iterable[object], without: Iterable[object]
    ) -> list[tuple[Columns, Ids, Any]]:
        has = frozenset(self._archetype([*having, *self._asked(where)]))
        lacks = frozenset(self._archetype(without))
        found = []
        for table in list(self._view()):
            if len(table) and matches(table.archetype, has, lacks):
                seen = Columns(table)
                mask = seen.mask(where)
                if mask.any():
                    found.append((seen, table.entity_id[mask], mask))
        return found

    def _asked(self, where: object) -> list[str]:
        """Give the components whose columns a text asks for: every chosen table has them."""
        if not isinstance(where, str):
            return []
        names = parse(where).columns - {"entity_id"}
        return [self._components.column(name).component for name in names]

    def _put(
        self,
        kind: Kind,
        ids: Ids,
        names: tuple[str, ...],
        columns: Mapping[str, Array],
        tick: int | None,
        priority: int,
        *,
        reserved: bool = False,
    ) -> None:
        now = self._now()
        due = now if tick is None else tick
        if isinstance(due, bool) or not isinstance(due, int | np.integer) or due < now:
            raise InvalidCommandError(
                f"a command for tick {due!r} comes too late: the next tick is {now}", tick=due
            )
        if self._bound is not None and len(self.commands) >= self._bound:
            raise TooManyError(
                f"more than {self._bound} commands in one tick from {self.source}; use the bulk "
                "forms, or raise max_commands",
                bound=self._bound,
                source=self.source,
            )
        if not len(ids):
            return
        number = self._number()
        self.commands.append(
            Command(kind, int(due), priority, number, ids, names, columns, self.source, reserved)
        )

    def _new_ids(self, count: int, asked: Ids | None) -> Ids:
        if self._room is not None:
            self._room -= count
            if self._room < 0:
                raise TooManyError(
                    f"{self.source} spawns more entities than this world takes (max_entities)",
                    source=self.source,
                )
        if asked is None:
            return self._ids.take(count)
        if len(asked) != count:
            raise InvalidCommandError(f"{len(asked)} ids for {count} rows", ids=len(asked))
        self._ids.check_reserved(asked)
        return asked

    def _archetype(self, parts: Iterable[object]) -> Archetype:
        return archetype(self._components.named(part).name for part in parts)

    def _named(self, part: object) -> Component:
        return self._components.named(part) if isinstance(part, str) else component_of(part)

    def _row_columns(self, parts: Iterable[object], rows: int) -> dict[str, Array]:
        """Repeat one value per column, from instances and defaults."""
        return self._filled({}, tuple(parts), rows)

    def _filled(
        self, named: Mapping[str, object], parts: Iterable[object], rows: int
    ) -> dict[str, Array]:
        """Give every column of all parts: the named values, the instances', the defaults."""
        columns: dict[str, Array] = {}
        said: set[str] = set()
        for part in (*parts, *dict.fromkeys(name.partition("__")[0] for name in named)):
            if isinstance(part, str) and part in said:
                continue
            declared = self._named(part)
            if declared.name in said and not isinstance(part, str):
                raise InvalidCommandError(f"{declared.name} is given twice", name=declared.name)
            said.add(declared.name)
            values = given(part) if not isinstance(part, str) else {}
            for column in declared.columns:
                if column.name in columns:
                    continue
                columns[column.name] = _value(column, named, values, rows)
        for name in named:
            if name not in columns:
                self._components.column(name)
        return columns

    def _change_columns(self, changes: Iterable[object], rows: int) -> dict[str, Array]:
        columns: dict[str, Array] = {}
        for change in changes:
            if isinstance(change, Mapping) or is_batch(change):
                for name, value in columns_of(change).items():
                    columns[name] = _broadcast(self._components.column(name), value, rows)
            else:
                declared = component_of(change)
                for name, value in given(change).items():
                    column = next(c for c in declared.columns if c.name == name)
                    columns[name] = column.fill(value, rows)
                self._components.learn(change)
        return columns

    def _batch_columns(
        self, named: Mapping[str, object], parts: tuple[object, ...], ids: object
    ) -> tuple[int, tuple[object, ...], dict[str, Array]]:
        for part in parts:
            self._named(part)
        known = {c.name: c for part in parts for c in self._named(part).columns}
        columns = {n: known.get(n) or self._components.column(n) for n in named}
        lengths = {n: rows for n, v in named.items() if (rows := _rows(columns[n], v)) is not None}
        count = next(iter(lengths.values()), None if ids is None else len(as_ids(ids)))
        if count is None:
            raise InvalidCommandError(
                "how many? give at least one column as an array, or a number of rows"
            )
        extra = [
            n
            for n in dict.fromkeys(n.partition("__")[0] for n in named)
            if n not in {self._named(part).name for part in parts}
        ]
        everyone = (*parts, *extra)
        return count, everyone, self._filled(named, everyone, count)

    def _instance_columns(
        self, rows: Sequence[object]
    ) -> tuple[int, tuple[object, ...], dict[str, Array]]:
        """Turn instances into columns: one pass over the rows, one column at a time."""
        tuples = [row if isinstance(row, tuple) else (row,) for row in rows]
        if not tuples:
            return 0, (), {}
        kinds = [component_of(part) for part in tuples[0]]
        sorts = [kind.name for kind in kinds]
        if len(set(sorts)) != len(sorts):
            raise InvalidCommandError("a component is given twice", components=sorts)
        columns: dict[str, Array] = {}
        for place, kind in enumerate(kinds):
            mine = [_same_kind(row, place, kind, len(kinds)) for row in tuples]
            for column in kind.columns:
                values = [_field(column, one) for one in mine]
                columns[column.name] = column.take_in(values, len(tuples))
        return len(tuples), tuple(tuples[0]), columns


def changes_of(changes: Iterable[object]) -> list[object]:
    """Give the component instances among changes."""
    return [change for change in changes if not isinstance(change, Mapping)]


def _same_kind(row: tuple[object, ...], place: int, kind: Component, width: int) -> object:
    if len(row) != width or component_of(row[place]) is not kind:
        raise InvalidCommandError(
            "one batch spawns one archetype: every row names the same components in the same "
            "order; use one call for each archetype",
            row=repr(row),
        )
    return row[place]


def _field(column: Column, instance: object) -> object:
    value = getattr(instance, column.field_name, column.default)
    if value is REQUIRED:
        raise _missing(column)
    return value


def _value(
    column: Column, named: Mapping[str, object], said: Mapping[str, object], rows: int
) -> Array:
    if column.name in named:
        return _broadcast(column, named[column.name], rows)
    value = said.get(column.name, column.default)
    if value is REQUIRED:
        raise _missing(column)
    return column.fill(value, rows)


def _missing(column: Column) -> InvalidCommandError:
    return InvalidCommandError(f"{column.name} is missing and has no default", column=column.name)


def _broadcast(column: Column, value: object, rows: int) -> Array:
    """Make a column of an array, or of one value for all rows."""
    if _rows(column, value) is None:
        return column.fill(value, rows)
    return column.take_in(value, rows)


def _rows(column: Column, value: object) -> int | None:
    """Give the number of rows a value has; none if it is one value for all rows."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sized):
        return None
    if hasattr(value, "__component__") or hasattr(value, "_fields"):
        return None
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return len(value)
    depth = value.ndim if isinstance(value, np.ndarray) else 1 + _nested(value)
    return len(value) if depth > (column.width is not None) else None


def _nested(value: object) -> bool:
    """Say whether the first of a sequence is itself a row of several values."""
    first = next(iter(value), None) if isinstance(value, Iterable) else None
    return isinstance(first, Sized) and not isinstance(first, str | bytes)


def _named_columns(rows: object, ids: object) -> tuple[dict[str, object], object]:
    """Give the columns of a batch by name, and its ids when it brings them."""
    named = columns_of(rows)
    own = named.pop("entity_id", None)
    if own is not None and ids is not None:
        raise InvalidCommandError("the ids are given twice: as a column and as entity_id")
    unknown = [name for name in named if "__" not in name]
    if unknown:
        raise UnknownColumnError(
            f"no column {unknown[0]!r}; columns are named component__field", name=unknown[0]
        )
    return named, own if own is not None else ids


def _whose(ids: object, changes: tuple[object, ...]) -> tuple[object, tuple[object, ...]]:
    """Take the ids out of a batch that was given in their place."""
    if not isinstance(ids, Mapping) and not is_batch(ids):
        return ids, changes
    named, own = _named_columns(ids, None)
    if own is None:
        raise InvalidCommandError("whose? the batch has no column entity_id")
    return own, (named, *changes)
