"""INHERITS_FROM: a class and its bases, their first name followed to what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.link.index import Binding, records
from codeanatomy.cpg.link.names import Meaning
from codeanatomy.cpg.link.rows import Edge, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.link.facts import Facts
    from codeanatomy.cpg.link.imports import Ends
    from codeanatomy.cpg.link.index import Index
    from codeanatomy.cpg.link.names import Names
    from codeanatomy.cpg.link.open_names import OpenNames
    from codeanatomy.cpg.link.rows import End, Rows


_SOURCES = "ast,symtable"


class Base(NamedTuple):
    """One base or metaclass, as `bases` holds it."""

    file_no: int
    nid: int
    position: int | None
    keyword: str | None
    text: str
    root: int | None
    starred: bool
    bstart: int
    bend: int


class Found(NamedTuple):
    """One class that a base may be, or why it is not known."""

    method: str
    end: End | None = None
    reason: str = ""


def link_bases(
    rows: Rows, facts: Facts, index: Index, names: Names, open_names: OpenNames, ends: Ends
) -> None:
    """Join each class with each of its bases.

    Where several statements may have bound the base, each class or import among them is an edge of
    one ambiguity group; what else may have bound it is an UNRESOLVED edge of that group.
    """
    follow = _Follow(facts, index, names, open_names, ends)
    bases = sorted(map(Base._make, records(facts.bases, Base._fields)), key=_order)
    groups: dict[int, int] = {}
    for base in bases:
        if base.file_no not in index.files:
            continue
        found = list(dict.fromkeys(follow.base(base)))
        targets: dict[End, str] = {}
        for one in found:
            if one.end is not None:
                targets.setdefault(one.end, one.method)
        group = None
        reasons = {one.reason for one in found if one.reason}
        if len(targets) + len(reasons) > 1:
            group = base.file_no << 32 | groups.setdefault(base.file_no, 0)
            groups[base.file_no] += 1
        _add(rows, base, found, targets, group)


def _order(base: Base) -> tuple[int, int, int, int]:
    return (base.file_no, base.bstart, base.bend, base.nid)


def _add(
    rows: Rows, base: Base, found: list[Found], targets: dict[End, str], group: int | None
) -> None:
    place = Place(base.file_no, base.bstart, base.bend)
    role = "metaclass" if base.keyword else None
    for end, method in targets.items():
        sources = _SOURCES if method in ("local", "builtin") else f"{_SOURCES},imports"
        edge = Edge(base.nid, end, "INHERITS_FROM", place, sources, method, role=role)
        rows.add(edge._replace(position=base.position, group=group))
    for reason in sorted({one.reason for one in found if one.reason}):
        method = next(one.method for one in found if one.reason == reason)
        rows.unresolved(
            base.nid, "class", place, base.text, reason, method=method,
            sources=f"{_SOURCES},imports", role=role, position=base.position, group=group,
        )  # fmt: skip


class _Follow:
    """Follows the dotted text of a base to classes."""

    def __init__(
        self, facts: Facts, index: Index, names: Names, open_names: OpenNames, ends: Ends
    ) -> None:
        self._index = index
        self._names = names
        self._open_names = open_names
        self._ends = ends
        self._builtins = {nid: name for name, nid in facts.builtins.items()}
        columns = ("file_no", "scope", "name", "nid", "kind", "opens")
        self._givers: dict[tuple[int, int, str], list[Binding]] = {}
        for file_no, scope, name, nid, kind, opens in records(facts.declared, columns):
            giver = Binding(file_no, nid, kind, scope, name, opens, 1)
            self._givers.setdefault((file_no, scope, name), []).append(giver)
        self._declared = {b.nid: b for givers in self._givers.values() for b in givers}

    def base(self, base: Base) -> Iterator[Found]:
        """Yield what a base may be."""
        text = base.text
        while text.endswith("[]"):
            text = text[:-2]
        first, *rest = text.split(".")
        if not all(part.isidentifier() for part in (first, *rest)):
            yield Found("local", reason="expression")
            return
        for one in self._roots(base, first, rest):
            if one.end != base.nid:  # a class that takes its own name from what it replaces
                yield one

    def _roots(self, base: Base, first: str, rest: list[str]) -> Iterator[Found]:
        root = base.root
        if root is None:
            meaning = (
                self._open_names.meaning(base.file_no, first)
                if base.starred
                else Meaning("local", reason="undefined")
            )
            if isinstance(meaning, Meaning):
                yield from self._meant(meaning, rest, ())
                return
            root = meaning
        if root in self._builtins:
            yield Found("builtin", reason="attribute") if rest else Found("builtin", root)
            return
        binding = self._index.bindings.get(root) or self._declared.get(root)
        if binding is None:
            row = self._index.imports.get(root)
            meaning = self._names.bound(row) if row else Meaning("local", reason="not_a_class")
            yield from self._meant(meaning, rest, ())
            return
        yield from self._bound(binding, rest, ())

    def _bound(
        self, binding: Binding, rest: list[str], way: tuple[int, ...], method: str = "local"
    ) -> Iterator[Found]:
        """Yield what a binding may be, each of its givers if it has several."""
        if binding.nid in way:
            yield Found(method, reason="cycle")
            return
        way = (*way, binding.nid)
        givers = self._givers.get((binding.file_no, binding.scope, binding.name), [])
        if binding.nid not in self._declared and givers:
            for giver in givers:
                yield from self._bound(giver, rest, way, method)
            if len(givers) < binding.givers:
                yield Found(method, reason="attribute" if rest else "not_a_class")
        elif (row := self._index.imports.get(binding.nid)) is not None:
            yield from self._meant(self._names.bound(row), rest, way)
        elif binding.kind == "class":
            yield from self._inside(binding, rest, way, method)
        else:
            yield Found(method, reason="attribute" if rest else "not_a_class")

    def _inside(
        self, binding: Binding, rest: list[str], way: tuple[int, ...], method: str
    ) -> Iterator[Found]:
        """Yield a class, or what its body binds a name to."""
        if not rest:
            yield Found(method, binding.nid)
            return
        inner = self._index.bound(binding.file_no, rest[0], binding.opens or 0)
        if inner is None or not binding.opens:
            yield Found(method, reason="attribute")
            return
        yield from self._bound(inner, rest[1:], way, method)

    def _meant(self, meaning: Meaning, rest: list[str], way: tuple[int, ...]) -> Iterator[Found]:
        """Yield what a meaning, or an attribute of it, may be."""
        while meaning.unit is not None and rest:
            before, meaning, rest = meaning, self._names.of(meaning.unit, rest[0]), rest[1:]
            if meaning.method == "import":
                meaning = meaning._replace(method=before.method)
        if meaning.reason:
            yield Found(meaning.method, reason=meaning.reason)
        elif meaning.outside:
            dotted = ".".join((meaning.qualified, *rest))
            if meaning.outside == "external module" and not rest:
                yield Found(meaning.method, reason="not_a_class")
            else:
                yield Found("external", self._ends.outside("external symbol", dotted))
        elif meaning.binding is None:
            yield Found(meaning.method, reason="not_a_class")
        else:
            yield from self._bound(meaning.binding, rest, way, meaning.method)
