"""One walk over Python's syntax tree, in the order in which Python itself visits scopes.

The walk keeps its own stack, so that deep nesting costs memory and not the interpreter's stack. It
numbers every node that has a position and opens scopes as the compiler's symbol table does. What a
kind of node needs beyond that is its visitor's: see `_expressions`, `_statements`, `_definitions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from codeanatomy.cpg.extract import _identifiers

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from codeanatomy.cpg.extract._identifiers import Span

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

ANNOTATION = 1  # flags: one bit for annotations, then the place of a guard in GUARDS
GUARDS = ("none", "try", "type_checking", "condition")
GUARD_SHIFT = 1
TRY, TYPE_CHECKING_ONLY, CONDITION = (n << GUARD_SHIFT for n in (1, 2, 3))

# A node to visit: the number of its parent, the field and the place there, its scope, its flags.
Item: TypeAlias = "tuple[Any, int | None, str, int | None, int, int]"
Visitor: TypeAlias = "Callable[[Walk, Any, int, int, int], None]"  # node, number, scope, flags


class Open(NamedTuple):
    """A scope to be opened when the walk comes to it."""

    kind: str
    name: str
    line: int
    node: int  # the syntax node that opens it
    enter: Callable[[int], None]  # given its number, adds the scope and pushes what stands inside


class Scope(NamedTuple):
    """One opened scope and what names in it need."""

    parent: int
    kind: str
    private: str  # class whose private names are renamed here
    owner: int  # the definition whose code runs here
    cls: int = -1  # the class it is a method of
    first: str = ""  # first parameter, when it is a method's
    parameters: frozenset[str] = frozenset()


@dataclass(slots=True)
class Definition:
    """A module, class, function or lambda; `scope` is known once it is opened."""

    node: int
    kind: str
    name: str
    parent: int | None
    owner: int
    is_async: bool = False
    name_span: Span | None = None
    scope: int = -1
    is_generator: bool = False


@dataclass(slots=True)
class Parameter:
    """A parameter; its default and annotation are known once they are visited."""

    node: int
    owner: int
    name: str
    kind: str
    position: int
    span: Span
    scope: int = -1
    default: int | None = None
    annotation: int | None = None


class Walk:
    """The state of one walk: what is still to visit, and the rows so far."""

    def __init__(self, text: bytes, starts: list[int]) -> None:
        """Prepare to walk the tree of a text whose lines begin at `starts`."""
        self.text = text
        self.starts = starts
        self.stack: list[Item] = []
        self.nodes: list[tuple[Any, int | None, str, int | None, int]] = []  # an item, no flags
        self.scopes: list[Scope] = []
        self.opened: list[tuple[Any, ...]] = []  # parent, kind, name, line, node
        self.occurrences: list[tuple[Any, ...]] = []
        self.definitions: dict[int, Definition] = {}
        self.parameters: dict[int, Parameter] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.attributes: list[tuple[Any, ...]] = []
        self.imports: list[tuple[Any, ...]] = []
        self.exports: list[tuple[Any, ...]] = []
        self.docstrings: list[tuple[Any, ...]] = []
        self._plain = self.text.isascii()

    def run(self, visitors: Mapping[type, Visitor]) -> None:
        """Visit everything on the stack, and all that visiting pushes."""
        stack, nodes = self.stack, self.nodes
        while stack:
            node, parent, field, index, scope, flags = stack.pop()
            cls = node.__class__
            if cls is Open:
                self._open(node, scope)
                continue
            number = len(nodes)
            nodes.append((node, parent, field, index, scope))
            if cls in visitors:
                visitors[cls](self, node, number, scope, flags)
            else:
                self.push(node, children(cls), number, scope, flags)

    def _open(self, opening: Open, parent: int) -> None:
        number = len(self.scopes)
        self.opened.append((parent if number else None, *opening[:-1]))  # the rest would be a cycle
        opening.enter(number)

    def push(self, node: Any, fields: Sequence[str], number: int, scope: int, flags: int) -> None:
        """Push the children in `fields`, which hold nodes, so that they are visited in order."""
        stack = self.stack
        for field in reversed(fields):
            value = getattr(node, field, None)
            if value.__class__ is list:
                index = len(value)
                while index:
                    index -= 1
                    child = value[index]
                    if child is not None:
                        stack.append((child, number, field, index, scope, flags))
            elif value is not None:
                stack.append((value, number, field, None, scope, flags))

    def push_all(self, items: Iterable[Item]) -> None:
        """Push items so that they are visited in order."""
        self.stack.extend(reversed([*items]))

    def add(self, node: Any, parent: int, field: str, index: int | None, scope: int) -> int:
        """Add a node whose children need no visit; return its number."""
        self.nodes.append((node, parent, field, index, scope))
        return len(self.nodes) - 1

    def begin(self, node: Any) -> int:
        """Return where `node` starts in the text."""
        found: int = self.starts[node.lineno - 1] + node.col_offset
        return found

    def end(self, node: Any) -> int:
        """Return where `node` ends in the text."""
        found: int = self.starts[node.end_lineno - 1] + node.end_col_offset
        return found

    def ending(self, node: Any, name: str) -> Span:
        """Return the span of the identifier that ends `node`."""
        end: int = self.starts[node.end_lineno - 1] + node.end_col_offset
        if self._plain:
            return end - len(name), end
        return _identifiers.ending_at(self.text, end, name)

    def name(self, node: int, scope: int, text: str, role: str, span: Span) -> None:
        """Add an occurrence that no `Name` node stands for."""
        mangled = _identifiers.mangle(text, self.scopes[scope].private)
        self.occurrences.append((node, scope, mangled, text, role, True, False, *span))


_CHILDREN: dict[type[ast.AST], tuple[str, ...]] = {}
_LEAVES = ("identifier", "string", "int", "constant", "expr_context", "operator", "unaryop",
           "boolop", "cmpop", "type_ignore")  # fmt: skip


def children(cls: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a node class that hold nodes, as the class's own grammar rule says."""
    if cls not in _CHILDREN:
        rule = re.findall(r"(\w+)[?*]? (\w+)", cls.__doc__ or "")
        known = {field: kind for kind, field in rule}
        _CHILDREN[cls] = tuple(
            field for field in cls._fields if known.get(field, "string") not in _LEAVES
        )
    return _CHILDREN[cls]
