"""Reading: the rows of every table that has all the components, of one tick or many, as Arrow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

import codeanatomy.engine  # noqa: F401 - on the way in it keeps Arrow from loading pandas
from codeanatomy.ecs.archetype import matches
from codeanatomy.ecs.arrays import arrow
from codeanatomy.ecs.changed import changed_rows
from codeanatomy.ecs.columns import Columns
from codeanatomy.ecs.components import component_of
from codeanatomy.ecs.entity import as_ids
from codeanatomy.ecs.errors import InvalidQueryError, UnknownTickError
from codeanatomy.ecs.expression import Expression, parse
from codeanatomy.ecs.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Ids, Numbers
    from codeanatomy.ecs.backend.base import Backend, Birth
    from codeanatomy.ecs.column import Column
    from codeanatomy.ecs.components import Component, Components
    from codeanatomy.ecs.state import State

BASE = ("world_id", "run_id", "tick", "entity_id", "is_active")
"""The columns every row has, in front of those of its components."""

_FEW_ROWS = 4096
_MANY_PIECES = 64


class Readable(Protocol):
    """A world, or a world as of a tick: where rows are read from."""

    @property
    def backend(self) -> Backend:
        """Where its ticks are kept."""

    @property
    def components(self) -> Components:
        """What its columns are."""

    @property
    def birth(self) -> Birth:
        """Who it is."""

    @property
    def state(self) -> State:
        """How it stands now."""


def query(  # noqa: PLR0913 - a question has many sides
    world: Readable,
    components: Iterable[object],
    *,
    tick: int | None = None,
    ticks: object = None,
    entities: object = None,
    where: object = None,
    changed: object = None,
    without: Iterable[object] = (),
    active: bool | None = True,
    gaps: bool = False,
) -> pa.Table:
    """Give the rows of every table that has all the components, by tick, table and entity.

    `tick` is one tick, `ticks` a range, slice, sequence or "all"; without either, the last one.
    `entities` are ids. `where` is an expression (`energy__value > 3`; the components it names
    are required too), an Arrow expression over the columns given back, or a function of columns
    that gives a mask. `changed` keeps rows in which these components or columns (True: all
    asked for) differ from the tick before, or that are new. `without` names components a table
    must not have. `active` False gives tombstones, None both. Ticks that retention gave up raise
    when they are named; "all", slices and `gaps` leave them out. Raises `UnknownComponentError`,
    `UnknownColumnError`, `UnknownTickError`, `InvalidQueryError`.
    """
    asked = _asked(world, components, where, changed, without)
    wanted = None if entities is None else np.unique(as_ids(entities, unique=False))
    pieces: list[_Piece] = []
    skip = gaps or isinstance(ticks, str | slice)
    for number in _ticks(world, tick, ticks):
        try:
            tables = tables_at(world, number)
        except UnknownTickError:
            if skip:
                continue
            raise
        pieces.extend(_pieces(world, number, tables, asked, wanted, active=active))
    found = _joined(pieces, asked.columns, world.birth)
    return found.filter(asked.after) if asked.after is not None else found


def schema_of(columns: Iterable[Column]) -> pa.Schema:
    """Give the schema of rows with these component columns."""
    return pa.schema([*_base_fields(), *(pa.field(c.name, c.type, c.nullable) for c in columns)])


@dataclass(frozen=True)
class _Asked:
    """What is asked for, in names."""

    columns: tuple[Column, ...]
    has: frozenset[str]
    lacks: frozenset[str]
    mask: Callable[[Table], Numbers] | None
    after: Any  # an Arrow expression over what is given back
    changed: tuple[Component, ...] | None
    only: frozenset[str]  # columns that were named one by one under `changed`


@dataclass(frozen=True)
class _Piece:
    """Rows of one table at one tick."""

    tick: int
    table: Table
    active: bool


def _asked(
    world: Readable,
    components: Iterable[object],
    where: object,
    changed: object,
    without: Iterable[object],
) -> _Asked:
    named = [_known(world.components, found) for found in components]
    columns = tuple({column.name: column for one in named for column in one.columns}.values())
    has = {one.name for one in named}
    mask, after = None, None
    if isinstance(where, str):
        where = parse(where)
    if isinstance(where, Expression):
        has |= _components_of(world.components, where)
        mask = _mask_of_expression(where)
    elif callable(where):
        mask = _mask_of_function(where)
    elif where is not None:
        after = _arrow_expression(where)
    altered, only = None, frozenset[str]()
    if changed is not None and changed is not False:
        altered, only = _changed_parts(world.components, changed, named)
        has |= {one.name for one in altered}
    lacks = frozenset(_known(world.components, found).name for found in without)
    return _Asked(columns, frozenset(has), lacks, mask, after, altered, only)


def _known(components: Components, found: object) -> Component:
    """Find a component; a class that the world has not met has its columns, and no rows."""
    if isinstance(found, str):
        return components.named(found)
    declared = component_of(found)
    return components.learn(found) if declared.name in components else declared


def _components_of(components: Components, where: Expression) -> set[str]:
    names = [name for name in where.columns if name not in {"entity_id", "tick"}]
    return {components.column(name).component for name in names}


def _mask_of_expression(where: Expression) -> Callable[[Table], Numbers]:
    def mask(table: Table) -> Numbers:
        columns = {**table.columns, "entity_id": table.entity_id}
        return where.mask(columns, len(table))

    return mask


def _mask_of_function(where: Callable[[Columns], object]) -> Callable[[Table], Numbers]:
    def mask(table: Table) -> Numbers:
        return Columns(table).mask(where)

    return mask


def _arrow_expression(where: object) -> object:
    from pyarrow import compute  # noqa: PLC0415 - only where an Arrow expression may come

    if not isinstance(where, compute.Expression):
        raise InvalidQueryError(
            f"`where` is a {type(where).__name__}; give an expression as text, an Arrow "
            "expression or a function of columns",
            where=repr(where),
        )
    return where


def _changed_parts(
    components: Components, changed: object, asked: list[Component]
) -> tuple[tuple[Component, ...], frozenset[str]]:
    """Give the components under `changed`, and the columns where only some were named."""
    if changed is True:
        return tuple(asked), frozenset()
    several = isinstance(changed, list | tuple | set | frozenset)
    found: list[Component] = []
    only: set[str] = set()
    for part in changed if several else (changed,):  # type: ignore[attr-defined] # one of the collections above
        if isinstance(part, str) and "__" in part:
            column = components.column(part)
            only.add(column.name)
            found.append(components.named(column.component))
        else:
            found.append(_known(components, part))
            only.update(column.name for column in found[-1].columns)
    return tuple({one.name: one for one in found}.values()), frozenset(only)


def _ticks(world: Readable, tick: int | None, ticks: object) -> Iterable[int]:
    if tick is not None and ticks is not None:
        raise InvalidQueryError("give `tick` or `ticks`, not both")
    if ticks is None:
        return (world.state.tick if tick is None else _number(tick),)
    last = world.state.tick
    if isinstance(ticks, str) and ticks == "all":
        return held(world)
    if isinstance(ticks, slice):
        readable = set(held(world))
        return [t for t in range(*ticks.indices(last + 1)) if t in readable]
    if isinstance(ticks, range | list | tuple | set | frozenset | np.ndarray):
        return sorted({_number(number) for number in ticks})
    raise InvalidQueryError(
        f'`ticks` is {ticks!r}; give a range, a slice, a sequence of ticks or "all"', ticks=ticks
    )


def held(world: Readable) -> Sequence[int]:
    """Give the ticks that can be read, from 1 up to the one of this world."""
    found = world.backend.held()
    if isinstance(found, range):
        return range(max(found.start, 1), min(found.stop, world.state.tick + 1))
    return [tick for tick in found if 1 <= tick <= world.state.tick]


def _number(tick: object) -> int:
    if isinstance(tick, bool) or not isinstance(tick, int | np.integer):
        raise InvalidQueryError(f"a tick is a whole number, not {tick!r}", tick=tick)
    return int(tick)


def tables_at(world: Readable, tick: int) -> Mapping[Archetype, Table]:
    """Give the active rows of a tick; those of the world's own tick are at hand."""
    if tick == world.state.tick:
        return world.state.tables
    reached(world, tick)
    return world.backend.read(tick)


def state_at(world: Readable, tick: int) -> State:
    """Give the state of a tick that this world has reached."""
    if tick == world.state.tick:
        return world.state
    reached(world, tick)
    return world.backend.state(tick)


def reached(world: Readable, tick: int) -> None:
    """Raise `UnknownTickError` for a tick that this world has not reached."""
    if not 0 <= tick <= world.state.tick:
        raise UnknownTickError(
            f"tick {tick} is not there; the last one is {world.state.tick}", tick=tick
        )


def _pieces(
    world: Readable,
    tick: int,
    tables: Mapping[Archetype, Table],
    asked: _Asked,
    wanted: Ids | None,
    *,
    active: bool | None,
) -> Iterator[_Piece]:
    if active is not False:
        for table in _matching(tables, asked):
            if len(chosen := _chosen(world, tick, table, asked, wanted)):
                yield _Piece(tick, chosen, active=True)
    if active is not True and tick:
        gone = {
            change.archetype: change.tombstones
            for change in world.backend.record(tick).tables
            if change.tombstones is not None
        }
        for table in _matching(gone, asked):
            if len(chosen := _chosen(world, tick, table, asked, wanted)):
                yield _Piece(tick, chosen, active=False)


def _matching(tables: Mapping[Archetype, Table], asked: _Asked) -> Iterator[Table]:
    for found in sorted(tables):
        if matches(found, asked.has, asked.lacks):
            yield tables[found]


def _chosen(world: Readable, tick: int, table: Table, asked: _Asked, wanted: Ids | None) -> Table:
    """Give the rows that are asked for, with the columns that are, in ascending id."""
    if wanted is not None:
        table = _only(table, wanted)
    if asked.mask is not None and len(table):
        mask = asked.mask(table)
        table = table if mask.all() else table.where(mask)
    if asked.changed is not None and len(table):
        before = tables_at(world, tick - 1) if tick else {}
        names = [c.name for one in asked.changed for c in one.columns]
        compared = [name for name in names if not asked.only or name in asked.only]
        tags = [one.name for one in asked.changed if not one.columns]
        mask = changed_rows(table, before, compared, tags)
        table = table if mask.all() else table.where(mask)
    columns = {column.name: table.columns[column.name] for column in asked.columns}
    return Table(table.archetype, table.entity_id, columns)


def _only(table: Table, wanted: Ids) -> Table:
    places = table.positions(wanted)
    places = places[places >= 0]
    return table if len(places) == len(table) else table.at(places)


def _joined(pieces: list[_Piece], columns: tuple[Column, ...], birth: Birth) -> pa.Table:
    rows = sum(len(piece.table) for piece in pieces)
    arrays: list[list[pa.Array]] = [
        *_base_arrays(pieces, birth),
        *([one.to_arrow(piece.table.columns[one.name]) for piece in pieces] for one in columns),
    ]
    schema = schema_of(columns)
    chunks = [
        pa.chunked_array(held, type=field.type) for held, field in zip(arrays, schema, strict=True)
    ]
    found = pa.Table.from_arrays(chunks, schema=schema)
    crumbs = len(pieces) > _MANY_PIECES and rows < _FEW_ROWS * len(pieces)
    return found.combine_chunks() if crumbs else found


def _base_fields() -> list[pa.Field]:
    name = pa.dictionary(pa.int32(), pa.string())
    types = (name, name, pa.int64(), pa.int64(), pa.bool_())
    return [pa.field(n, t, nullable=False) for n, t in zip(BASE, types, strict=True)]


def _base_arrays(pieces: list[_Piece], birth: Birth) -> list[list[pa.Array]]:
    worlds, runs, numbers, ids, actives = [], [], [], [], []
    for piece in pieces:
        count = len(piece.table)
        zeros = _zeros(count)
        world_id, run_id = home(birth, piece.tick)
        worlds.append(pa.DictionaryArray.from_arrays(zeros, _name(world_id)))
        runs.append(pa.DictionaryArray.from_arrays(zeros, _name(run_id)))
        numbers.append(arrow(np.full(count, piece.tick, np.int64)))
        ids.append(arrow(piece.table.entity_id))
        actives.append(pa.repeat(piece.active, count))
    return [worlds, runs, numbers, ids, actives]


def home(birth: Birth, tick: int) -> tuple[str, str]:
    """Say in which world and run the rows of a tick lie: those before a fork in an ancestor's."""
    for world_id, run_id, until in birth.lineage:
        if tick <= until:
            return world_id, run_id
    return birth.world_id, birth.run_id


@lru_cache(maxsize=256)
def _name(text: str) -> pa.Array:
    return pa.array([text], pa.string())


@lru_cache(maxsize=8)
def _zeros(count: int) -> pa.Array:
    return arrow(np.zeros(count, np.int32))
