"""What every question works with: nodes by number, source lines, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg.graph.place import lines_of
from codeanatomy.engine.spans import innermost

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codeanatomy.cpg.graph.snapshot import Snapshot

    Row = dict[str, Any]

CODE = ("module", "class", "function", "method", "lambda")
"""Kinds of nodes that have code of their own."""
LISTED = 20_000  # numbers that are listed in SQL; of more, all rows are read


class Found(NamedTuple):
    """What a question found: rows, how many there are without a limit, and how sure that is.

    `possible` counts unresolved places that could belong to the answer.
    """

    rows: list[Row]
    total: int
    possible: int = 0
    notes: tuple[str, ...] = ()
    holds: bool = True


def nodes_of(snapshot: Snapshot, nids: Iterable[int]) -> dict[int, Row]:
    """Return, by `nid`, what nodes are and are called; of one without a name what it is."""
    wanted = sorted({int(nid) for nid in nids})
    few = len(wanted) <= LISTED
    where = f" where nid in ({', '.join(map(str, wanted)) or 'null'})" if few else ""
    found = snapshot.sql(
        "select nid, kind, coalesce(qualified_name, name, syntax, kind) as title, name, path, "  # noqa: S608 - numbers
        f"bstart, bend, line, file_no, repo from _nodes{where}"
    )
    if not few:
        found = found.filter(np.isin(found["nid"].to_numpy(), wanted))
    return {row["nid"]: row for row in found.to_pylist()}


def stopped(depth: int, beyond: int) -> tuple[str, ...]:
    """Tell that a bound on the depth was met, and at how many things."""
    many = "1 thing found there leads" if beyond == 1 else f"{beyond:,} things found there lead"
    return (f"stopped at depth {depth}: {many} on; depth 0 has no bound",) if beyond else ()


def listed(numbers: Iterable[int]) -> str:
    """Write numbers as SQL lists them; `null` when there are none."""
    return ", ".join(map(str, sorted({int(number) for number in numbers}))) or "null"


def with_source(snapshot: Snapshot, rows: list[Row]) -> tuple[str, ...]:
    """Give each row the line of its `file_no` and `line`; return a note on what changed since."""
    wanted = {row["file_no"] for row in rows if row["line"]}
    lines = lines_of(snapshot, wanted)
    for row in rows:
        known, line = lines.get(row["file_no"], []), row["line"] or 0
        row["source"] = known[line - 1] if 0 < line <= len(known) else None
    gone = len({number for number in wanted if number} - lines.keys())
    what = "1 file is" if gone == 1 else f"{gone:,} files are"
    return (f"{what} not as when the graph was built: no source lines",) if gone else ()


def unresolved(
    snapshot: Snapshot, names: Iterable[str | None], kinds: Sequence[str] = ("call site",)
) -> int:
    """Count the places of these kinds that have one of these names and no known target."""
    wanted = sorted({name for name in names if name and not name.startswith("<")})
    if not wanted:
        return 0
    places = {f"n{number}": name for number, name in enumerate(wanted)}
    asked = ", ".join(f"${place}" for place in places)
    kinds_asked = ", ".join(f"'{kind}'" for kind in kinds)
    found = snapshot.rows(
        "select count(distinct n.nid) as n from _edges e join _nodes n on n.nid = e.src "  # noqa: S608 - our own words
        f"where e.kind = 'UNRESOLVED' and n.kind in ({kinds_asked}) and n.name in ({asked})",
        **places,
    )
    return int(found[0]["n"])


def unresolved_in(snapshot: Snapshot, code: set[int], names: set[str | None] | None = None) -> int:
    """Count the call sites of unknown target in the code of these, of these names if any."""
    files = listed({nid >> 32 for nid in code})
    sites = snapshot.sql(
        "select distinct n.nid, n.name, n.file_no, n.bstart, n.bend from _edges e "  # noqa: S608 - numbers
        "join _nodes n on n.nid = e.src where e.kind = 'UNRESOLVED' and n.kind = 'call site' "
        f"and n.bstart is not null and n.file_no in ({files})"
    )
    if names is not None:
        sites = sites.filter(pc.is_in(sites["name"], pa.array(sorted(filter(None, names)))))
    return sum(owner in code for owner in owners(snapshot, sites))


def owners(snapshot: Snapshot, places: pa.Table) -> list[int | None]:
    """Return the innermost definition with code around each place: `file_no`, `bstart`, `bend`."""
    files = listed(places["file_no"].to_pylist())
    kinds = ", ".join(f"'{kind}'" for kind in CODE)
    code = snapshot.sql(
        f"select nid, file_no, bstart, bend from _nodes where kind in ({kinds}) "  # noqa: S608 - our own words
        f"and file_no in ({files}) and bstart is not null order by nid"
    )
    return inside(code, places)


def inside(code: pa.Table, places: pa.Table) -> list[int | None]:
    """Return the `nid` of the innermost span of `code` around each place; None where none is."""
    columns = [
        table[name].to_numpy() for table in (code, places) for name in ("file_no", "bstart", "bend")
    ]
    nids = [*code["nid"].to_pylist(), None]
    return [nids[place] for place in innermost(*columns)]
