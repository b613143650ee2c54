"""SQL over the history of a world: its tables as sources that read only the ticks asked for.

<component>                 active rows of every table that has it: `position`, `energy`
archetype__<a>__<b>         every row of one table, tombstones too (`is_active` false)
entities                    every active row of every table, with the names of its components
ticks                       one row a tick: how many entities live
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from codeanatomy.ecs.arrays import arrow
from codeanatomy.ecs.query import BASE, held, home, query, schema_of, tables_at
from codeanatomy.engine.execute import run_sql
from codeanatomy.engine.session import Session
from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.query import Readable

ENTITIES = "entities"
TICKS = "ticks"
ARCHETYPE = "archetype"
_RUN = 64  # ticks that are read as one piece
_PATIENCE = 0.5  # seconds


def sql(
    world: Readable,
    text: str,
    parameters: Mapping[str, object] | None = None,
    *,
    ticks: Iterable[int] | None = None,
) -> pa.Table:
    """Answer one SELECT over the history, or over the given ticks of it.

    `$name` in the text stands for a parameter. A condition on `tick` reads only those ticks,
    and only the columns that are used are read. Raises what `engine.run_sql` raises, and what
    reading a tick raises.
    """
    told = Told()
    reached = held(world)
    chosen = reached if ticks is None else sorted(set(ticks).intersection(reached))
    try:
        return _answer(world, text, parameters, chosen, told)
    except AnatomyError:
        if told.raised:
            raise told.raised[0] from None
        raise
    finally:
        told.wait()


def _answer(
    world: Readable,
    text: str,
    parameters: Mapping[str, object] | None,
    ticks: Sequence[int],
    told: Told,
) -> pa.Table:
    session = Session()
    for name, source in _sources(world, text).items():
        session.register(name, HistoryTable(source, ticks, told))
    return run_sql(session, text, parameters)


class Told:
    """What the readers of one query have to say: what they raised, and that they are done."""

    def __init__(self) -> None:
        self.raised: list[AnatomyError] = []
        self.reading: WeakSet[_Run] = WeakSet()

    def wait(self) -> None:
        """Return when no thread of the query holds a reader any more, or after a while.

        A thread that gives up its reader while the interpreter ends would end the process.
        """
        until = time.monotonic() + _PATIENCE
        while len(self.reading) and time.monotonic() < until:
            time.sleep(0.0005)


class Source:
    """One table of the history: its schema, and how the rows of one tick are read."""

    def __init__(self, schema: pa.Schema, read: Callable[[Sequence[int]], pa.Table]) -> None:
        self.schema = schema
        self.read = read


class HistoryTable(ds.Dataset):  # type: ignore[misc] # pyarrow ships no types
    """A source as Arrow's readers take it: pieces of ticks, those that cannot match left out."""

    def __init__(self, source: Source, ticks: Sequence[int], told: Told) -> None:
        self._source = source
        self._numbers = ticks
        self._told = told

    @property
    def schema(self) -> pa.Schema:
        """The columns of the table."""
        return self._source.schema

    def get_fragments(self, filter: Any = None) -> Iterator[_Run]:  # noqa: A002, ANN401 - Arrow's name for an expression
        """Give the runs of ticks that may hold rows for this condition."""
        wanted = _pruned(self._numbers, filter, self.schema)
        runs = [wanted[at : at + _RUN] for at in range(0, len(wanted), _RUN)]
        share = -(-len(runs) // 2) or 1
        groups = [runs[at : at + share] for at in range(0, len(runs), share)]
        return (_Run(self._source, group, self._told) for group in groups)

    def scanner(self, columns: list[str] | None = None, filter: Any = None, **options: Any) -> Any:  # noqa: A002, ANN401 - Arrow's signature
        """Give a reader of every tick: whoever can prune asks for fragments."""
        everything = _Run(self._source, (self._numbers,), self._told)
        return everything.scanner(self.schema, columns=columns, filter=filter, **options)


class _Run(ds.Fragment):  # type: ignore[misc] # pyarrow ships no types
    """Some ticks of a table, read when somebody asks for their rows."""

    def __init__(self, source: Source, runs: Sequence[Sequence[int]], told: Told) -> None:
        self.runs = runs
        self._source = source
        self._told = told
        told.reading.add(self)

    def scanner(
        self,
        schema: pa.Schema | None = None,
        columns: list[str] | None = None,
        filter: Any = None,  # noqa: A002, ANN401 - Arrow's name for an expression
        **options: Any,  # noqa: ANN401 - Arrow's options are passed on
    ) -> Any:  # noqa: ANN401 - a scanner of Arrow
        """Give a reader of these ticks."""
        del schema
        names = _needed(self._source.schema, columns, filter)
        kept = pa.schema([field for field in self._source.schema if field.name in names])
        return ds.Scanner.from_batches(
            self._batches(kept), schema=kept, columns=columns, filter=filter, **options
        )

    def _batches(self, kept: pa.Schema) -> Iterator[pa.RecordBatch]:
        for ticks in self.runs:
            try:
                found = self._source.read(ticks)
            except AnatomyError as error:
                self._told.raised.append(error)
                raise
            yield from found.select(kept.names).cast(kept).to_batches()


def _sources(world: Readable, text: str) -> dict[str, Source]:
    found: dict[str, Source] = {TICKS: _ticks(world), ENTITIES: _entities(world)}
    living = {"__".join((ARCHETYPE, *archetype)): archetype for archetype in world.state.tables}
    for name, archetype in (living | dict(_named(world, text))).items():
        others = [one.name for one in world.components if one.name not in archetype]
        found[name] = _rows(world, archetype, others, active=None)
    for component in world.components:
        found[component.name] = _rows(world, (component.name,), (), active=True)
    return found


def _named(world: Readable, text: str) -> Iterator[tuple[str, Archetype]]:
    """Give the tables that a text names: those of the past are found by being asked for."""
    for word in re.findall(rf"\b{ARCHETYPE}(?:__[a-z0-9_]+)?\b", text):
        parts = word.split("__")[1:]
        yield word, tuple(sorted(world.components.named(part).name for part in parts))


def _rows(
    world: Readable, names: Sequence[str], without: Sequence[str], *, active: bool | None
) -> Source:
    """Give what a query gives; the columns are those of the world, so none is copied."""

    def read(ticks: Sequence[int]) -> pa.Table:
        return query(world, names, ticks=ticks, without=without, active=active, gaps=True)

    return Source(_plain(schema_of(world.components.columns(names))), read)


def _entities(world: Readable) -> Source:
    schema = pa.schema([*_plain(schema_of(())), pa.field("components", pa.list_(pa.string()))])

    def read(ticks: Sequence[int]) -> pa.Table:
        rows = query(world, (), ticks=ticks, gaps=True)
        names: list[pa.Array] = []
        for tick in ticks:
            for archetype, table in sorted(tables_at(world, tick).items()):
                one = pa.array([list(archetype)], pa.list_(pa.string()))
                names.append(one.take(arrow(np.zeros(len(table), np.int64))))
        return rows.append_column("components", pa.chunked_array(names, type=pa.list_(pa.string())))

    return Source(schema, read)


def _ticks(world: Readable) -> Source:
    fields = [(name, pa.string()) for name in BASE[:2]]
    schema = pa.schema([*fields, ("tick", pa.int64()), ("entities", pa.int64())])

    def read(ticks: Sequence[int]) -> pa.Table:
        rows = []
        for tick in ticks:
            living = sum(len(table) for table in tables_at(world, tick).values())
            rows.append((*home(world.birth, tick), tick, living))
        return pa.Table.from_pylist([dict(zip(schema.names, r, strict=True)) for r in rows], schema)

    return Source(schema, read)


def _plain(schema: pa.Schema) -> pa.Schema:
    """Give the schema with names and enums as texts, which is what SQL compares them with."""
    return pa.schema(
        [
            pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type)
            for f in schema
        ]
    )


def _needed(schema: pa.Schema, columns: list[str] | None, condition: Any) -> set[str]:  # noqa: ANN401 - an expression of Arrow
    """Say which columns are read: those asked for and those the condition names."""
    if columns is None:
        return set(schema.names)
    told = "" if condition is None else str(condition)
    return {name for name in schema.names if name in columns or name in told} or {"tick"}


def _pruned(ticks: Sequence[int], condition: Any, schema: pa.Schema) -> list[int]:  # noqa: ANN401 - an expression of Arrow
    """Leave out the ticks at which a condition cannot hold, whatever the other columns say.

    Arrow decides it as it does for partitions of files: each run of ticks is shown as a file
    that is known to lie between two numbers, then each tick of what is left.
    """
    if condition is None or not len(ticks):
        return list(ticks)
    field = ds.field("tick")
    runs = [ticks[at : at + _RUN] for at in range(0, len(ticks), _RUN)]
    between = [(field >= run[0]) & (field <= run[-1]) for run in runs]
    left = [tick for at in _may_hold(between, condition, schema) for tick in runs[at]]
    each = [field == tick for tick in left]
    return [left[at] for at in _may_hold(each, condition, schema)]


def _may_hold(known: list[Any], condition: Any, schema: pa.Schema) -> list[int]:  # noqa: ANN401 - expressions of Arrow
    """Give the places of the facts under which a condition is not sure to be false."""
    layout, nowhere = ds.IpcFileFormat(), fs.LocalFileSystem()
    parts = [
        layout.make_fragment(str(place), nowhere, partition_expression=fact)
        for place, fact in enumerate(known)
    ]
    shown = ds.FileSystemDataset(parts, schema, layout, nowhere)
    return sorted(int(part.path) for part in shown.get_fragments(condition))
