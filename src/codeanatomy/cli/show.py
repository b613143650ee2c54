"""The command `show`: a definition, its place, its source, and what it is connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from codeanatomy.cli.options import AsJson, Output, StorePlace, Version, as_json, emit, opened

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.node import Node

DIGITS = 12  # of a node_id, enough to tell matches apart

Limit = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=0),
        help="Neighbours to show of each kind of edge: 10 by default, 0 is all.",
    ),
]


def show(
    what: Annotated[str, Parameter(help="A name, a qualified name, a node_id, FILE or FILE:LINE.")],
    /,
    *,
    limit: Limit = 10,
    store: StorePlace = None,
    version: Version = None,
    json: AsJson = False,
    output: Output = None,
) -> int:
    """Show a definition, its source, and its neighbours.

    A name may be qualified, or the last parts of a qualified name; FILE:LINE means the definition
    that starts there or that it lies in, FILE its module. Several matches are listed, each with
    the first digits of its node_id, which are taken too. The source is read from the repository,
    as long as the file is as it was when the graph was built. Neighbours come by kind of edge,
    each with how it was decided, its sources and its confidence (`-` where that was not measured).
    Exit status 1 when there is no match.
    """
    graph = opened(store, version)
    found = graph.find(what)
    if json:
        emit(as_json([graph.show(node) for node in found]), output)
    elif len(found) > 1:
        emit(_choices(found), output)
    else:
        emit(graph.show(found[0]).to_text(limit), output)
    return 0


def _choices(found: list[Node]) -> str:
    from codeanatomy.cpg.graph.formats import aligned  # noqa: PLC0415 - heavy

    cells = [(n.kind, n.qualified_name or n.name or "", n.place, n.node_id[:DIGITS]) for n in found]
    head = f"{len(found)} matches; name one by its id or FILE:LINE:"
    return "\n".join([head, *aligned(cells)])
