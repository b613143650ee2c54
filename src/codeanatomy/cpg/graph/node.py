"""Nodes and edges as Python values that lead from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from codeanatomy.cpg.edges import BY_NAME as EDGE_KINDS
from codeanatomy.cpg.graph import formats
from codeanatomy.cpg.graph.place import source_of
from codeanatomy.cpg.nodes import BY_NAME as NODE_KINDS
from codeanatomy.kernel.errors import AnatomyError, SpecError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.cpg.graph.snapshot import Snapshot

Direction = Literal["out", "in", "both"]

_WHERE = {"out": "src = $nid", "in": "dst = $nid", "both": "(src = $nid or dst = $nid)"}
# Every other kind is 1.
_PREFERENCE = {
    "variable": 0, "attribute": 0, "scope": 2, "package": 3, "repository": 4, "type": 5,
}  # fmt: skip


class NotAnalysedError(AnatomyError):
    """What was asked about is not in this version; `facts["why"]` says why. Not the same as none.

    The exit status is that of a question whose answer is "no".
    """

    code = "not-analysed"
    exit_status = 1


class Ends:
    """What the nodes at the ends of some edges are called; asked once for all, when first shown."""

    def __init__(self, snapshot: Snapshot, nids: set[int]) -> None:
        self._snapshot = snapshot
        self._nids = nids

    @cached_property
    def names(self) -> dict[int, str]:
        """The name of each node by `nid`; of one without a name what it is."""
        listed = ", ".join(map(str, sorted(self._nids)))
        found = self._snapshot.rows(
            f"select nid, coalesce(name, syntax, kind) as name from nodes where nid in ({listed})"  # noqa: S608 - numbers
        )
        return {row["nid"]: row["name"] for row in found}


@dataclass(frozen=True, repr=False)
class Edge:
    """One edge: what it says, what shows it, and how sure it is."""

    edge_id: str
    src: int
    dst: int
    kind: str
    path: str | None
    bstart: int | None
    bend: int | None
    line: int | None
    layer: str
    sources: str
    method: str
    confidence: float | None
    ambiguity_group: int | None
    props: dict[str, Any] = field(compare=False)
    repo: str
    reach: str
    snapshot: Snapshot = field(compare=False)
    ends: Ends = field(compare=False)

    @property
    def src_node(self) -> Node:
        """The node it leads from."""
        return _one(self.snapshot, self.src)

    @property
    def dst_node(self) -> Node:
        """The node it leads to."""
        return _one(self.snapshot, self.dst)

    def __repr__(self) -> str:
        src, dst = (self.ends.names.get(nid, str(nid)) for nid in (self.src, self.dst))
        return f"<{self.kind} {src} -> {dst} {_place(self.path, self.line)}".rstrip() + ">"


@dataclass(frozen=True, repr=False)
class Node:
    """One thing in the graph; `out` and `into` follow its edges, the plain names the usual ones.

    Following a kind of edge that this version does not have raises `NotAnalysedError`.
    """

    node_id: str
    nid: int
    kind: str
    name: str | None
    qualified_name: str | None
    path: str | None
    bstart: int | None
    bend: int | None
    line: int | None
    column: int | None
    syntax: str | None
    layer: str
    sources: str
    file_no: int
    repo: str
    reach: str
    snapshot: Snapshot = field(compare=False)

    def edges(self, kind: str | None = None, direction: Direction = "out") -> list[Edge]:
        """List its edges that leave it (`out`), reach it (`in`), or both; of one kind or of all."""
        if direction not in _WHERE:
            raise SpecError(f"no direction {direction!r}; it is out, in or both", value=direction)
        _refuse_kind(self.snapshot, kind)
        of_kind = "" if kind is None else " and kind = $kind"
        found = self.snapshot.rows(
            f"select * from edges where {_WHERE[direction]}{of_kind} "  # noqa: S608 - our own words
            "order by kind, src, props['index'], bstart, dst",
            **_given(nid=self.nid, kind=kind),
        )
        ends = Ends(self.snapshot, {row[end] for row in found for end in ("src", "dst")})
        return [_edge(self.snapshot, row, ends) for row in found]

    def out(self, kind: str) -> list[Node]:
        """List the nodes that its edges of one kind lead to, in order, each once."""
        return self._next(kind, "src", "dst")

    def into(self, kind: str) -> list[Node]:
        """List the nodes that edges of one kind lead from to it, in order, each once."""
        return self._next(kind, "dst", "src")

    @property
    def contains(self) -> list[Node]:
        """What it contains, one level down."""
        return self.out("CONTAINS")

    @property
    def container(self) -> Node | None:
        """What contains it; None at the top."""
        return next(iter(self.into("CONTAINS")), None)

    @property
    def references(self) -> list[Node]:
        """Every occurrence of a name that means it."""
        return self.into("REF")

    @property
    def members(self) -> list[Node]:
        """Methods, attributes and classes of a class."""
        return self.into("MEMBER_OF")

    @property
    def bases(self) -> list[Node]:
        """Base classes in the order written; a metaclass is none of them."""
        return self._next("INHERITS_FROM", "src", "dst", " and e.props['role'] is null")

    @property
    def subclasses(self) -> list[Node]:
        """Classes that name it as a base."""
        return self._next("INHERITS_FROM", "dst", "src", " and e.props['role'] is null")

    @property
    def imports(self) -> list[Node]:
        """Modules that a module imports."""
        return self.out("IMPORTS")

    @property
    def imported_by(self) -> list[Node]:
        """Modules that import a module."""
        return self.into("IMPORTS")

    @property
    def parameters(self) -> list[Node]:
        """Parameters in the order of the signature."""
        return self.out("PARAMETER")

    @property
    def decorators(self) -> list[Node]:
        """Decorators from the top."""
        return self.into("DECORATES")

    @property
    def docstring(self) -> str | None:
        """The docstring as Python cleans it; None if it has none."""
        value = self.props.get("docstring")
        return value if isinstance(value, str) else None

    @property
    def props(self) -> dict[str, str | int | bool]:
        """Its facts that are no column: what `props` says of it, by key."""
        query = "select key, type, value from props where nid = $nid order by key"
        found = self.snapshot.rows(query, nid=self.nid)
        return {row["key"]: _typed(row["type"], row["value"]) for row in found}

    @property
    def place(self) -> str:
        """Where it is: `path:line`; empty where it has no place."""
        return _place(self.path, self.line)

    def columns(self) -> dict[str, Any]:
        """Return its row of `nodes`."""
        return {name: getattr(self, name) for name in _NODE_FIELDS}

    def source(self) -> str:
        """Read its text from the repository.

        Raises `SourceError` when it has no place in a file, or the file is not as it was.
        """
        return source_of(self.snapshot, self.file_no, self.bstart, self.bend)

    def _next(self, kind: str, here: str, there: str, more: str = "") -> list[Node]:
        _refuse_kind(self.snapshot, kind)
        found = self.snapshot.rows(
            f"select n.* from edges e join nodes n on n.nid = e.{there} "  # noqa: S608 - our own words
            f"where e.{here} = $nid and e.kind = $kind{more} "
            "order by e.props['index'], n.file_no, n.bstart, n.nid",
            nid=self.nid,
            kind=kind,
        )
        by_nid = {row["nid"]: row for row in found}
        return [_node(self.snapshot, row) for row in by_nid.values()]

    def __repr__(self) -> str:
        return f"<{self.kind} {self._title()} {self.place}".rstrip() + ">"

    def _repr_html_(self) -> str:
        kind, title = escape(self.kind), escape(self._title())
        return f"<b>{kind}</b> <code>{title}</code> {escape(self.place)}"

    def __rich__(self) -> str:
        from rich.markup import escape as plain  # noqa: PLC0415 - only where rich shows it

        title, place = plain(self._title()), plain(self.place)
        return f"[bold]{plain(self.kind)}[/bold] {title} [dim]{place}[/dim]"

    def _title(self) -> str:
        return formats.one_line(self.qualified_name or self.name or self.node_id)


def find(snapshot: Snapshot, **wanted: object) -> list[Node]:
    """List the nodes whose columns equal what is wanted, None left out, by file and place."""
    _refuse_node_kind(snapshot, wanted.get("kind"))
    given = _given(**wanted)
    where = " and ".join(f"{column} = ${column}" for column in given) or "true"
    query = f"select * from nodes where {where} order by file_no, bstart, bend desc, nid"  # noqa: S608 - column names of our own
    return [_node(snapshot, row) for row in snapshot.rows(query, **given)]


def preferred(found: Iterable[Node]) -> list[Node]:
    """Order nodes of one name by what a question about the name means most likely.

    A variable or an attribute is there where several statements give the name, and stands for all
    of them; package and repository are what a module of the name lies in. Apart from that the
    order stays.
    """
    return sorted(found, key=lambda node: _PREFERENCE.get(node.kind, 1))


def listed(snapshot: Snapshot, query: str, /, **parameters: object) -> list[Node]:
    """List the nodes that a SELECT over all columns of `nodes` gives, in its order."""
    return [_node(snapshot, row) for row in snapshot.rows(query, **parameters)]


_NODE_FIELDS = tuple(f.name for f in fields(Node) if f.name != "snapshot")
_EDGE_FIELDS = tuple(f.name for f in fields(Edge) if f.name not in ("snapshot", "ends"))


def _node(snapshot: Snapshot, row: Mapping[str, Any]) -> Node:
    return Node(**{name: row[name] for name in _NODE_FIELDS}, snapshot=snapshot)


def _edge(snapshot: Snapshot, row: Mapping[str, Any], ends: Ends) -> Edge:
    props = {key: value for key, value in (row["props"] or {}).items() if value is not None}
    return Edge(
        **{name: row[name] for name in _EDGE_FIELDS}
        | {"props": props, "snapshot": snapshot, "ends": ends}
    )


def _one(snapshot: Snapshot, nid: int) -> Node:
    return find(snapshot, nid=nid)[0]


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _typed(kind: str, value: str) -> str | int | bool:
    if kind == "int":
        return int(value)
    return value.lower() == "true" if kind == "bool" else value


def _refuse_kind(snapshot: Snapshot, kind: str | None) -> None:
    if kind is None:
        return
    _refuse_name(kind, EDGE_KINDS, "edge kind")
    _refuse_absent(snapshot, kind, "edges")


def _refuse_node_kind(snapshot: Snapshot, kind: object) -> None:
    if kind is None:
        return
    _refuse_name(str(kind), NODE_KINDS, "node kind")
    _refuse_absent(snapshot, str(kind), "nodes")


def _refuse_name(name: str, known: Iterable[str], what: str) -> None:
    names = list(known)
    if name not in names:
        near = get_close_matches(name, names, 1, 0.0)[0]
        raise UnknownNameError(f"no {what} {name!r}; the nearest is {near!r}", name=name, near=near)


def _refuse_absent(snapshot: Snapshot, kind: str, what: str) -> None:
    """Refuse a kind that was not looked for; one that merely has no rows is fine."""
    why = snapshot.why_absent(kind)
    if why is not None:
        raise NotAnalysedError(f"this version has no {kind} {what}: {why}", kind=kind, why=why)


def _place(path: str | None, line: int | None) -> str:
    if path is None:
        return ""
    return path if line is None else f"{path}:{line}"
