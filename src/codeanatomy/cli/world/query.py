"""The command `world query`: rows of a world at a tick, or of its whole history in SQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from codeanatomy.cli.options import Output, RowFormat  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Models, Where, WorldName
from codeanatomy.kernel.errors import SpecError


def query(
    name: WorldName,
    /,
    *components: Annotated[str, Parameter(help="The components the rows must have.")],
    tick: Annotated[int | None, Parameter(help="The tick to read; the last one.")] = None,
    condition: Annotated[
        str, Parameter(name="--where", help="A condition, as `energy__value > 3`.")
    ] = "",
    sql: Annotated[str | None, Parameter(help="One SELECT over the history, instead.")] = None,
    rows: RowFormat = None,
    output: Output = None,
    model: Models = (),
    where: Where = HERE,
) -> int:
    """Read rows: of the entities that have all the components, or in SQL."""
    if sql is not None and (components or condition or tick is not None):
        raise SpecError("--sql stands alone: its WHERE says which rows and which ticks")
    with asking(where, model) as ask:
        if sql is not None:
            found = ask.rows("POST", WORLD + "/sql", {"sql": sql}, name=name)
        else:
            said = {"components": ",".join(components), "tick": tick, "where": condition}
            found = ask.rows("GET", WORLD + "/query", said, name=name)
    from codeanatomy.cpg.graph import formats  # noqa: PLC0415 - heavy: only once there are rows

    if output is not None:
        path = Path(output)
        formats.write_file(found, path, rows or formats.of_path(path))
        return 0
    if rows in ("parquet", "arrow") and sys.stdout.isatty():
        raise SpecError(f"{rows} is not for a terminal; write it to a file with -o", format=rows)
    sys.stdout.flush()
    formats.named(rows or "table").write(found, sys.stdout.buffer)
    return 0
