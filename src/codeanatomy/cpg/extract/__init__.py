"""Evidence: one producer a file, each a pure function from one file's bytes to declared tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def run_one(extractor: str, source: bytes) -> dict[str, pa.Table]:
    """Run one extractor on one file's bytes; tables lack `repo` and `file_no`, which it has not."""
    from codeanatomy.cpg.extract._run import run_one as run  # noqa: PLC0415 - loads pyarrow

    return run(extractor, source)
