"""Which rows of a table are not as they were in the tick before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.arrays import take

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Array
    from codeanatomy.ecs.table import Table


def changed_rows(
    table: Table,
    before: Mapping[Archetype, Table],
    columns: Iterable[str],
    tags: Iterable[str] = (),
) -> npt.NDArray[np.bool_]:
    """Say for each row whether one of these columns differs, or was not there before.

    An entity that came from another table is compared with its row there; of a tag, only
    whether the entity had it can change.
    """
    found = np.zeros(len(table), np.bool_)
    for name in columns:
        found |= _changed(table, before, name)
    for name in tags:
        found |= _new(table, before, name)
    return found


def _new(table: Table, before: Mapping[Archetype, Table], tag: str) -> npt.NDArray[np.bool_]:
    new = np.ones(len(table), np.bool_)
    for archetype, old in before.items():
        if tag in archetype:
            new &= old.positions(table.entity_id) < 0
    return new


def _changed(table: Table, before: Mapping[Archetype, Table], name: str) -> npt.NDArray[np.bool_]:
    changed = np.ones(len(table), np.bool_)
    values = table.columns[name]
    for old in before.values():
        if name not in old.columns:
            continue
        if old.columns[name] is values and old.entity_id is table.entity_id:
            return np.zeros(len(table), np.bool_)
        places = old.positions(table.entity_id)
        here = np.flatnonzero(places >= 0)
        if len(here):
            changed[here] = different(take(values, here), take(old.columns[name], places[here]))
    return changed


def different(left: Array, right: Array) -> npt.NDArray[np.bool_]:
    """Say row by row whether two arrays of one type differ; NaN equals NaN, null null."""
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        unequal = left != right
        if left.dtype.kind == "f":
            unequal &= ~(np.isnan(left) & np.isnan(right))
        found: npt.NDArray[np.bool_] = unequal.any(axis=1) if unequal.ndim > 1 else unequal
        return found
    return _arrow_different(pa.array(left), pa.array(right))


def _arrow_different(left: pa.Array, right: pa.Array) -> npt.NDArray[np.bool_]:
    if left.equals(right):
        return np.zeros(len(left), np.bool_)
    if pa.types.is_nested(left.type):
        pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
        return np.array([one != other for one, other in pairs], np.bool_)
    from pyarrow import compute  # noqa: PLC0415 - only where texts and the like are compared

    if pa.types.is_dictionary(left.type):
        left, right = left.cast(left.type.value_type), right.cast(right.type.value_type)
    unequal = compute.not_equal(left, right).fill_null(fill_value=True)
    missing = compute.and_(left.is_null(), right.is_null())
    found: npt.NDArray[np.bool_] = compute.and_not(unequal, missing).to_numpy(zero_copy_only=False)
    return found
