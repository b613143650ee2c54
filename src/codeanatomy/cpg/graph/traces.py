"""What programs were seen to call, beside what a graph says of the same places.

A trace is a Parquet file with one row an observation and the columns of `COLUMNS`. Places are byte
offsets in files below the repository's root. Rows of one place may be many.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.kernel.errors import AnatomyError, Phase
from codeanatomy.kernel.schema import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from codeanatomy.cpg.graph.snapshot import Snapshot

COLUMNS = (
    Column("caller_path", "string", "the file of the code that makes the call"),
    Column("caller_start", "int64", "first byte of the function, lambda or class statement whose "
           "code it is, from `def`; -1 for a module"),
    Column("site", "string", "`call`: a call expression; `decorator`: a decorator is applied; "
           "`implicit`: an operator, attribute, loop, `with` ..."),
    Column("site_start", "int64", "first byte of the expression or statement"),
    Column("site_end", "int64", "byte after it"),
    Column("event", "string", "`call`, `create` (of a generator), `c_call`, or `through`: code "
           "outside called it that was called here; others are left out"),
    Column("callee_path", "string", "the file of the function that runs; null outside the "
           "repository", nullable=True),
    Column("callee", "string", "its `__qualname__`"),
    Column("callee_start", "int64", "first byte of its statement, from `def`; null outside",
           nullable=True),
)  # fmt: skip
EVENTS = frozenset({"call", "create", "c_call"})
THROUGH = "through"
CODE = ("function", "method", "lambda")
Place = tuple[str, int, int]
Callee = tuple[str, str | None, str, int | None]


class BadTraceError(AnatomyError):
    """A file of observations is not one: `facts["missing"]` lists the columns it lacks."""

    code = "bad-trace"
    phase = Phase.RUN
    exit_status = 2


class Target(NamedTuple):
    """One CALL_TARGET edge: what it leads to, and how that was found."""

    nid: int
    kind: str
    name: str
    method: str
    sources: str
    confidence: float | None
    group: int | None


class Executed(NamedTuple):
    """One place that was seen to call something.

    `nid` is the graph's node for it, if it has one; `inside` are the functions of the store that
    ran, `through` those that ran by way of code outside, and `outside` names of others; `strange`
    counts what ran and is no node of the graph.
    """

    path: str
    start: int
    end: int
    site: str
    caller: int | None
    nid: int | None
    inside: frozenset[int]
    through: frozenset[int]
    outside: frozenset[str]
    strange: int
    targets: tuple[Target, ...]
    reasons: tuple[str, ...]


class Sites:
    """The call sites of a graph's repositories, with what is said of each."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.targets: dict[int, list[Target]] = defaultdict(list)
        self.reasons: dict[int, list[str]] = defaultdict(list)
        self.places: dict[int, tuple[str, int, int, str]] = {}
        self.calls: dict[Place, int] = {}
        self.decorators: dict[tuple[str, int], int] = {}
        self.implicit: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        self._read(snapshot)
        self.definitions = {
            (row["path"], -1 if row["kind"] == "module" else row["bstart"]): row["nid"]
            for row in snapshot.rows(_DEFINITIONS)
        }

    def _read(self, snapshot: Snapshot) -> None:
        for row in snapshot.rows(_SITES):
            path, begin, end, nid = row["path"], row["bstart"], row["bend"], row["nid"]
            self.places[nid] = (path, begin, end, row["name"] or "")
            if row["kind"] == "decorator":
                self.decorators[path, end] = nid
            elif row["syntax"]:
                self.calls[path, begin, end] = nid
            else:
                self.implicit[path].append((begin, end, nid))
        for row in snapshot.rows(_TARGETS):
            name = row["qualified_name"] or row["name"] or ""
            facts = (row[name] for name in ("method", "sources", "confidence", "ambiguity_group"))
            self.targets[row["src"]].append(Target(row["dst"], row["kind"], name, *facts))
        for row in snapshot.rows(_UNRESOLVED):
            self.reasons[row["src"]].append(row["reason"] or "")

    def node(self, site: str, place: Place, callees: Iterable[int]) -> int | None:
        """Find the node of a place; of implicit calls in one place, one that calls what ran."""
        if site == "call":
            return self.calls.get(place)
        if site == "decorator" and (found := self.decorators.get((place[0], place[2]))):
            return found
        path, begin, end = place
        wanted = frozenset(callees)
        near = [
            (not any(t.nid in wanted for t in self.targets[nid]), b != begin or e != end, nid)
            for b, e, nid in self.implicit.get(path, ())
            if b < end and e > begin
        ]
        best = min(near, default=(True, True, 0))
        return None if best[0] and best[1] else best[2]


def trace_files(place: Path) -> list[Path]:
    """List the traces in a folder, or the one that a path is; raises `BadTraceError` for none."""
    if place.is_file():
        return [place]
    if found := sorted(place.glob("*.parquet")):
        return found
    raise BadTraceError(f"{place} is no trace and no folder that holds one", missing=())


def executed(sites: Sites, trace: Path, below: str = "") -> list[Executed]:
    """List the places of a trace file, each with what ran there and what the graph says of it.

    Only callers below a folder count. Raises `BadTraceError`.
    """
    seen: dict[tuple[str, Place, int], list[Callee]] = {}
    for row in _rows(trace):
        path, start, site, begin, end, event, callee_path, callee, callee_start = row
        if (event in EVENTS or event == THROUGH) and path.startswith(below):
            seen.setdefault((site, (path, begin, end), start), []).append(
                (event, callee_path, callee, callee_start)
            )
    return [
        _one(sites, *key, found)
        for key, found in seen.items()
        if any(event in EVENTS for event, *_ in found)
    ]


def _one(
    sites: Sites, site: str, place: Place, start: int, callees: list[Callee]
) -> Executed:  # fmt: skip
    found = [
        (event, sites.definitions.get((path, -1 if begin is None else begin)))
        for event, path, _, begin in callees
        if path
    ]
    inside = frozenset(nid for event, nid in found if nid is not None and event != THROUGH)
    nid = sites.node(site, place, inside)
    key = -1 if nid is None else nid
    return Executed(
        *place, site, sites.definitions.get((place[0], start)), nid, inside,
        frozenset(nid for event, nid in found if nid is not None and event == THROUGH),
        frozenset(name for _, path, name, _ in callees if not path),
        sum(1 for event, nid in found if nid is None and event != THROUGH),
        tuple(sites.targets.get(key, ())), tuple(sites.reasons.get(key, ())),
    )  # fmt: skip


def _rows(
    trace: Path,
) -> Iterator[tuple[str, int, str, int, int, str, str | None, str, int | None]]:
    import pyarrow as pa  # noqa: PLC0415 - heavy: only who compares needs it
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    try:
        table = pq.read_table(trace)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadTraceError(f"{trace} is not a Parquet file: {error}", missing=()) from error
    names = [column.name for column in COLUMNS]
    if missing := tuple(name for name in names if name not in table.column_names):
        message = f"{trace} lacks the columns {', '.join(missing)}; a trace has {', '.join(names)}"
        raise BadTraceError(message, missing=missing)
    return zip(*(table.column(name).to_pylist() for name in names), strict=True)


_CODE = "('module', 'class', 'function', 'method', 'lambda')"
_DEFINITIONS = f"select nid, kind, path, bstart from nodes where kind in {_CODE}"  # noqa: S608 - our own words
_SITES = """select nid, kind, path, bstart, bend, name, syntax from nodes
    where kind in ('call site', 'decorator')"""
_TARGETS = """select e.src, e.dst, e.method, e.sources, e.confidence, e.ambiguity_group,
    n.kind, n.name, n.qualified_name from edges e join nodes n on n.nid = e.dst
    where e.kind = 'CALL_TARGET' order by e.src, e.dst, e.method"""
_UNRESOLVED = """select src, props['reason'] as reason from edges where kind = 'UNRESOLVED'
    order by src, reason"""
