"""The command `tables`: what can be asked, with the meaning of every column."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from codeanatomy.cli.options import AsJson, Output, StorePlace, Version, as_json, emit, opened
from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from codeanatomy.cpg.api import Graph
    from codeanatomy.kernel.schema import Table


def tables(
    name: Annotated[str | None, Parameter(help="One table or view; all when not given.")] = None,
    /,
    *,
    store: StorePlace = None,
    version: Version = None,
    json: AsJson = False,
    output: Output = None,
) -> int:
    """List every table and view with its meaning, or all about one.

    With a name: its columns with types and meanings, and its key. A declared table that this
    version does not have is an answer too: the reason, and exit status 1.
    """
    graph = opened(store, version)
    if name is not None and name in graph.absent:
        emit(f"{name} is not in version {graph.version}: {graph.absent[name]}", output)
        return 1
    known = graph.tables() if name is None else (_named(graph, name),)
    if json:
        emit(as_json([_record(table) for table in known]), output)
    else:
        emit(_overview(known) if name is None else _described(known[0]), output)
    return 0


def _named(graph: Graph, name: str) -> Table:
    found = {table.name: table for table in graph.tables()}
    if name not in found:
        near = get_close_matches(name, found, 1, 0.0)[0]
        raise UnknownNameError(f"no table {name!r}; the nearest is {near!r}", name=name, near=near)
    return found[name]


def _overview(known: tuple[Table, ...]) -> str:
    from codeanatomy.cpg.graph.formats import aligned  # noqa: PLC0415 - heavy

    return "\n".join(
        aligned([(t.name, str(len(t.columns)), t.meaning) for t in known], [False, True])
    )


def _described(table: Table) -> str:
    from codeanatomy.cpg.graph.formats import aligned  # noqa: PLC0415 - heavy

    columns = [(c.name, c.type + ("?" if c.nullable else ""), c.meaning) for c in table.columns]
    head = f"{table.name}: {table.meaning}\n"
    key = f"\nkey: {', '.join(table.key)}" if table.key else ""
    return "\n".join([head, *(f"  {line}" for line in aligned(columns)), key]).rstrip()


def _record(table: Table) -> dict[str, object]:
    return {
        "name": table.name,
        "meaning": table.meaning,
        "key": table.key,
        "columns": [
            {"name": c.name, "type": c.type, "null": c.nullable, "meaning": c.meaning}
            for c in table.columns
        ],
    }
