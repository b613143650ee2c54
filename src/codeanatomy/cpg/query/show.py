"""The question `show`: what a definition is, where, what it says, what it is connected to."""

from __future__ import annotations

import posixpath
import re
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from codeanatomy.cpg.graph.formats import aligned, one_line
from codeanatomy.cpg.graph.node import listed, preferred
from codeanatomy.cpg.graph.place import SourceError, text_of
from codeanatomy.cpg.nodes import NODES
from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.node import Node
    from codeanatomy.cpg.graph.snapshot import Snapshot

LINES = 60  # lines of source that are shown of one definition
NEAREST = 5
_QUIET = ("scope", "type")  # shares its name with the definition that opens it
_NAMED = tuple(k.name for k in NODES if k.identity == "name" and k.name not in _QUIET)
_PLACED = ("module", "class", "function", "method", "lambda")
_ENDINGS = (".py", ".pyi", ".pyw", ".ipynb")
_ID = re.compile("[0-9a-f]{8,32}")  # a node_id, or so many of its first digits that it is one


class NoMatchError(AnatomyError):
    """Nothing in this version goes by that name or lies at that place; `facts["near"]` may help.

    The exit status is that of a question whose answer is "no".
    """

    code = "no-match"
    exit_status = 1


class Neighbour(msgspec.Struct, frozen=True):
    """One edge of a node and the node at its other end; `direction` is out or in."""

    direction: str
    edge: str
    kind: str
    name: str | None
    qualified_name: str | None
    nid: int
    path: str | None
    line: int | None
    at_path: str | None
    at_line: int | None
    method: str
    sources: str
    confidence: float | None
    props: dict[str, Any]


class Shown(msgspec.Struct, frozen=True):
    """One definition: its node, its lines of source with their numbers, and its neighbours.

    `note` says why there are no lines, or that there are more.
    """

    node: dict[str, Any]
    props: dict[str, str | int | bool]
    lines: tuple[tuple[int, str], ...]
    note: str
    neighbours: tuple[Neighbour, ...]

    def to_text(self, limit: int = 10) -> str:
        """Write it as a page, with so many neighbours of each kind of edge; 0 is all."""
        node = self.node
        title = node["qualified_name"] or node["name"] or node["node_id"]
        parts = [
            f"{node['kind']} {title}",
            f"  {at(node['path'], node['line'])}  {node['node_id']}",
        ]
        parts += [f"  {key}: {_first_line(value)}" for key, value in self.props.items()]
        parts += ["", *_numbered(self)] if self.lines or self.note else []
        for (direction, edge), group in groupby(self.neighbours, lambda n: (n.direction, n.edge)):
            parts += ["", *_group(direction, edge, list(group), limit)]
        return "\n".join(parts)

    def __repr__(self) -> str:
        return self.to_text()


def at(path: str | None, line: int | None) -> str:
    """Write a place as `path:line`; nothing where there is none."""
    return "" if path is None else path if line is None else f"{path}:{line}"


def matches(snapshot: Snapshot, text: str) -> list[Node]:
    """List the definitions that `text` may mean: a name, or `FILE:LINE`.

    A qualified name comes before a name, and that before the last parts of a qualified name; a
    node_id is taken too, or its first digits. At a place, what starts on that line comes before
    what it lies in; a file alone is its module. Raises `NoMatchError` with the nearest names.
    """
    path, _, line = text.rpartition(":")
    if path and line.isdecimal():
        return _at(snapshot, path, int(line))
    if text.endswith(_ENDINGS) and (found := _whole(snapshot, text)):
        return found
    kinds = ", ".join(f"'{kind}'" for kind in _NAMED)
    for condition in ("qualified_name = $text", "name = $text", "ends_with(qualified_name, $tail)"):
        found = listed(
            snapshot,
            f"select * from nodes where {condition} and kind in ({kinds}) "  # noqa: S608 - our own words
            "order by path, bstart, nid",
            **({"tail": f".{text}"} if "$tail" in condition else {"text": text}),
        )
        if found:
            return preferred(found)
    if _ID.fullmatch(text):
        query = "select * from nodes where starts_with(node_id, $text) order by nid"
        if found := listed(snapshot, query, text=text):
            return found
    raise _nothing(snapshot, text, "name", "coalesce(qualified_name, name)", f"kind in ({kinds})")


def show(snapshot: Snapshot, node: Node, lines: int = LINES) -> Shown:
    """Tell all about one node; source that is not as it was becomes a note, not an error."""
    text, note = _source(snapshot, node, lines)
    return Shown(node.columns(), node.props, text, note, tuple(_neighbours(snapshot, node)))


def _at(snapshot: Snapshot, path: str, line: int) -> list[Node]:
    files = _files(snapshot, path)
    kinds = ", ".join(f"'{kind}'" for kind in _PLACED)
    numbers = ", ".join(map(str, files)) or "null"
    found = listed(
        snapshot,
        "select n.* from nodes n "  # noqa: S608 - numbers, and our own words
        "join file_lines l on l.file_no = n.file_no and l.line = $line "
        f"where n.file_no in ({numbers}) and n.kind in ({kinds}) "
        "and n.bstart <= l.bend and n.bend >= l.bstart order by n.bstart desc, n.bend, n.nid",
        line=line,
    )
    if not found:
        raise _beyond(snapshot, path, line, numbers) or _nothing(
            snapshot, f"{path}:{line}", "file", "path", "kind = 'file'"
        )
    first = [node for node in found if node.line == line and node.kind != "module"]
    best = {node.file_no: node for node in reversed(first or found)}
    return [best[number] for number in files if number in best]


def _whole(snapshot: Snapshot, path: str) -> list[Node]:
    """List the modules of the files that a path may mean; the files where there is no module."""
    numbers = ", ".join(map(str, _files(snapshot, path))) or "null"
    found = listed(
        snapshot,
        "select * from nodes where kind in ('file', 'module') "  # noqa: S608 - numbers
        f"and file_no in ({numbers}) order by path, nid",
    )
    return [node for node in found if node.kind == "module"] or found


def _beyond(snapshot: Snapshot, path: str, line: int, numbers: str) -> NoMatchError | None:
    """Say how many lines a file has that is there and has no such line."""
    query = f"select max(line) as lines from file_lines where file_no in ({numbers})"  # noqa: S608 - numbers
    lines = snapshot.rows(query)[0]["lines"]
    if lines is None or 0 < line <= lines:
        return None
    many = "1 line" if lines == 1 else f"{lines:,} lines"
    return NoMatchError(f"{path} has {many}, and no line {line}", text=f"{path}:{line}", near=())


def _files(snapshot: Snapshot, path: str) -> list[int]:
    """List the numbers of files that a path may mean: as stored, from here, or its last parts."""
    rows = snapshot.rows("select file_no, repo, path from files order by repo, path")
    here = Path(path).resolve()
    path = posixpath.normpath(path)
    if exact := [row["file_no"] for row in rows if row["path"] == path]:
        return exact
    roots = {name: Path(facts["root"]) for name, facts in snapshot.repositories.items()}
    if there := [r["file_no"] for r in rows if roots[r["repo"]] / r["path"] == here]:
        return there
    return [row["file_no"] for row in rows if row["path"].endswith(f"/{path}")]


def _nothing(snapshot: Snapshot, text: str, what: str, column: str, where: str) -> NoMatchError:
    query = f"select distinct {column} as name from nodes where {where} and {column} is not null"  # noqa: S608 - our own words
    wanted = text.rpartition(":")[0] if what == "file" else text
    near = _nearest(wanted, [row["name"] for row in snapshot.rows(query)])
    hint = f"; the nearest are {', '.join(near)}" if near else ""
    said = "lies at" if what == "file" else "is called"
    return NoMatchError(f"nothing {said} {text!r}{hint}", text=text, near=near)


def _nearest(text: str, names: list[str]) -> tuple[str, ...]:
    """Return the names whose last part, or whose whole, is most like the text."""
    last: dict[str, list[str]] = {}
    for name in sorted(names):
        last.setdefault(name.rpartition(".")[2].lower(), []).append(name)
    close = get_close_matches(text.rpartition(".")[2].lower(), last, NEAREST, 0.5)
    found = [name for part in close for name in last[part]]
    whole = get_close_matches(text, names, NEAREST) if not found else []
    return tuple((found or whole)[:NEAREST])


def _source(snapshot: Snapshot, node: Node, limit: int) -> tuple[tuple[tuple[int, str], ...], str]:
    if node.bstart is None or node.bend is None or node.line is None:
        return (), ""
    try:
        text = text_of(snapshot, node.file_no)
    except SourceError as error:
        return (), str(error)
    count = text.height(node.bstart, node.bend)
    last = node.line + min(count, limit) - 1
    numbered = enumerate(text.lines(node.line, last), node.line)
    return tuple(numbered), f"{count - limit:,} more lines" if count > limit else ""


def _neighbours(snapshot: Snapshot, node: Node) -> list[Neighbour]:
    found = snapshot.rows(
        """
        select case when e.src = $nid then 'out' else 'in' end as direction, e.kind as edge,
          n.kind, n.name, n.qualified_name, n.nid, n.path, n.line,
          e.path as at_path, e.line as at_line, e.method, e.sources, e.confidence, e.props
        from edges e
          join nodes n on n.nid = case when e.src = $nid then e.dst else e.src end
        where e.src = $nid or e.dst = $nid
        order by direction desc, edge, e.props['index'], at_path, e.bstart, n.nid
        """,
        nid=node.nid,
    )
    return [Neighbour(**{**row, "props": _present(row["props"])}) for row in found]


def _present(props: dict[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (props or {}).items() if value is not None}


def _numbered(shown: Shown) -> list[str]:
    width = len(str(shown.lines[-1][0])) if shown.lines else 0
    note = [f"  ({shown.note})"] if shown.note else []
    return [*(f"  {number:>{width}}  {text}".rstrip() for number, text in shown.lines), *note]


def _group(direction: str, edge: str, found: list[Neighbour], limit: int) -> list[str]:
    chosen = found[: limit or None]
    cells = [
        (
            n.kind,
            one_line(n.qualified_name or n.name or "", 60),
            at(n.path, n.line),
            n.method,
            n.sources,
            "-" if n.confidence is None else f"{n.confidence:.2f}",
            _props(n.props),
        )
        for n in chosen
    ]
    arrow = "->" if direction == "out" else "<-"
    more = [f"  ... {len(found) - len(chosen):,} more"] if len(chosen) < len(found) else []
    return [f"{arrow} {edge} ({len(found):,})", *(f"  {line}" for line in aligned(cells)), *more]


def _props(props: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in props.items())


def _first_line(value: str | int | bool) -> str:  # noqa: FBT001 - a value, not a switch
    lines = (str(value).lower() if isinstance(value, bool) else str(value)).splitlines() or [""]
    return lines[0] + (" ..." if len(lines) > 1 else "")
