"""What each node of a graph is called in a SCIP index: a symbol as `scip-python` would write it.

Modules are namespaces with the descriptor `__init__:`; classes end in `#`, functions and methods in
`().`, attributes and variables of modules in `.`, parameters stand in round brackets. All
definitions of one qualified name share a symbol. What only a function's own code can name is local
to its document, and so is all in and of a lambda. The package is the repository's name, a
distribution's or `python-stdlib`; of what lies outside the store a name after its module's is taken
for a variable, since nothing says more.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg import scip
from codeanatomy.cpg.scip import Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.graph.snapshot import Snapshot

STANDARD, BUILTINS = "python-stdlib", "builtins"
INIT = Descriptor("__init__", ":")
SUFFIXES = {
    "class": "#", "function": "().", "method": "().", "parameter": "()", "type parameter": "[]",
    "variable": ".", "attribute": ".", "type alias": "#",
}  # fmt: skip
KINDS = {
    "class": 7, "attribute": 15, "function": 17, "method": 26, "module": 29, "package": 35,
    "parameter": 37, "type alias": 55, "type parameter": 58, "variable": 61,
}  # fmt: skip
"""SCIP's number for what a definition is."""

_OUTSIDE = ("external module", "external symbol", "builtin")
_OWNERS = ("module", "class", "function", "method", "lambda")
_MODULE_LEVEL = ("module", "package", "class", "function", "variable", "type alias")
_GIVEN = ("class", "function", "method")
_NODES = """
    select nid, kind, name, qualified_name, file_no, repo, bstart, bend from nodes
    where array_has($kinds, kind)"""
_BOUND_WITHIN = """
    select e.dst as nid from edges e join props p on p.nid = e.src and p.key = 'scope_kind'
    where e.kind = 'BINDS' and p.value not in ('module', 'class', 'type_parameters')"""
_GIVERS = "select dst, min(src) as src from edges where kind = 'DECLARES' group by dst"
_INTERFACES = "select name, status, distribution, version from external_interfaces order by repo"


class Named(NamedTuple):
    """One node that may have a symbol."""

    nid: int
    kind: str
    name: str | None
    qualified_name: str | None
    file_no: int
    repo: str
    bstart: int | None
    bend: int | None


class Names:
    """The symbols of a graph's nodes."""

    def __init__(self, snapshot: Snapshot, version: str) -> None:
        """Read the nodes; `version` is that of this store's repositories, as symbols say it."""
        self._version = version
        kinds = [*KINDS, "lambda", "import", *_OUTSIDE]
        self.nodes = {row["nid"]: Named(**row) for row in snapshot.rows(_NODES, kinds=kinds)}
        self._owners = {
            (n.file_no, n.qualified_name): n.nid for n in self.nodes.values() if n.kind in _OWNERS
        }
        self._within = {row["nid"] for row in snapshot.rows(_BOUND_WITHIN)}
        self._givers = {row["dst"]: row["src"] for row in snapshot.rows(_GIVERS)}
        self._outside = {row["name"]: row for row in snapshot.rows(_INTERFACES)}
        self._python = _minor(str(snapshot.manifest.facts.get("interpreter", "")))
        self._modules = {
            n.qualified_name: n.nid
            for n in self.nodes.values()
            if n.kind in ("module", "package", "external module")
        }
        self._known: dict[int, str | None] = {}
        self._named: dict[str, int] = {}
        for n in self.nodes.values():
            if n.qualified_name and n.kind in _MODULE_LEVEL and n.nid not in self._within:
                self._named.setdefault(n.qualified_name, n.nid)

    def module(self, dotted: str) -> int | None:
        """Return the node of a module by its name; None for one that the graph does not have."""
        return self._modules.get(dotted)

    def named(self, dotted: str) -> int | None:
        """Return the module, class, function or variable of this qualified name, if there is."""
        return self._named.get(dotted)

    def same(self, nid: int) -> int:
        """Return the definition that a name stands for which several statements define."""
        giver = self._givers.get(nid)
        node = None if giver is None else self.nodes.get(giver)
        return nid if node is None or node.kind not in _GIVEN else node.nid

    def symbol(self, nid: int) -> str | None:
        """Return the symbol of a node; None for what is local to its document."""
        if nid not in self._known:
            self._known[nid] = None  # of what is defined in itself, in a circle, there is none
            self._known[nid] = self._symbol(self.nodes[self.same(nid)])
        return self._known[nid]

    def _symbol(self, node: Named) -> str | None:
        if node.kind in _OUTSIDE:
            return self._of_outside(node)
        descriptors = self._descriptors(node)
        return scip.written(node.repo, self._version, descriptors) if descriptors else None

    def _descriptors(self, node: Named) -> list[Descriptor]:
        """Return the parts of a symbol; none for what is local."""
        qualified = node.qualified_name
        if qualified is None or (node.kind == "variable" and node.nid in self._within):
            return []
        if node.kind in ("module", "package"):
            return [Descriptor(qualified, "/"), INIT]
        owner = self._owners.get((node.file_no, qualified.rpartition(".")[0]))
        if owner is None or node.kind not in SUFFIXES:
            return []
        around = self._descriptors(self.nodes[owner])
        name = qualified.rpartition(".")[2]
        own = [Descriptor(name, SUFFIXES[node.kind])]
        return [part for part in around if part != INIT] + own if around else []

    def _of_outside(self, node: Named) -> str:
        qualified = node.qualified_name or node.name or ""
        top = qualified.partition(".")[0]
        if top == BUILTINS and qualified != top:
            parts = [Descriptor(BUILTINS, "/"), *_builtin(qualified.split(".")[1:])]
            return scip.written(STANDARD, self._python, parts)
        module = qualified
        while module not in self._modules and "." in module:
            module = module.rpartition(".")[0]
        about = self._outside.get(module) or self._outside.get(top) or {}
        package, version = about.get("distribution") or top, about.get("version")
        if about.get("status") == "standard_library" or top in sys.stdlib_module_names:
            package, version = STANDARD, self._python
        rest = qualified[len(module) + 1 :]
        parts = [Descriptor(part, ".") for part in rest.split(".")] if rest else [INIT]
        return scip.written(package, version or "", [Descriptor(module, "/"), *parts])


def _minor(interpreter: str) -> str:
    return ".".join(interpreter.rpartition(" ")[2].split(".")[:2])


def _builtin(names: list[str]) -> Iterator[Descriptor]:
    """Say of a builtin, and of what is in it, whether it is a class, can be called, or neither."""
    value: object = builtins
    for name in names:
        value = getattr(value, name, None)
        kind = "#" if isinstance(value, type) else "()." if callable(value) else "."
        yield Descriptor(name, kind)
