"""Messages: what entities tell each other; sent in one tick, read in the next, then gone.

They live in a recorded resource, one for each message component, so forks, reopened worlds and
replays have the messages that were on their way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.arrays import concat, take
from codeanatomy.ecs.column import REQUIRED
from codeanatomy.ecs.components import component_of
from codeanatomy.ecs.entity import as_ids
from codeanatomy.ecs.errors import InvalidMessageError, UnknownColumnError
from codeanatomy.ecs.table import NO_IDS

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from codeanatomy.ecs.arrays import Array, Ids
    from codeanatomy.ecs.column import Column
    from codeanatomy.ecs.components import Component, Components
    from codeanatomy.ecs.table import Table


@dataclass(frozen=True, slots=True)
class Inbox:
    """The messages of one component for the entities of a table, by receiver, then sender.

    `row` is the receiver's row in the table: `np.bincount(inbox.row, ...)` adds up by entity.
    A sender of 0 is somebody outside of the world.
    """

    row: Ids
    receiver: Ids
    sender: Ids
    columns: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - numpy or Arrow, as the column is
        if name not in self.columns:
            raise UnknownColumnError(
                f"no column {name!r} in this message; it has {', '.join(self.columns)}", name=name
            )
        return self.columns[name]


class Messages:
    """The messages a processor can read and send while it is at a table."""

    def __init__(
        self,
        resources: MutableMapping[str, object],
        tick: int,
        tables: tuple[Table, ...],
        components: Components,
    ) -> None:
        self._resources = resources
        self._tick = tick
        self._tables = tables
        self._components = components

    def send(self, to: object, *parts: object, sender: object = 0) -> None:
        """Send a message to each of `to`: component instances, or a mapping of columns.

        It can be read in the next tick, and only then; to somebody who is gone it is lost.
        """
        send(self._resources, self._tick, self._components, to, parts, sender)

    def read(self, found: object, archetype: int = 0) -> Inbox:
        """Give the messages of a component that were sent to entities of this table a tick ago.

        `archetype` is the place of the table where a processor declared several.
        """
        declared = self._components.named(found)
        table = self._tables[archetype]
        batch = _batch(self._resources.get(_name(declared)), self._tick - 1)
        if batch is None:
            empty = {column.name: column.empty() for column in declared.columns}
            return Inbox(NO_IDS, NO_IDS, NO_IDS, empty)
        rows = table.positions(batch["to"])
        here = np.flatnonzero(rows >= 0)
        order = here[np.lexsort((batch["sender"][here], rows[here]))]
        columns = {column.name: take(batch[column.name], order) for column in declared.columns}
        return Inbox(rows[order], batch["to"][order], batch["sender"][order], columns)


def send(
    resources: MutableMapping[str, object],
    tick: int,
    components: Components,
    to: object,
    parts: tuple[object, ...],
    sender: object,
) -> None:
    """Put messages sent at `tick` where the next tick finds them."""
    receivers = as_ids(to, unique=False)
    senders = as_ids(sender, unique=False)
    if len(senders) not in {1, len(receivers)}:
        raise InvalidMessageError(
            f"{len(senders)} senders for {len(receivers)} receivers: one for all, or one each",
            receivers=len(receivers),
        )
    senders = np.broadcast_to(senders, receivers.shape).copy()
    if not parts:
        raise InvalidMessageError("a message says something: give a component or columns")
    for declared, columns in _said(parts, len(receivers), components):
        name = _name(declared)
        batch = {"to": receivers, "sender": senders, **columns}
        before, now = _batch(resources.get(name), tick - 1), _batch(resources.get(name), tick)
        joined = batch if now is None else {key: concat([now[key], batch[key]]) for key in batch}
        resources[name] = {"tick": tick, "now": joined, "before": before}


def _said(
    parts: tuple[object, ...], rows: int, components: Components
) -> list[tuple[Component, dict[str, Array]]]:
    """Give each message component with a column for each of its fields."""
    values: dict[str, dict[str, object]] = {}
    for part in parts:
        if isinstance(part, Mapping):
            for key, value in part.items():
                column = components.column(str(key))
                values.setdefault(column.component, {})[column.name] = value
        else:
            declared = components.learn(component_of(part))
            given = {} if isinstance(part, type) else vars(part)
            own = values.setdefault(declared.name, {})
            own.update(
                {c.name: given[c.field_name] for c in declared.columns if c.field_name in given}
            )
    return [
        (declared, {c.name: _column(c, own, rows) for c in declared.columns})
        for declared, own in ((components.named(name), own) for name, own in values.items())
    ]


def _column(column: Column, values: Mapping[str, object], rows: int) -> Array:
    value = values.get(column.name, column.default)
    if value is REQUIRED:
        raise InvalidMessageError(f"{column.name} is missing and has no default", name=column.name)
    many = isinstance(value, np.ndarray | pa.Array | pa.ChunkedArray | list)
    deep = np.ndim(value) if isinstance(value, np.ndarray) else 1
    alone = column.width is not None and deep == 1 and not isinstance(value, pa.Array)
    return column.take_in(value, rows) if many and not alone else column.fill(value, rows)


def _batch(held: object, tick: int) -> dict[str, Any] | None:
    """Give what was sent at a tick, if that is still on its way."""
    if not isinstance(held, Mapping):
        return None
    if held["tick"] == tick:
        return dict(held["now"])
    if held["tick"] == tick + 1 and held["before"] is not None:
        return dict(held["before"])
    return None


def _name(declared: Component) -> str:
    return f"messages.{declared.name}"
