"""Calls as rows: what the questions about callers, callees and paths share."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg.graph.web import edges_of
from codeanatomy.cpg.query._asked import inside, listed, nodes_of, owners

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._asked import Row
    from codeanatomy.cpg.query._target import Nodes

MAKERS = ("__init__", "__new__")
"""Methods that run when one of a class is made."""


def calls_of(snapshot: Snapshot, least: float, about: Nodes = ()) -> tuple[pa.Table, str]:
    """Read who calls whom, and say how many calls a floor of confidence leaves out.

    Where `about` has classes, a call that runs a constructor they inherit also calls the class.
    """
    calls = edges_of(snapshot, "CALLS", more="props['count'] as sites", least=least)
    classes = [node.nid for node in about if node.kind == "class"]
    if classes:
        calls = pa.concat_tables([calls, _made(snapshot, classes, calls)])
    if least == 0:
        return calls, ""
    out = snapshot.rows(
        "select count(*) as n from _edges where kind = 'CALLS' and confidence is null"
    )[0]["n"]
    return calls, f"{out:,} calls of unmeasured confidence are left out" if out else ""


def run_by(snapshot: Snapshot, about: Nodes) -> list[int]:
    """Return what runs when these are called; of a class also its own constructors."""
    classes = [node.nid for node in about if node.kind == "class"]
    return [*(node.nid for node in about), *(_makers(snapshot, classes) if classes else ())]


def rows_of(snapshot: Snapshot, calls: pa.Table, steps: Sequence[int], step: str) -> list[Row]:
    """Make a row of each call: both ends, its sites, how they were decided and how surely."""
    nodes = nodes_of(snapshot, [*calls["src"].to_pylist(), *calls["dst"].to_pylist()])
    sites = Sites(snapshot, calls)
    found = []
    for number, call in zip(steps, calls.to_pylist(), strict=True):
        caller, callee = nodes[call["src"]], nodes[call["dst"]]
        methods, lines = sites.told(call)
        found.append(
            {
                step: int(number),
                "caller": caller["title"],
                "callee": callee["title"],
                "caller_kind": caller["kind"],
                "callee_kind": callee["kind"],
                "file_no": call["src"] >> 32,
                **{name: call[name] for name in ("path", "line", "confidence")},
                "sites": call["sites"] or 1,
                "site_lines": lines,
                "method": methods,
            }
        )
    return found


class Sites:
    """The targets of the call sites behind calls, each with how it was found and its line.

    The code of a default or a decorator runs in another definition than the one around it. So the
    sites around which the caller stands count where they are as many as the call has; else only
    the first, which the call names by its place.
    """

    def __init__(self, snapshot: Snapshot, calls: pa.Table) -> None:
        files = listed(nid >> 32 for nid in calls["src"].to_pylist())
        targets = snapshot.sql(
            "select src, dst, src >> 32 as file_no, bstart, bend, line, method from _edges "  # noqa: S608 - numbers
            f"where kind = 'CALL_TARGET' and dst in ({listed(calls['dst'].to_pylist())}) "
            f"and src >> 32 in ({files}) and bstart is not null order by src, dst, method"
        )
        self._by_owner: dict[tuple[int | None, int], list[Row]] = defaultdict(list)
        self._by_place: dict[tuple[int, ...], list[Row]] = defaultdict(list)
        for owner, target in zip(owners(snapshot, targets), targets.to_pylist(), strict=True):
            self._by_owner[owner, target["dst"]].append(target)
            self._by_place[_place(target)].append(target)

    def told(self, call: Row) -> tuple[str, list[int]]:
        """Say how the sites of a call were decided, and in which lines they are."""
        found = self._by_owner.get((call["src"], call["dst"]), [])
        if len({site["src"] for site in found}) != call["sites"]:
            found = self._by_place.get(_place(call), [])
        methods = dict.fromkeys(site["method"] for site in found)
        lines = sorted({site["line"] for site in found if site["line"] is not None})
        return ",".join(methods) or call["method"], lines or [call["line"]]


def _place(edge: Row) -> tuple[int, ...]:
    return edge["src"] >> 32, edge["dst"], edge["bstart"], edge["bend"]


def names_of(snapshot: Snapshot, nids: Iterable[int]) -> set[str | None]:
    """Return the names that calls of these go by: a constructor goes by its class."""
    names: set[str | None] = set()
    for node in nodes_of(snapshot, nids).values():
        if node["kind"] == "module":
            continue
        name = node["name"]
        names.add(node["title"].split(".")[-2] if name in MAKERS else name)
    return names


def _makers(snapshot: Snapshot, classes: Sequence[int]) -> list[int]:
    makers = ", ".join(f"'{name}'" for name in MAKERS)
    found = snapshot.rows(
        "select e.src from _edges e join _nodes n on n.nid = e.src "  # noqa: S608 - our own words
        f"where e.kind = 'MEMBER_OF' and e.dst in ({listed(classes)}) and n.kind = 'method' "
        f"and n.name in ({makers}) order by e.src"
    )
    return [row["src"] for row in found]


def _made(snapshot: Snapshot, classes: Sequence[int], calls: pa.Table) -> pa.Table:
    """Make calls of classes out of the sites that make one and run an inherited constructor.

    Whose site it is: of those that call the constructor, the innermost around it.
    """
    own = listed([*classes, *_makers(snapshot, classes)])
    sites = snapshot.sql(
        "select i.dst as made, t.dst as maker, s.nid as site, s.file_no, s.bstart, s.bend, "  # noqa: S608 - numbers
        "t.path, t.line, t.confidence from _edges i join _nodes s on s.nid = i.src "
        "join _edges t on t.src = i.src and t.kind = 'CALL_TARGET' "
        f"where i.kind = 'INSTANCE_OF' and s.kind = 'call site' and i.dst in ({listed(classes)}) "
        f"and t.dst not in ({own}) order by s.nid"
    )
    if not sites.num_rows:
        return calls.slice(0, 0)
    callers = calls.filter(pc.is_in(calls["dst"], sites["maker"]))["src"].to_pylist()
    known = sorted(nodes_of(snapshot, callers).values(), key=lambda node: node["nid"])
    code = pa.table(
        {name: [n[name] for n in known if n["bstart"] is not None] for name in _SPAN},
        schema=pa.schema([(name, pa.int64()) for name in _SPAN]),
    )
    by_pair: dict[tuple[int, int], dict[str, Any]] = {}
    for owner, site in zip(inside(code, sites), sites.to_pylist(), strict=True):
        if owner is not None:
            row = by_pair.setdefault((owner, site["made"]), {**site, "sites": set()})
            row["sites"].add(site["site"])
    made = [
        {**row, "src": src, "dst": dst, "kind": "CALLS", "method": "constructor",
         "sites": len(row["sites"])}
        for (src, dst), row in by_pair.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(made, calls.schema)


_SPAN = ("nid", "file_no", "bstart", "bend")
