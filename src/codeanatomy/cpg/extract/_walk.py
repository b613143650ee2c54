"""One walk over Python's syntax tree, in the order in which Python itself visits scopes.

The walk keeps its own stack, so that deep nesting costs memory and not the interpreter's stack.
It numbers every node that has a position, opens scopes as the compiler's symbol table does, and
collects the rows of every `ast_*` table in lists of tuples.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.cpg.extract import _identifiers

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.extract._source import Source

ANNOTATION = 1
GUARDS = ("none", "try", "type_checking", "condition")
GUARD_SHIFT = 1
TRY, TYPE_CHECKING_ONLY, CONDITION = (n << GUARD_SHIFT for n in (1, 2, 3))

Item = tuple[Any, int, str, int, int, int]  # node, parent, field, index, scope, flags
Visitor = "Callable[[Walk, Any, int, str, int, int, int], None]"


class Open(NamedTuple):
    """A scope to be opened when the walk comes to it."""

    kind: str
    name: str
    line: int
    node: int  # the syntax node that opens it
    run: Callable[[Walk, int], None]  # pushes what stands inside, given the scope's number


class Scope(NamedTuple):
    """One opened scope and what names in it need."""

    kind: str
    parent: int
    private: str  # class whose private names are renamed here
    owner: int  # the definition whose code runs here
    first: str  # first parameter, when it is a function's
    cls: int  # the class it is a method of, or -1
    parameters: frozenset[str]


class Walk:
    """The state of one walk: the stack, the numbering and the rows."""

    def __init__(self, source: Source) -> None:
        """Prepare to walk the tree of `source`."""
        self.source = source
        self.text = source.text
        self.starts: list[int] = source.line_starts.tolist()
        self.stack: list[Item] = []
        self.nodes: list[tuple[Any, ...]] = []
        self.names: list[str | None] = []
        self.values: list[str | None] = []
        self.kinds: list[str] = []
        self.scopes: list[Scope] = []
        self.scope_rows: list[tuple[Any, ...]] = []
        self.occurrences: list[tuple[Any, ...]] = []
        self.definitions: dict[int, list[Any]] = {}
        self.rows: defaultdict[str, list[Any]] = defaultdict(list)
        self.parameter_row: dict[int, int] = {}  # argument node or (function, default) -> row
        self.moved = source.places.moved
        self.coarse = source.places.coarse

    def run(self, visitors: dict[type, Any]) -> None:
        """Visit everything on the stack, and all that visiting pushes."""
        stack, nodes, kinds = self.stack, self.nodes, self.kinds
        names, values = self.names, self.values
        while stack:
            node, parent, field, index, scope, flags = stack.pop()
            cls = node.__class__
            if cls is Open:
                self._open(node, scope)
                continue
            number = len(nodes)
            nodes.append(
                (parent, field, index, scope, node.lineno, node.col_offset,
                 node.end_lineno, node.end_col_offset, id(node))
            )  # fmt: skip
            kinds.append(cls.__name__)
            names.append(None)
            values.append(None)
            if field in WATCHED:
                WATCHED[field](self, node, number, parent, field, index)
            visitors.get(cls, generic)(self, node, number, field, index, scope, flags)

    def _open(self, opening: Open, parent: int) -> None:
        number = len(self.scopes)
        self.scope_rows.append(
            (number, parent if number else None, opening.kind, opening.name, opening.line,
             opening.node)
        )  # fmt: skip
        opening.run(self, number)

    def enter(self, scope: Scope) -> None:
        """Add what names in a freshly opened scope need."""
        self.scopes.append(scope)

    def offset(self, line: int, column: int) -> int:
        """Return a text offset."""
        return self.starts[line - 1] + column

    def begin(self, node: Any) -> int:  # noqa: ANN401 - any node with a position
        """Return where `node` starts in the text."""
        found: int = self.starts[node.lineno - 1] + node.col_offset
        return found

    def end(self, node: Any) -> int:  # noqa: ANN401 - any node with a position
        """Return where `node` ends in the text."""
        found: int = self.starts[node.end_lineno - 1] + node.end_col_offset
        return found

    def name(
        self, node: int, scope: int, text: str, role: str, flags: int, span: tuple[int, int] | None
    ) -> None:
        """Add an occurrence; a span of None is the node's own."""
        start, end = span or (-1, -1)
        self.occurrences.append(
            (node, scope, _identifiers.mangle(text, self.scopes[scope].private), text, role,
             span is not None, bool(flags & ANNOTATION), start, end)
        )  # fmt: skip


def generic(
    walk: Walk, node: ast.AST, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Push the children of a node that needs nothing more, in the order of its fields."""
    del field, index
    push_fields(walk, node, node._fields, number, scope, flags)


def push_fields(
    walk: Walk, node: ast.AST, fields: tuple[str, ...], number: int, scope: int, flags: int
) -> None:
    """Push the children in `fields`, so that they are visited in that order."""
    items: list[Item] = []
    for field in fields:
        value = getattr(node, field, None)
        if value.__class__ is list:
            items.extend(
                (child, number, field, index, scope, flags)
                for index, child in enumerate(value)
                if isinstance(child, POSITIONED)
            )
        elif isinstance(value, POSITIONED):
            items.append((value, number, field, -1, scope, flags))
    items.reverse()
    walk.stack.extend(items)


POSITIONED: tuple[type, ...] = (
    ast.expr, ast.stmt, ast.arg, ast.keyword, ast.alias, ast.excepthandler, ast.pattern,
    *((ast.type_param,) if hasattr(ast, "type_param") else ()),
)  # fmt: skip


def _argument(walk: Walk, node: Any, number: int, parent: int, field: str, index: int) -> None:  # noqa: ANN401 - a watcher's signature
    if walk.kinds[parent] == "ClassDef":
        keyword = node.arg if field == "keywords" else None
        expression = node.value if field == "keywords" else node
        position = index if field == "bases" else None
        text = dotted(expression)
        walk.rows["ast_bases"].append((number, parent, position, keyword or None, text))
    elif field == "keywords":
        star = "" if node.arg else "**"
        walk.rows["ast_args"].append((number, parent, None, node.arg, star))
    else:
        star = "*" if node.__class__ is ast.Starred else ""
        walk.rows["ast_args"].append((number, parent, index, None, star))


def _decorator(walk: Walk, node: Any, number: int, parent: int, field: str, index: int) -> None:  # noqa: ANN401 - a watcher's signature
    del field
    start = walk.text.rfind(b"@", 0, walk.begin(node))
    walk.rows["ast_decorators"].append(
        (number, parent, index, dotted(node), start, walk.end(node))
    )


def _default(walk: Walk, node: Any, number: int, parent: int, field: str, index: int) -> None:  # noqa: ANN401 - a watcher's signature
    del node
    first = walk.definitions[parent][_FIRST_DEFAULT[field]]
    walk.rows["ast_params"][first + index][5] = number


_FIRST_DEFAULT = {"args.defaults": -2, "args.kw_defaults": -1}


def _annotation(walk: Walk, node: Any, number: int, parent: int, field: str, index: int) -> None:  # noqa: ANN401 - a watcher's signature
    del index
    kind = walk.kinds[parent]
    owner, role = parent, "return" if field == "returns" else "parameter"
    if kind == "arg":
        walk.rows["ast_params"][walk.parameter_row[parent]][6] = number
    elif kind == "AnnAssign":
        owner, role = parent + 1, "variable"
    text = walk.text[walk.begin(node) : walk.end(node)].decode("utf-8", "replace")
    walk.rows["ast_annotations"].append((number, owner, role, shorten(text)))


WATCHED = {
    "args": _argument, "keywords": _argument, "bases": _argument, "decorator_list": _decorator,
    "args.defaults": _default, "args.kw_defaults": _default, "annotation": _annotation,
    "returns": _annotation,
}  # fmt: skip

_HOPS = 16


def dotted(node: Any) -> str:  # noqa: ANN401 - any expression
    """Write an expression as dotted text; `()` and `[]` stand for what a call or subscript holds.

    Chains past 16 links are cut at the front with `...`; anything else is `?`.
    """
    parts: list[str] = []
    for _ in range(_HOPS):
        cls = node.__class__
        if cls is ast.Attribute:
            parts.append("." + node.attr)
            node = node.value
        elif cls is ast.Name:
            parts.append(node.id)
            break
        elif cls is ast.Call:
            parts.append("()")
            node = node.func
        elif cls is ast.Subscript:
            parts.append("[]")
            node = node.value
        else:
            parts.append("?")
            break
    else:
        parts.append("...")
    return "".join(reversed(parts))


def shorten(text: str, limit: int = 200) -> str:
    """Cut `text` at `limit` characters; the cut shows as `...`."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def clean(text: str) -> str:
    """Escape lone surrogates, which no column of text can hold."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
