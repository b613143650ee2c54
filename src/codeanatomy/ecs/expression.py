"""An expression over columns, as people write it: `energy__value > 3 and wolf__pack = 'north'`.

Nulls behave as in SQL; an aggregate (`avg`, `sum`, `min`, `max`, `median`, `stddev`, `count`)
makes one value of all rows. The grammar stands in `syntax`, what it does in `evaluation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from codeanatomy.ecs.errors import InvalidExpressionError
from codeanatomy.ecs.syntax import AGGREGATES, Node, tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from codeanatomy.ecs.arrays import Array


@dataclass(frozen=True)
class Expression:
    """A parsed text: which columns it reads, and what it says about their rows."""

    text: str
    tree: Node
    columns: frozenset[str]
    aggregate: bool

    def mask(self, columns: Mapping[str, Array], rows: int) -> npt.NDArray[np.bool_]:
        """Say for each row whether it holds; what is unknown (null) does not.

        Raises `InvalidExpressionError` for an aggregate or when it is not a yes or no.
        """
        from codeanatomy.ecs import evaluation  # noqa: PLC0415 - brings Arrow's functions

        if self.aggregate:
            raise InvalidExpressionError(
                f"{self.text!r} is one value for all rows, and a filter asks row by row",
                text=self.text,
            )
        return evaluation.mask(self.tree, self.text, columns, rows)

    def value(self, table: pa.Table) -> object:
        """Give the one value of an aggregate as Python has it; None where no row has one."""
        from codeanatomy.ecs import evaluation  # noqa: PLC0415 - brings Arrow's functions

        if not self.aggregate:
            raise InvalidExpressionError(
                f"{self.text!r} has a value for every row; make one of them with avg(...), "
                "sum(...), min(...), max(...), median(...), stddev(...) or count(...)",
                text=self.text,
            )
        return evaluation.value(self.tree, self.text, table)

    def per_row(self, table: pa.Table) -> pa.ChunkedArray:
        """Give the value of every row."""
        from codeanatomy.ecs import evaluation  # noqa: PLC0415 - brings Arrow's functions

        return evaluation.per_row(self.tree, self.text, table)


@lru_cache(maxsize=512)
def parse(text: str) -> Expression:
    """Read an expression; raises `InvalidExpressionError` that points at the place."""
    tree = tree_of(text)
    return Expression(text, tree, frozenset(_names(tree)), _aggregates(tree, text))


def _names(tree: Node) -> set[str]:
    if tree.operation == "name":
        return {str(tree.operands[0])}
    return {name for inner in tree.operands if isinstance(inner, Node) for name in _names(inner)}


def _aggregates(tree: Node, text: str, *, inside: bool = False) -> bool:
    own = tree.operation in AGGREGATES or tree.operation == "count *"
    if own and inside:
        raise InvalidExpressionError(f"{text!r}: an aggregate inside an aggregate", text=text, at=0)
    inner = [
        _aggregates(operand, text, inside=inside or own)
        for operand in tree.operands
        if isinstance(operand, Node)
    ]
    return own or any(inner)
