"""The command `calibrate`: how often call targets are right where programs were seen to run."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from codeanatomy.cli.options import AsJson, Output, StorePlace, Version, as_json, emit, opened

Traces = Annotated[str, Parameter(help="A trace (Parquet), or a folder of traces.")]


def calibrate(
    traces: Traces,
    *,
    store: StorePlace = None,
    version: Version = None,
    json: AsJson = False,
    output: Output = None,
) -> int:
    """Make the calibration table: how often targets of calls ran where their site ran.

    One line a method, number of targets of the site (1, 2, 3, 4, 5-6 ... 25+), agreement of another
    witness, and whether the site is unresolved too; with hits, total, and the frequency that is
    drawn to that of the method where there are few. As CSV, unless in JSON.
    """
    lines = opened(store, version).calibrate(traces)
    if json:
        emit(as_json(lines), output)
        return 0
    from codeanatomy.cpg.resolve.confidence import to_csv  # noqa: PLC0415 - heavy

    emit(to_csv(lines), output)
    return 0
