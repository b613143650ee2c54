"""Running the processors of a tick: whole columns in, checked columns out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.columns import Columns
from codeanatomy.ecs.errors import (
    ColumnShapeError,
    ColumnTypeError,
    EntityIdError,
    ProcessorFailedError,
    UnknownColumnError,
)
from codeanatomy.ecs.resource import OpenResources
from codeanatomy.ecs.table import empty_table
from codeanatomy.ecs.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Array, Pool
    from codeanatomy.ecs.buffer import CommandBuffer
    from codeanatomy.ecs.schedule import Planned
    from codeanatomy.ecs.table import Table
    from codeanatomy.ecs.work import Work

_OURS = 4  # what getrefcount says of an array that only its mapping and our two names hold


class _Call(NamedTuple):
    """One call of a processor: the tables it gets, and what it is called with."""

    tables: tuple[Table, ...]
    columns: Columns | tuple[Columns, ...]
    visit: Visit


def process(
    tick: int,
    working: dict[Archetype, Table],
    buffer: Callable[[str], CommandBuffer],
    work: Work,
) -> None:
    """Run every processor over all its tables, replacing tables in `working` as they change."""
    for planned in work.schedule:
        calls = _calls(planned, tick, working, buffer, work)
        failures: list[tuple[Archetype, Exception]] = []
        for call, result in zip(calls, _results(planned, calls), strict=True):
            if isinstance(result, Exception):
                failures.extend((table.archetype, result) for table in call.tables)
                continue
            try:
                for table in _taken(planned, call, result, work):
                    working[table.archetype] = table
            except Exception as error:  # noqa: BLE001 - every table that failed is named, then raised
                failures.extend((table.archetype, error) for table in call.tables)
        if failures:
            raise _failed(planned, tick, failures)


def _calls(
    planned: Planned,
    tick: int,
    working: Mapping[Archetype, Table],
    buffer: Callable[[str], CommandBuffer],
    work: Work,
) -> list[_Call]:
    name = planned.processor.name
    if planned.groups is not None:
        if not any(group in working for group in planned.groups):
            return []
        sets = [
            tuple(
                working.get(group) or empty_table(group, work.components.columns(group))
                for group in planned.groups
            )
        ]
    else:
        sets = [(table,) for found, table in working.items() if planned.wants(found)]
    if not sets:
        return []
    commands, resources = buffer(name), OpenResources(work.resources)
    calls = []
    for tables in sets:
        columns = tuple(Columns(table, planned.visible) for table in tables)
        visit = Visit(
            tick,
            work.seed,
            name,
            tables,
            commands,
            resources,
            work.external,
            work.components,
            work.pool,
        )
        calls.append(_Call(tables, columns if planned.groups is not None else columns[0], visit))
    return calls


def _results(planned: Planned, calls: Sequence[_Call]) -> list[Any]:
    """Call the processor for every table; what it raises stands in the place of its result."""
    made = planned.processor
    results: list[Any] = []
    for call in calls:
        try:
            given = (call.columns, call.visit)[: made.arguments]
            results.append(made.call(*given))
        except Exception as error:  # noqa: BLE001 - every table that failed is named
            results.append(error)
    if made.asynchronous:
        waiting = [result for result in results if not isinstance(result, Exception)]
        done = iter(_awaited(waiting))
        results = [r if isinstance(r, Exception) else next(done) for r in results]
    return results


def _awaited(waiting: Sequence[Awaitable[Any]]) -> list[Any]:
    """Await all calls together, away from the column path; works inside a running loop too."""

    async def every() -> list[Any]:
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(every())
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(copy_context().run, asyncio.run, every()).result()


def _taken(planned: Planned, call: _Call, result: object, work: Work) -> list[Table]:
    """Check what a processor returned and give the tables it makes."""
    if planned.groups is None:
        return [_adopted(planned, call.tables[0], result, work)]
    if result is None:
        return []
    if isinstance(result, Mapping):
        parts: list[object] = [result] if len(call.tables) == 1 else []
    else:
        parts = list(result) if isinstance(result, list | tuple) else []
    if len(parts) != len(call.tables):
        raise ColumnShapeError(
            f"a processor of {len(call.tables)} archetypes returns as many mappings of columns, "
            "in the same order (None where nothing changed)",
            wanted=len(call.tables),
        )
    return [
        _adopted(planned, table, part, work) for table, part in zip(call.tables, parts, strict=True)
    ]


def _adopted(planned: Planned, table: Table, result: object, work: Work) -> Table:
    if result is None:
        return table
    named = _mapping(result)
    changed: dict[str, Array] = {}
    if "entity_id" in named:
        _check_entities(table, named["entity_id"])
    for name in list(named):  # not items(): its pair would hold every array once more
        value = named[name]
        if name == "entity_id":
            continue
        if name not in table.columns or name not in planned.writable:
            if name in table.columns and value is table.columns[name]:
                continue
            raise UnknownColumnError(
                f"{name!r} is not a column that this processor writes; it writes "
                f"{', '.join(sorted(planned.writable & table.columns.keys())) or 'nothing'}",
                name=name,
            )
        if value is not table.columns[name]:
            column = work.components.column(name)
            made = column.check(value, len(table))
            if made is value and isinstance(value, np.ndarray):
                shared = sys.getrefcount(value) > _OURS
                made = _owned(value, table, work.pool, shared=shared)
            changed[name] = made
    return table.with_columns(changed) if changed else table


def _owned(value: np.ndarray[Any, Any], table: Table, pool: Pool, *, shared: bool) -> Array:
    """Give an array nobody else can write: the processor's own if it let go of it, else a copy."""
    if any(value is column for column in table.columns.values()):
        return value
    if value.base is None and not shared and value.flags.c_contiguous:
        value.flags.writeable = False
        return value
    if pool.owns(value):
        value.flags.writeable = False
        return value
    copied = value.copy()
    copied.flags.writeable = False
    return copied


def _mapping(result: object) -> Mapping[str, Any]:
    if isinstance(result, Mapping):
        return result
    if hasattr(result, "__arrow_c_stream__") or isinstance(result, pa.RecordBatch):
        table = pa.table(result)
        return {name: table[name] for name in table.column_names}
    raise ColumnTypeError(
        f"a processor returns a mapping of columns (or Arrow, or None), not "
        f"{type(result).__name__}",
        found=type(result).__name__,
    )


def _check_entities(table: Table, found: object) -> None:
    """Refuse rows that were dropped, doubled or put in another order."""
    if found is table.entity_id:
        return
    ids = found.to_numpy() if isinstance(found, pa.Array | pa.ChunkedArray) else np.asarray(found)
    if np.array_equal(ids, table.entity_id):
        return
    lost = np.setdiff1d(table.entity_id, ids)
    if len(lost):
        told = f"lost entity {lost[0]}" + (f" and {len(lost) - 1} more" if len(lost) > 1 else "")
    elif len(np.setdiff1d(ids, table.entity_id)):
        told = f"made up entity {np.setdiff1d(ids, table.entity_id)[0]}"
    elif len(ids) != len(table):
        told = "doubled rows"
    else:
        told = "put the rows in another order"
    raise EntityIdError(f"the processor {told}; entities come and go by visit.commands", told=told)


def _failed(
    planned: Planned, tick: int, failures: list[tuple[Archetype, Exception]]
) -> ProcessorFailedError:
    tables = [found for found, _ in failures]
    first = failures[0][1]
    told = "; ".join("{" + ", ".join(found) + "}" for found in tables)
    error = ProcessorFailedError(
        f"tick {tick}: processor {planned.processor.name} failed on {told}: "
        f"{type(first).__name__}: {first}",
        phase="process",
        tick=tick,
        processor=planned.processor.name,
        tables=tables,
        errors=[f"{type(each).__name__}: {each}" for _, each in failures],
    )
    error.__cause__ = first
    return error
