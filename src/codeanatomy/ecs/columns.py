"""Columns: what a processor sees of a table, by attribute or by name, read-only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs.errors import ColumnShapeError, UnknownColumnError
from codeanatomy.ecs.expression import parse

if TYPE_CHECKING:
    from typing import Any

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Ids, Numbers
    from codeanatomy.ecs.table import Table


class Columns(Mapping[str, "Any"]):
    """The visible columns of a table: `cols.position__x` is `cols["position__x"]`.

    Fixed-width columns are numpy `(n,)` or `(n, k)`, the others Arrow; `len` is the number of
    columns as for any mapping, `rows` the number of entities.
    """

    __slots__ = ("_names", "_table")

    def __init__(self, table: Table, names: frozenset[str] | None = None) -> None:
        self._table = table
        self._names = names

    @property
    def entity_id(self) -> Ids:
        """The ids of the rows, ascending."""
        return self._table.entity_id

    @property
    def archetype(self) -> Archetype:
        """The component names of the table."""
        return self._table.archetype

    @property
    def rows(self) -> int:
        """The number of entities."""
        return len(self._table.entity_id)

    def codes(self, name: str) -> Numbers:
        """Give an enum column as the positions of its members, in numpy."""
        found: Numbers = self[name].indices.to_numpy(zero_copy_only=False)
        return found

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - numpy or Arrow, as the column is
        try:
            return self[name]
        except UnknownColumnError as error:
            raise AttributeError(str(error)) from None

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - numpy or Arrow, as the column is
        if name == "entity_id":
            return self._table.entity_id
        if name in self._table.columns and (self._names is None or name in self._names):
            return self._table.columns[name]
        near = get_close_matches(name, list(self), 3, 0.5) or list(self)[:8]
        raise UnknownColumnError(
            f"no column {name!r} here; the nearest are {', '.join(near)} "
            "(a processor sees the components it declares)",
            name=name,
        )

    def __iter__(self) -> Iterator[str]:
        return (n for n in self._table.columns if self._names is None or n in self._names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._table.columns and (self._names is None or name in self._names)

    def mask(self, where: object) -> Numbers:
        """Say for every row whether `where` holds.

        A function of columns, an Arrow expression, or a text like `energy__level > 3`.
        """
        import pyarrow.compute as pc  # noqa: PLC0415 - only where rows are chosen

        if isinstance(where, str):
            return parse(where).mask({"entity_id": self.entity_id, **self}, self.rows)
        if isinstance(where, pc.Expression):
            return self._mask_of_expression(where)
        found = np.asarray(where(self) if callable(where) else where)
        if found.dtype != np.bool_ or found.shape != (self.rows,):
            raise ColumnShapeError(
                f"`where` must give one bool for each of {self.rows} rows, "
                f"not {found.dtype} {found.shape}",
                shape=found.shape,
            )
        return found

    def _mask_of_expression(self, where: object) -> Numbers:
        import pyarrow as pa  # noqa: PLC0415 - only where rows are chosen
        from pyarrow import acero  # noqa: PLC0415 - only where rows are chosen

        arrays: list[object] = [pa.array(self.entity_id)]
        names = ["entity_id"]
        for name in self:
            column = self[name]
            if isinstance(column, np.ndarray) and column.ndim > 1:
                continue  # an expression cannot look into lists of fixed length
            arrays.append(pa.array(column) if isinstance(column, np.ndarray) else column)
            names.append(name)
        plan = acero.Declaration.from_sequence(
            [
                acero.Declaration(
                    "table_source", acero.TableSourceNodeOptions(pa.table(arrays, names))
                ),
                acero.Declaration("project", acero.ProjectNodeOptions([where], ["found"])),
            ]
        )
        found = (
            plan.to_table(use_threads=False)["found"].combine_chunks().fill_null(fill_value=False)
        )
        mask: Numbers = found.to_numpy(zero_copy_only=False).astype(np.bool_)
        return mask
