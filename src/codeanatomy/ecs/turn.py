"""Turns: a processor whose entities act one after the other, written for one of them.

def settle(me, my, town, wanted, chance): ...      # one resident's turn

@turns(settle, writes=(Resident,))
def town(my): return grid.occupy(my.cell), wanted  # once a tick: what every turn is given
"""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from codeanatomy.ecs.activation import in_turn, random_order
from codeanatomy.ecs.arrays import take
from codeanatomy.ecs.components import component_of
from codeanatomy.ecs.errors import ActivationError
from codeanatomy.ecs.processors import processor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codeanatomy.ecs.arrays import Array, Ids
    from codeanatomy.ecs.columns import Columns
    from codeanatomy.ecs.processors import Processor
    from codeanatomy.ecs.visit import Visit

_OWN = ("entity_id", "alive", "born")


def turns(
    turn: Callable[..., object],
    *,
    reads: Iterable[object] = (),
    writes: Iterable[object] = (),
    without: Iterable[object] = (),
    archetypes: Iterable[Iterable[object]] | None = None,
    priority: int = 0,
    order: str | Callable[[Any], Ids] = "random",
    compiled: bool | None = None,
) -> Callable[[Callable[..., object]], Processor]:
    """Declare a processor that calls `turn(me, my, *given, chance)` for each row of a table.

    `my` holds the columns by field name (by full name where two components share one): written
    ones as copies to write into, enums as the positions of their members, text and lists not at
    all. Besides: `my.alive[me] = False` despawns, and whoever is dead gets no turn any more;
    `my.born[me] += 1` spawns a copy of the row as it is after all turns. With `archetypes` the
    first one acts; the columns of the others are given after `my`. `given` is what the decorated
    function returns when it is called with the same tables, once a tick.

    `order` is "random", "entity" (ascending id) or a function from `my` to rows. Compiled with
    numba when that is installed (see `activation.in_turn`).
    """
    if not callable(order) and order not in {"random", "entity"}:
        raise ActivationError(f'an order is "random", "entity" or a function, not {order!r}')
    written = tuple(writes)
    names = frozenset(c if isinstance(c, str) else component_of(c).name for c in written)
    groups = None if archetypes is None else tuple(archetypes)

    def declare(given: Callable[..., object]) -> Processor:
        many = len(signature(given).parameters)

        def act(found: Columns | tuple[Columns, ...], visit: Visit) -> list[dict[str, Array]]:
            tables = found if isinstance(found, tuple) else (found,)
            rows = tuple(_opened(columns, names, visit) for columns in tables)
            if not tables[0].rows:
                return [{} for _ in tables]
            more = given(*rows[:many])
            extra = more if isinstance(more, tuple) and not hasattr(more, "_fields") else (more,)
            chosen = _ordered(order, rows[0], visit)
            given_all = (*rows, *extra, visit.chance)
            in_turn(turn, chosen, *given_all, alive=rows[0].alive, compiled=compiled)
            results = [_changed(c, names, r) for c, r in zip(tables, rows, strict=True)]
            _births_and_deaths(tables[0], rows[0], results[0], visit)
            return results

        def alone(columns: Columns, visit: Visit) -> dict[str, Array]:
            return act(columns, visit)[0]

        name = getattr(given, "__name__", type(given).__name__)
        declaration: dict[str, Any] = {"writes": written, "priority": priority, "name": name}
        if groups is not None:
            return processor(archetypes=groups, **declaration)(act)
        return processor(reads=reads, without=without, **declaration)(alone)

    return declare


def _opened(columns: Columns, written: frozenset[str], visit: Visit) -> Any:  # noqa: ANN401 - a tuple named by the fields
    """Give the columns of a table for turns: written ones as copies."""
    held: dict[str, Any] = {}
    for name in columns:
        column = columns[name]
        if not isinstance(column, np.ndarray):
            if visit._components.column(name).members is None:  # noqa: SLF001 - of the same room
                continue
            column = columns.codes(name)
        held[name] = column.copy() if name.partition("__")[0] in written else column
    own = (columns.entity_id, np.ones(columns.rows, np.bool_), np.zeros(columns.rows, np.int64))
    return _tuple_of(tuple(held))(*held.values(), *own)


def _ordered(order: str | Callable[[Any], Ids], my: Any, visit: Visit) -> Ids:  # noqa: ANN401 - as above
    if callable(order):
        return order(my)
    if order == "entity":
        return np.arange(len(my.alive), dtype=np.int64)
    return random_order(visit.chance, len(my.alive))


def _changed(columns: Columns, written: frozenset[str], my: Any) -> dict[str, Array]:  # noqa: ANN401 - as above
    """Give the written columns that turns have changed."""
    found: dict[str, Array] = {}
    for name, array in zip(my.columns, my, strict=False):
        if name.partition("__")[0] not in written:
            continue
        held = columns[name]
        before = held if isinstance(held, np.ndarray) else columns.codes(name)
        if not np.array_equal(array, before):
            found[name] = array
    return found


def _births_and_deaths(
    columns: Columns,
    my: Any,  # noqa: ANN401 - as above
    changed: dict[str, Array],
    visit: Visit,
) -> None:
    """Order what turns asked for: the dead go, copies of the parents come."""
    if not my.alive.all():
        visit.commands.despawn(columns.entity_id[~my.alive])
    parents = np.repeat(np.arange(columns.rows), my.born)
    if len(parents):
        table = visit._tables[0]  # noqa: SLF001 - of the same room; a copy has every column
        rows = {
            name: take(changed.get(name, held), parents) for name, held in table.columns.items()
        }
        visit.commands.spawn_batch(rows or len(parents), table.archetype)


@lru_cache(maxsize=256)
def _tuple_of(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - a class made here
    """Make the class of `my`: one for the same columns, so that turns are compiled once."""
    fields = [name.partition("__")[2] for name in names]
    short = [
        field if fields.count(field) == 1 else name
        for name, field in zip(names, fields, strict=True)
    ]
    if taken := set(short) & set(_OWN):
        raise ActivationError(
            f"a field called {min(taken)} hides what turns say of every row; name it otherwise",
            fields=sorted(taken),
        )
    every = (*short, *_OWN)
    made: Any = namedtuple("made", every)  # type: ignore[misc] # noqa: PYI024 - known when run
    made.columns = names  # type: ignore[attr-defined] # beside the fields
    return made
