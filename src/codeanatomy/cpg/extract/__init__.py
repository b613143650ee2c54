"""Evidence: one producer a file, each a pure function from one file's bytes to declared tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import pyarrow as pa

    Rows = list[tuple[Any, ...]]


def run_one(extractor: str, source: bytes) -> dict[str, pa.Table]:
    """Run one extractor on one file's bytes; tables lack `repo` and `file_no`, which it has not."""
    from codeanatomy.cpg.extract._run import run_one as run  # noqa: PLC0415 - loads pyarrow

    return run(extractor, source)


def steps_of(source: bytes) -> tuple[Rows, Rows]:
    """Return how values move in one file: rows of `value_bodies` and `value_steps`, no `file_no`.

    Raises what `ast.parse` raises.
    """
    from codeanatomy.cpg.extract import _source, _values_made  # noqa: PLC0415 - loads numpy

    return _values_made.steps_of(_source.Source(source))
