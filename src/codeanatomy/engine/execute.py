"""Running queries and the steps of a plan."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from codeanatomy.engine.conform import conform, plain
from codeanatomy.engine.errors import failed
from codeanatomy.kernel.errors import CompileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from datafusion import DataFrame

    from codeanatomy.engine.session import Session
    from codeanatomy.kernel.plan import Step


class PlanTexts(msgspec.Struct, frozen=True):
    """How DataFusion means to answer: as written, as optimised, as it will run."""

    logical: str
    optimised: str
    physical: str


def run_sql(session: Session, sql: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
    """Answer one SELECT with plain types; only ORDER BY promises an order.

    Raises `QueryError` for SQL that is not valid or does more than read, `QueryRunError` when it
    fails on the data, `MemoryLimitError` when it needs more memory than the session has.
    """
    frame = session.frame(sql, parameters)
    try:
        return plain(_collected(frame))
    except Exception as error:
        raise failed(error, sql) from error


def stream_sql(
    session: Session, sql: str, parameters: Mapping[str, object] | None = None
) -> Iterator[pa.RecordBatch]:
    """Answer one SELECT batch by batch, with plain types; raises as `run_sql` does."""
    frame = session.frame(sql, parameters)
    try:
        for batch in pa.RecordBatchReader.from_stream(frame):
            yield from plain(pa.Table.from_batches([batch])).to_batches()
    except Exception as error:
        raise failed(error, sql) from error


def explain(session: Session, sql: str) -> PlanTexts:
    """Return the three plans of one SELECT as indented text, without running it."""
    frame = session.frame(sql)
    try:
        return PlanTexts(
            frame.logical_plan().display_indent(),
            frame.optimized_logical_plan().display_indent(),
            frame.execution_plan().display_indent(),
        )
    except Exception as error:
        raise failed(error, sql) from error


def run_step(session: Session, step: Step, schema: pa.Schema | None = None) -> pa.Table:
    """Run one step, register its rows under the table it writes, and return them.

    With a `schema` the rows are conformed to it. A kernel function gets the tables of
    `step.reads`, in that order, and nothing else.
    """
    if step.engine == "sql":
        table = run_sql(session, step.text)
    else:
        table = _function(step)(*(session.table(name) for name in step.reads))
    if schema is not None:
        table = conform(table, schema)
    session.register(step.writes, table)
    return table


def _collected(frame: DataFrame) -> pa.Table:
    """Lay the partitions one after the other: without an exchange, rows keep their order."""
    batches = [batch for run in frame.collect_partitioned() for batch in run]
    return pa.Table.from_batches(batches) if batches else frame.to_arrow_table()


def _function(step: Step) -> Callable[..., pa.Table]:
    module, _, name = step.text.rpartition(".")
    try:
        found: Callable[..., pa.Table] = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        message = f"step {step.name}: there is no function {step.text!r}"
        raise CompileError(message, step=step.name, text=step.text) from error
    return found
