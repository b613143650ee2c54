"""Why a definition that nothing is seen to reach may be reached all the same."""

from __future__ import annotations

import builtins
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.graph.web import Web, edges_of
from codeanatomy.cpg.query._asked import nodes_of, owners

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._program import Program

# Decorators of Python's own library that keep no list of what they decorate, by their last name.
HARMLESS = frozenset(
    "property setter getter deleter staticmethod classmethod abstractmethod cache lru_cache "
    "cached_property wraps total_ordering singledispatch contextmanager asynccontextmanager "
    "dataclass overload final override runtime_checkable no_type_check unique deprecated".split()
)


class Doubts:
    """What is known of names and bases, read once; `of` tells what speaks for one definition."""

    def __init__(self, program: Program, names: set[str], imported: set[int]) -> None:
        snapshot = program.snapshot
        self._program = program
        self._imported = imported
        self._broken = _broken(snapshot)
        self.unresolved = _unresolved(snapshot, names)
        self._exported = _ends(snapshot, "EXPORTS", "dst") | _exported_imports(snapshot)
        self._decorators = _decorators(snapshot)
        edges = edges_of(snapshot, "INHERITS_FROM", where="props['role'] is null")
        down = Web(edges, forward=False)
        self._foreign = _foreign(snapshot, edges, down)
        self._dynamic = _dynamic(program, down)
        self._unknown_bases = _ends(snapshot, "UNRESOLVED", "src")
        self._loaded = _attributes(snapshot)
        self._written = _texts(snapshot, names)

    def of(self, nid: int) -> list[str]:
        """List every reason; none when nothing says that it may be reached."""
        program, row = self._program, self._program.by_nid[nid]
        name, method = row["name"], row["kind"] == "method"
        owner = program.parent.get(nid, -1)
        special = row["kind"] != "class" and name.startswith("_") and name.endswith("_")
        found = [
            ("special name: the interpreter or a notebook runs it", special),
            ("listed in __all__", nid in self._exported),
            ("public name of a distribution", program.offers(nid)),
            ("a test", program.is_test(nid)),
            *((f"decorated by {text}", True) for text in self._decorators.get(nid, ())),
            *self._inherited(owner, name, method=method and not special),
            (_sites(self.unresolved[name]), self.unresolved[name] > 0),
            ("an attribute of its name is read", name in self._loaded),
            ("its name is written as a text", name in self._written),
            ("its file does not parse", row["file_no"] in self._broken),
            ("nothing imports its module", program.module_of(nid) not in self._imported),
        ]
        return [reason for reason, holds in found if holds]

    def _inherited(self, owner: int, name: str, *, method: bool) -> list[tuple[str, bool]]:
        if not method:
            return []
        bases = self._foreign.get(owner, {})
        found = [
            (f"may override a method of {title}", True)
            for title, kind in sorted(bases.items())
            if _may_have(title, kind, name)
        ]
        return [
            *found,
            ("a base of its class is not known", owner in self._unknown_bases),
            ("its class calls what it looks up while it runs", owner in self._dynamic),
        ]


def _may_have(base: str, kind: str, name: str) -> bool:
    """Whether an external class may have such a method; of a builtin it is known."""
    if kind == "builtin":
        return hasattr(getattr(builtins, base.rpartition(".")[2], None), name)
    return not name.startswith("__")


def _sites(count: int) -> str:
    return (
        f"{count:,} unresolved calls of its name" if count > 1 else "1 unresolved call of its name"
    )


def _ends(snapshot: Snapshot, kind: str, end: str) -> set[int]:
    found = snapshot.rows(f"select distinct {end} as nid from _edges where kind = $kind", kind=kind)  # noqa: S608 - our own words
    return {row["nid"] for row in found}


def _broken(snapshot: Snapshot) -> set[int]:
    if not snapshot.has("extraction_errors"):
        return set()
    query = "select distinct file_no from extraction_errors where extractor = 'ast'"
    return {row["file_no"] for row in snapshot.rows(query)}


def _exported_imports(snapshot: Snapshot) -> set[int]:
    """Return what an import means that `__all__` of its module lists."""
    found = snapshot.rows(
        "select distinct i.dst from _edges x join _edges i on i.src = x.dst "
        "where x.kind = 'EXPORTS' and i.kind = 'IMPORTS_NAME'"
    )
    return {row["dst"] for row in found}


def _unresolved(snapshot: Snapshot, names: set[str]) -> Counter[str]:
    found = snapshot.rows(
        "select n.name, count(distinct n.nid) as n from _edges e join _nodes n on n.nid = e.src "
        "where e.kind = 'UNRESOLVED' and n.kind = 'call site' group by n.name"
    )
    return Counter({row["name"]: row["n"] for row in found if row["name"] in names})


def _decorators(snapshot: Snapshot) -> dict[int, list[str]]:
    """Return the decorators of each definition that may keep what they decorate."""
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        "select e.dst, n.name from _edges e join _nodes n on n.nid = e.src "
        "where e.kind = 'DECORATES' order by e.dst, n.bstart"
    )
    for row in snapshot.rows(query):
        text = (row["name"] or "an expression").partition("(")[0]
        if text.rpartition(".")[2] not in HARMLESS:
            found[row["dst"]].append(text)
    return found


def _dynamic(program: Program, down: Web) -> set[int]:
    """Return the classes a method of which, or of a base, calls what has no constant name."""
    sites = program.snapshot.sql(
        "select n.file_no, n.bstart, n.bend from _edges e join _nodes n on n.nid = e.src "
        "where e.kind = 'UNRESOLVED' and e.props['reason'] = 'dynamic_call' "
        "and n.bstart is not null"
    )
    around = {program.parent.get(nid, -1) for nid in owners(program.snapshot, sites) if nid}
    classes = [nid for nid in around if program.by_nid.get(nid, {}).get("kind") == "class"]
    return {*classes, *down.reached(classes).tolist()}


def _foreign(snapshot: Snapshot, edges: pa.Table, down: Web) -> dict[int, dict[str, str]]:
    """Return, for each class, the classes outside the store that it inherits from: name, kind."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for nid, row in nodes_of(snapshot, edges["dst"].to_pylist()).items():
        if row["kind"] in ("external symbol", "external module", "builtin"):
            for below in down.reached([nid]).tolist():
                found[below][row["title"]] = row["kind"]
    return found


def _attributes(snapshot: Snapshot) -> set[str]:
    """Return the names that are read as attributes other than to call them."""
    if not snapshot.has("ast_attributes") or not snapshot.has("ast_calls"):
        return set()
    found = snapshot.rows(
        "select distinct a.name from ast_attributes a left join ast_calls c "
        "on c.file_no = a.file_no and c.callee = a.node where a.role = 'load' and c.node is null"
    )
    return {row["name"] for row in found}


def _texts(snapshot: Snapshot, names: Iterable[str]) -> set[str]:
    """Return the names that are written as texts, as `getattr` and registries take them."""
    texts: dict[str, Any] = {repr(name): name for name in names}
    found = snapshot.rows(
        "select distinct p.value from props p join _nodes n on n.nid = p.nid "
        "where n.kind = 'literal' and p.key = 'value' and p.value like '''%'"
    )
    return {texts[row["value"]] for row in found if row["value"] in texts}
