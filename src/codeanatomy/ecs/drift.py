"""Drift: a component is stored with other fields than its class declares; refused, or migrated.

A migration is a rule, given once when the world is opened. It is recorded in the world as the
resource `migrations`, so that older ticks read with the new fields from then on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.column import REQUIRED
from codeanatomy.ecs.components import component_of, difference, drifted
from codeanatomy.ecs.errors import ComponentDriftError
from codeanatomy.ecs.resource import freeze
from codeanatomy.ecs.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codeanatomy.ecs.arrays import Array
    from codeanatomy.ecs.column import Column
    from codeanatomy.ecs.components import Component

RESOURCE = "migrations"


@dataclass(frozen=True)
class Migration:
    """How a component changed: fields by their names, without that of the component.

    `renamed` old to new, `dropped` for good, `filled` the value of new fields (else their
    default), `cast` those of another type, whose values must all fit it.
    """

    component: object
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    dropped: tuple[str, ...] = ()
    filled: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    cast: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the component."""
        found = self.component
        return found if isinstance(found, str) else component_of(found).name

    def as_data(self) -> Mapping[str, object]:
        """Give the rule as it is recorded."""
        told = {
            "component": self.name,
            "renamed": dict(self.renamed),
            "dropped": tuple(self.dropped),
            "filled": dict(self.filled),
            "cast": tuple(self.cast),
        }
        return MappingProxyType({key: freeze(value, RESOURCE) for key, value in told.items()})


def migration_of(data: Mapping[str, object]) -> Migration:
    """Give back a rule that was recorded."""
    return Migration(**data)  # type: ignore[arg-type] # what `as_data` made


def refuse_drift(stored: Component, declared: Component, rule: Migration | None = None) -> None:
    """Raise `ComponentDriftError` for every difference that the rule does not cover."""
    left = difference(stored, declared) if rule is None else _uncovered(stored, declared, rule)
    if left:
        raise drifted(declared.name, left)


def migrated_table(
    table: Table, declared: Mapping[str, Component], rules: Sequence[Migration]
) -> Table:
    """Give a table with the fields that are declared now; one that has them is given back."""
    concerned = {rule.name for rule in rules}.intersection(table.archetype)
    if not concerned:
        return table
    columns: dict[str, Array] = {}
    for name in table.archetype:
        own = _own(table.columns, name)
        if name in concerned:
            own = _migrated(own, declared[name], [r for r in rules if r.name == name], len(table))
        columns |= own
    return Table(table.archetype, table.entity_id, columns)


def migrated_columns(
    columns: Mapping[str, Array], declared: Mapping[str, Component], rules: Sequence[Migration]
) -> Mapping[str, Array]:
    """Give the columns of a command with the fields that are declared now; none is added."""
    found = dict(columns)
    for name in {rule.name for rule in rules}:
        own = _own(found, name)
        found = {key: array for key, array in found.items() if key not in own}
        named = _renamed(own, name, [rule for rule in rules if rule.name == name])
        for column in declared[name].columns:
            if column.name in named:
                found[column.name] = _fitting(named[column.name], column)
    return MappingProxyType(found)


def _own(columns: Mapping[str, Array], component: str) -> dict[str, Array]:
    return {n: array for n, array in columns.items() if n.partition("__")[0] == component}


def _migrated(
    own: dict[str, Array], declared: Component, rules: Sequence[Migration], rows: int
) -> dict[str, Array]:
    named = _renamed(own, declared.name, rules)
    return {
        column.name: _fitting(named[column.name], column)
        if column.name in named
        else column.fill(_filling(column, rules), rows)
        for column in declared.columns
    }


def _renamed(own: Mapping[str, Array], name: str, rules: Sequence[Migration]) -> dict[str, Array]:
    found = dict(own)
    for rule in rules:
        for old, new in rule.renamed.items():
            if f"{name}__{old}" in found and f"{name}__{new}" not in found:
                found[f"{name}__{new}"] = found.pop(f"{name}__{old}")
    return found


def _filling(column: Column, rules: Sequence[Migration]) -> object:
    for rule in reversed(rules):
        if column.field_name in rule.filled:
            return rule.filled[column.field_name]
    return column.default


def _fitting(array: Array, column: Column) -> Array:
    """Give the values in the declared type; raises `ComponentDriftError` where one does not fit."""
    if isinstance(array, np.ndarray) and array.dtype == column.dtype:
        return array
    if not isinstance(array, np.ndarray) and array.type == column.type:
        return array
    try:
        values = pa.array(array) if isinstance(array, np.ndarray) and array.ndim == 1 else array
        if isinstance(values, pa.Array) and column.members is None:
            return column.of_arrow(values.cast(column.type))
        return column.take_in(values, len(values))
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise ComponentDriftError(
            f"the stored values of {column.name} do not fit {column.type}: {error}",
            name=column.name,
            difference=[str(error)],
        ) from error


def _uncovered(stored: Component, declared: Component, rule: Migration) -> list[str]:
    """List what a rule leaves open."""
    before = {column.field_name: column for column in stored.columns}
    now = {column.field_name: column for column in declared.columns}
    after = {rule.renamed.get(name, name): column for name, column in before.items()}
    gone = [name for name in after if name not in now and name not in rule.dropped]
    fresh = [
        name
        for name, column in now.items()
        if name not in after and column.default is REQUIRED and name not in rule.filled
    ]
    changed = [
        name
        for name in after.keys() & now.keys()
        if name not in rule.cast and after[name].as_data() | {"field": name} != now[name].as_data()
    ]
    return [
        *(f"{name} is stored and not declared, and neither renamed nor dropped" for name in gone),
        *(f"{name} is declared and not stored, and has no value to begin with" for name in fresh),
        *(f"{name} has another type and is not cast" for name in sorted(changed)),
    ]
