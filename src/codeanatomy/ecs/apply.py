"""Applying commands: what a tick's spawns, despawns, updates and moves make of its tables.

Commands are taken in order, each as columns. For every entity that any of them touches, three
things are followed: the archetype it is in, whether it is gone, and for every column the last
value it was given. Tables are rebuilt once, at the end, and only those that changed.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.ecs.archetype import archetype
from codeanatomy.ecs.arrays import concat, frozen, keep, scattered, take
from codeanatomy.ecs.receipt import ErrorRow
from codeanatomy.ecs.table import NO_IDS, Table, empty_table, positions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Array, Ids
    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.components import Components

    Mask = npt.NDArray[np.bool_]
    Places = Ids | slice

_NOWHERE = -1
_EVERY = slice(None)  # the places of a command that names all touched entities, in their order


class Applied(NamedTuple):
    """The tables after the commands, the rows that left, and what could not be done."""

    tables: dict[Archetype, Table]
    tombstones: dict[Archetype, Table]
    errors: tuple[ErrorRow, ...]
    spawned: Ids
    despawned: Ids
    used: Ids  # spawned, and those that were gone again in the same tick


def apply(
    before: Mapping[Archetype, Table],
    worked: Mapping[Archetype, Table],
    commands: Sequence[Command],
    reserved: Ids,
    components: Components,
) -> Applied:
    """Apply commands, in this order, to what the processors made of the tables `before`."""
    if not commands:
        return Applied(dict(worked), {}, (), NO_IDS, NO_IDS, NO_IDS)
    staging = _Staging(before, worked, commands, reserved, components)
    for group in _grouped(commands):
        staging.take(group)
    return staging.finish()


class _Group(NamedTuple):
    """Neighbouring commands of one shape, as one."""

    commands: tuple[Command, ...]
    entity_id: Ids
    columns: Mapping[str, Array]

    @property
    def first(self) -> Command:
        return self.commands[0]


def _grouped(commands: Sequence[Command]) -> list[_Group]:
    """Put neighbours together that differ only in ids and values: their order is kept inside."""

    def shape(command: Command) -> tuple[object, ...]:
        return (command.kind, command.components, tuple(command.columns), command.reserved)

    groups = []
    for _, same in groupby(commands, shape):
        members = tuple(same)
        if len(members) == 1:
            groups.append(_Group(members, members[0].entity_id, members[0].columns))
            continue
        ids = concat([command.entity_id for command in members])
        if members[0].kind == "remove" and len(np.unique(ids)) != len(ids):
            # a second remove must see the first one; all other kinds bear being done at once
            groups.extend(_Group((one,), one.entity_id, one.columns) for one in members)
            continue
        columns = {
            name: concat([command.columns[name] for command in members])
            for name in members[0].columns
        }
        groups.append(_Group(members, ids, columns))
    return groups


class _Overlay:
    """The values one column was given, by touched entity; later ones win."""

    def __init__(self, touched: int) -> None:
        self._chunks: list[Array] = []
        self._size = 0
        self._straight = False  # one value for every touched entity, in their order
        self.source = np.full(touched, _NOWHERE, np.int64)

    def put(self, places: Places, values: Array) -> None:
        self._straight = not self._chunks and places is _EVERY
        self._chunks.append(values)
        self.source[places] = np.arange(self._size, self._size + len(values))
        self._size += len(values)

    def values(self, source: Ids) -> Array:
        """Give the values at these places of all that was given."""
        every = self.every()
        if self._straight and source is self.source:
            return every
        if len(source) == self._size and (source == np.arange(self._size)).all():
            return every
        return take(every, source)

    def every(self) -> Array:
        if len(self._chunks) > 1:
            self._chunks = [concat(self._chunks)]
        return self._chunks[0]


class _Staging:
    """Where every touched entity is and what it was given, while commands are taken."""

    def __init__(
        self,
        before: Mapping[Archetype, Table],
        worked: Mapping[Archetype, Table],
        commands: Sequence[Command],
        reserved: Ids,
        components: Components,
    ) -> None:
        self._before = before
        self._worked = worked
        self._components = components
        self._reserved = reserved
        self.touched = _ascending([command.entity_id for command in commands])
        self._known: list[Archetype] = list(dict.fromkeys((*before, *worked)))
        self._code = {found: code for code, found in enumerate(self._known)}
        self._home = np.full(len(self.touched), _NOWHERE, np.int64)
        for found, table in before.items():
            if _overlap(table.entity_id, self.touched):
                self._home[table.positions(self.touched) >= 0] = self._code[found]
        self._where = self._home.copy()
        self._gone = np.zeros(len(self.touched), np.bool_)
        self._overlays: dict[str, _Overlay] = {}
        self._errors: list[ErrorRow] = []

    def take(self, group: _Group) -> None:
        """Take a group of commands of one shape."""
        alone = group.entity_id is self.touched
        places = _EVERY if alone else positions(self.touched, group.entity_id)
        getattr(self, f"_{group.first.kind}")(group, places)

    def finish(self) -> Applied:
        """Build the tables that changed."""
        tables = dict(self._worked)
        tombstones = {}
        for found in self._known:
            code = self._code[found]
            base = self._worked.get(found)
            if base is None:
                base = empty_table(found, self._components.columns(found))
            made = self._rebuilt(base, code)
            if made is not base:
                tables[found] = made
            left = (self._home == code) & (self._where != code)
            if left.any():
                table = self._before[found]
                tombstones[found] = table.at(table.positions(self.touched[left]))
        born = (self._home == _NOWHERE) & (self._where != _NOWHERE)
        dead = (self._home != _NOWHERE) & (self._where == _NOWHERE)
        return Applied(
            tables,
            tombstones,
            tuple(self._errors),
            self.touched[born],
            self.touched[dead],
            self.touched[born | ((self._home == _NOWHERE) & self._gone)],
        )

    def _spawn(self, group: _Group, places: Places) -> None:
        used = self._home[places] != _NOWHERE
        if group.first.reserved:
            used |= positions(self._reserved, group.entity_id) < 0
        gone = self._gone[places]
        fine = self._refuse(group, {"despawned": gone, "used-id": used & ~gone})
        self._where[_only(places, fine)] = self._coded(group.first.components)
        self._give(group, places, fine)

    def _despawn(self, group: _Group, places: Places) -> None:
        unknown = (self._where[places] == _NOWHERE) & ~self._gone[places]
        places = _only(places, self._refuse(group, {"unknown-entity": unknown}))
        self._where[places] = _NOWHERE
        self._gone[places] = True

    def _update(self, group: _Group, places: Places) -> None:
        self._give(group, places, self._standing(group, places, need=group.first.components))

    def _add(self, group: _Group, places: Places) -> None:
        fine = self._standing(group, places)
        self._move(_only(places, fine), added=group.first.components)
        self._give(group, places, fine)

    def _remove(self, group: _Group, places: Places) -> None:
        fine = self._standing(group, places, need=group.first.components)
        self._move(_only(places, fine), removed=group.first.components)

    def _standing(self, group: _Group, places: Places, need: tuple[str, ...] = ()) -> Mask | None:
        """Refuse what is asked of entities that are gone, unknown or lack a component."""
        where = self._where[places]
        gone = self._gone[places]
        unknown = (where == _NOWHERE) & ~gone
        lacking = np.zeros(len(where), np.bool_)
        for code in _codes(where):
            if code != _NOWHERE and not set(need).issubset(self._known[code]):
                lacking |= where == code
        return self._refuse(
            group, {"despawned": gone, "unknown-entity": unknown, "missing-component": lacking}
        )

    def _refuse(self, group: _Group, reasons: Mapping[str, Mask]) -> Mask | None:
        """Write an error row for every entity with a reason; give those without, none for all."""
        if not any(refused.any() for refused in reasons.values()):
            return None
        ends = np.cumsum([len(command.entity_id) for command in group.commands])
        fine = np.ones(len(group.entity_id), np.bool_)
        for code, refused in reasons.items():
            fine &= ~refused
            for row in np.flatnonzero(refused):
                command = group.commands[int(np.searchsorted(ends, row, side="right"))]
                entity = int(group.entity_id[row])
                self._errors.append(
                    ErrorRow(code, command.kind, entity, command.sequence, command.source)
                )
        return fine

    def _give(self, group: _Group, places: Places, fine: Mask | None) -> None:
        for name, values in group.columns.items():
            overlay = self._overlays.get(name)
            if overlay is None:
                overlay = self._overlays[name] = _Overlay(len(self.touched))
            overlay.put(_only(places, fine), values if fine is None else keep(values, fine))

    def _move(
        self, places: Places, added: tuple[str, ...] = (), removed: tuple[str, ...] = ()
    ) -> None:
        where = self._where[places]
        at = np.arange(len(where)) if isinstance(places, slice) else places
        for code in _codes(where):
            names = (set(self._known[code]) | set(added)) - set(removed)
            self._where[at[where == code]] = self._coded(archetype(names))

    def _coded(self, found: Archetype) -> int:
        code = self._code.get(found)
        if code is None:
            code = self._code[found] = len(self._known)
            self._known.append(found)
        return code

    def _rebuilt(self, base: Table, code: int) -> Table:
        rows = base.positions(self.touched)
        here = self._where == code
        inside = rows >= 0
        stay = np.flatnonzero(inside & here)
        columns = self._overlaid(base, rows, stay) if len(stay) else dict(base.columns)
        leave = rows[inside & ~here]
        enter = np.flatnonzero(~inside & here)
        if not len(leave) and not len(enter):
            if all(columns[name] is base.columns[name] for name in columns):
                return base
            return Table(base.archetype, base.entity_id, columns)
        kept = Table(base.archetype, base.entity_id, columns)
        if len(leave):
            mask = np.ones(len(base), np.bool_)
            mask[leave] = False
            kept = kept.where(mask)
        return self._joined(kept, enter) if len(enter) else kept

    def _overlaid(self, base: Table, rows: Ids, stay: Ids) -> dict[str, Array]:
        """Lay what was given over the rows that stay."""
        columns = dict(base.columns)
        for name, overlay in self._overlays.items():
            if name not in columns:
                continue
            source = overlay.source[stay]
            set_ = source != _NOWHERE
            if set_.any():
                values = overlay.values(source[set_])
                whole = len(values) == len(base)
                columns[name] = (
                    values if whole else scattered(columns[name], rows[stay[set_]], values)
                )
        return columns

    def _joined(self, kept: Table, enter: Ids) -> Table:
        """Merge the rows that enter into those that stay, by id."""
        ids = frozen(self.touched[enter])
        entering = {name: self._entering(name, enter) for name in kept.columns}
        if not len(kept):
            return Table(kept.archetype, ids, entering)
        merged = frozen(np.concatenate([kept.entity_id, ids]))
        columns = {name: concat([kept.columns[name], entering[name]]) for name in kept.columns}
        if kept.entity_id[-1] < ids[0]:
            return Table(kept.archetype, merged, columns)
        order = np.argsort(merged, kind="stable")
        return Table(kept.archetype, merged, columns).at(order)

    def _entering(self, name: str, enter: Ids) -> Array:
        """Give one column of the rows that enter: what was given, else what they carry."""
        overlay = self._overlays.get(name)
        if overlay is None:
            source = np.full(len(enter), _NOWHERE)
        else:
            whole = len(enter) == len(self.touched)
            source = overlay.source if whole else overlay.source[enter]
        carried = source == _NOWHERE
        if overlay is not None and not carried.any():
            return overlay.values(source)
        pieces: list[Array] = [] if overlay is None else [overlay.every()]
        size = sum(map(len, pieces))
        source = source.copy()
        home = self._home[enter]
        for code in _codes(home[carried]):
            mine = carried & (home == code)
            table = self._worked[self._known[code]]
            pieces.append(take(table.columns[name], table.positions(self.touched[enter[mine]])))
            source[mine] = np.arange(size, size + len(pieces[-1]))
            size += len(pieces[-1])
        return take(concat(pieces), source)


def _only(places: Places, fine: Mask | None) -> Places:
    if fine is None:
        return places
    return np.flatnonzero(fine) if isinstance(places, slice) else places[fine]


def _codes(where: Ids) -> list[int]:
    if not len(where):
        return []
    first = int(where[0])
    return [first] if (where == first).all() else np.unique(where).tolist()


def _ascending(arrays: Sequence[Ids]) -> Ids:
    """Give all ids once, ascending; ids that are so already are not sorted again."""
    ids = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    if len(ids) < 2 or (ids[1:] > ids[:-1]).all():  # noqa: PLR2004 - one id is ascending
        return ids
    ordered: Ids = np.sort(ids, kind="stable")
    first: Ids = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])]
    return first


def _overlap(left: Ids, right: Ids) -> bool:
    return bool(len(left) and len(right) and left[0] <= right[-1] and right[0] <= left[-1])
