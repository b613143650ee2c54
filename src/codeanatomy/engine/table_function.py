"""A SQL table function made of a Python function: `SELECT * FROM name('a', 2)`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import datafusion
import pyarrow.dataset as ds

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa


class TableFunction:
    """Gives `call` the constants that stand in the SQL, as Python values; its rows are the table.

    DataFusion turns whatever `call` raises into text; `raised` keeps the error itself.
    """

    def __init__(self, name: str, call: Callable[..., pa.Table]) -> None:
        self.name = name
        self.raised: Exception | None = None
        self._call = call

    def declared(self) -> datafusion.TableFunction:
        """Return it as DataFusion takes it."""
        found: datafusion.TableFunction = datafusion.udtf(self._rows, self.name)
        return found

    def _rows(self, *expressions: datafusion.Expr) -> ds.Dataset:
        """Call it on a thread of its own: it may ask the session whose planning waits for it."""
        self.raised = None
        try:
            values = [_constant(self.name, expression) for expression in expressions]
            with ThreadPoolExecutor(1) as pool:
                return ds.dataset(pool.submit(self._call, *values).result())
        except Exception as error:
            self.raised = error
            raise


def _constant(name: str, expression: datafusion.Expr) -> Any:  # noqa: ANN401 - any constant of SQL
    if expression.variant_name() != "Literal":
        message = f"{name} takes constants, not {expression.canonical_name()}"
        raise SpecError(message, name=name)
    return expression.python_value().as_py()
