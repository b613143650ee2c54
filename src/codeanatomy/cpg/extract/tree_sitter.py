"""What an error-tolerant parser sees: the only syntax of a file that Python cannot parse.

The span of a capture is the whole definition, call, decorator (from its `@`), comment or docstring;
that of an import is one imported name with its alias. `name` is the identifier that the name's span
cuts out: what is defined, or the last part of what is called. An import's name is written with the
module before it (`.pkg.name`, `.pkg.*`); a comment's and a docstring's is its text, without a span.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from codeanatomy.cpg.extract import _comments, _parsers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.extract._source import Source

VERSION = 2

Columns: TypeAlias = "dict[str, list[Any] | np.ndarray[Any, Any]]"
Node: TypeAlias = Any  # tree-sitter's types are not part of our surface
Listed: TypeAlias = "tuple[Node, int | None, str | None]"
Name: TypeAlias = "tuple[str | None, int | None, int | None]"
Capture: TypeAlias = "tuple[int, int, str, str | None, int | None, int | None]"

_LONGEST = 200  # characters of a name or text that are kept
_CAPTURED = {
    "function_definition": "function",
    "class_definition": "class",
    "call": "call",
    "decorator": "decorator",
    "comment": "comment",
    "import_statement": "import",
    "import_from_statement": "import",
    "future_import_statement": "import",
}


def extract(source: Source) -> dict[str, Columns]:
    """Return captures, nodes and counts of any bytes whatever."""
    root = source.syntax.root_node
    whole = not _parses(source)
    nodes = list(_nodes(root, whole=whole))
    found = _found(nodes) if whole else _cursor().captures(root)
    return {
        "ts_nodes": _node_rows(source, nodes),
        "ts_captures": _capture_rows(source, root, found),
        "ts_stats": _stats(source, nodes),
    }


# --- captures -------------------------------------------------------------------------------------
def _capture_rows(source: Source, root: Node, found: dict[str, list[Node]]) -> Columns:
    text = source.text
    captures: list[Capture] = []
    for node in found.get("call", ()):
        called, start = node.child_by_field_name("function"), node.start_byte
        if text.startswith(b"*", start):
            called, start = _unstarred(called)
        captures.append((start, node.end_byte, "call", *_named(text, _callee(called))))
    for kind in ("function", "class"):
        for node in found.get(kind, ()):
            named = _named(text, node.child_by_field_name("name"))
            captures.append((node.start_byte, node.end_byte, kind, *named))
    for node in found.get("decorator", ()):
        target = node.named_child(0)
        end = target.end_byte if target else node.end_byte
        if target is not None and target.type == "call":
            target = target.child_by_field_name("function")
        captures.append((node.start_byte, end, "decorator", *_named(text, _callee(target))))
    bodies = [
        n.child_by_field_name("body") for k in ("function", "class") for n in found.get(k, ())
    ]
    docstrings = [d for d in map(_docstring, [root, *bodies]) if d is not None]
    texts = [("comment", (n.start_byte, n.end_byte)) for n in found.get("comment", ())]
    texts += [("comment", span) for span in _comments.comments(text, source.long_comments, root)]
    texts += [("docstring", (node.start_byte, node.end_byte)) for node in docstrings]
    captures += [(a, b, kind, _shortened(text[a:b]), None, None) for kind, (a, b) in texts]
    for node in found.get("import", ()):
        captures.extend(_imports(text, node))
    captures.sort(key=lambda row: (row[0], -row[1], row[2]))
    return _columns(source, captures)


def _columns(source: Source, captures: list[Capture]) -> Columns:
    start, end, kind, name, name_start, name_end = list(zip(*captures, strict=True)) or [()] * 6
    bstart, bend = source.spans(np.array(start, np.int64), np.array(end, np.int64))
    at = [place for place, offset in enumerate(name_start) if offset is not None]
    first, last = source.spans(
        np.array([name_start[place] for place in at], np.int64),
        np.array([name_end[place] for place in at], np.int64),
    )
    name_bstart: list[int | None] = [None] * len(captures)
    name_bend: list[int | None] = [None] * len(captures)
    for place, one, two in zip(at, first.tolist(), last.tolist(), strict=True):
        name_bstart[place], name_bend[place] = one, two
    return {
        "capture": list(kind),
        "name": list(name),
        "name_bstart": name_bstart,
        "name_bend": name_bend,
        "bstart": bstart,
        "bend": bend,
    }


@cache
def _cursor() -> Any:  # noqa: ANN401 - tree-sitter's types are not part of our surface
    module = _parsers.tree_sitter()
    query = "".join(f"({node}) @{kind}\n" for node, kind in _CAPTURED.items())
    return module.QueryCursor(module.Query(_parsers.python_language(), query))


def _found(nodes: list[Listed]) -> dict[str, list[Node]]:
    """Group the nodes of a whole tree: queries stop at a depth that only odd files reach."""
    found: dict[str, list[Node]] = {}
    for node, _, _ in nodes:
        kind = _CAPTURED.get(node.type)
        if kind is not None:
            found.setdefault(kind, []).append(node)
    return found


def _unstarred(called: Node) -> tuple[Node, int]:
    """Take the star off: `[*f.g()]` is read as a call of `(*f).g`."""
    first = called
    while first.type != "list_splat" and first.child_count:
        first = first.child(0)
    inner = first.named_child(0) or first
    return (inner if first == called else called), inner.start_byte


def _callee(node: Node | None) -> Node | None:
    """Return the last identifier of what is called or decorated with; None when it has none."""
    if node is not None and node.type == "attribute":
        return node.child_by_field_name("attribute")
    return node if node is not None and node.type == "identifier" else None


def _named(text: bytes, node: Node | None) -> Name:
    if node is None:
        return None, None, None
    start, end = node.start_byte, node.end_byte
    return _shortened(text[start:end]), start, end


def _shortened(text: bytes) -> str:
    return text[: 4 * _LONGEST].decode("utf-8", "replace")[:_LONGEST]


def _docstring(body: Node | None) -> Node | None:
    """Return the string that opens a module or body, if it is text and not an expression."""
    first = _first_statement(body) if body else None
    if first is None or first.type != "expression_statement" or first.named_child_count != 1:
        return None
    string = first.named_child(0)
    parts = string.named_children if string.type == "concatenated_string" else [string]
    for part in parts:
        if part.type != "string" or set(part.child(0).text.lower()) & set(b"bf"):
            return None
    return string


def _first_statement(body: Node) -> Node | None:
    cursor = body.walk()  # a list of all children would cost the square of their number
    more = cursor.goto_first_child()
    while more and (cursor.node.type == "comment" or not cursor.node.is_named):
        more = cursor.goto_next_sibling()
    return cursor.node if more else None


def _imports(text: bytes, statement: Node) -> Iterator[Capture]:
    """Yield one capture for each name that an import statement takes."""
    module = statement.child_by_field_name("module_name")
    before = text[module.start_byte : module.end_byte] if module else b""
    if statement.type == "future_import_statement":
        before = b"__future__"
    if before and not before.endswith(b"."):
        before += b"."
    names = statement.children_by_field_name("name")
    stars = [n for n in statement.children if n.type == "wildcard_import"]
    for node in (*names, *stars):
        name = node.child_by_field_name("name") if node.type == "aliased_import" else node
        start, end = name.start_byte, name.end_byte
        written = _shortened(b"".join((before + text[start:end]).split()))
        yield node.start_byte, node.end_byte, "import", written, start, end


# --- nodes ----------------------------------------------------------------------------------------
def _nodes(root: Node, *, whole: bool) -> Iterator[Listed]:
    """Yield what `ts_nodes` lists, outermost first: the node, its listed parent and its field."""
    if not whole and not root.has_error:
        return
    cursor = root.walk()
    above: list[int | None] = [None]  # for each node on the way down, the nearest listed one
    count = 0
    while True:
        node = cursor.node
        listed = node.is_error or node.is_missing or (whole and node.is_named)
        if listed:
            yield node, above[-1], cursor.field_name
            count += 1
        if (whole or node.has_error) and cursor.goto_first_child():
            above.append(count - 1 if listed else above[-1])
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            above.pop()


def _parses(source: Source) -> bool:
    try:
        return source.tree is not None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _node_rows(source: Source, nodes: list[Listed]) -> Columns:
    bstart, bend = source.spans(
        np.array([n.start_byte for n, _, _ in nodes], np.int64),
        np.array([n.end_byte for n, _, _ in nodes], np.int64),
    )
    return {
        "node": np.arange(len(nodes)),
        "parent": [parent for _, parent, _ in nodes],
        "kind": [n.type for n, _, _ in nodes],
        "field": [field for _, _, field in nodes],
        "named": [n.is_named for n, _, _ in nodes],
        "error": [n.is_error for n, _, _ in nodes],
        "missing": [n.is_missing for n, _, _ in nodes],
        "bstart": bstart,
        "bend": bend,
    }


def _stats(source: Source, nodes: list[Listed]) -> Columns:
    errors = [n for n, _, _ in nodes if n.is_error]
    inside = 0
    reached = 0
    for node in errors:  # outermost first: what lies before `reached` has been counted
        start, end = max(node.start_byte, reached), node.end_byte
        if end > start:
            span = source.spans(np.array([start], np.int64), np.array([end], np.int64))
            inside += int(span[1][0] - span[0][0])
            reached = end
    missing = sum(n.is_missing for n, _, _ in nodes)
    return {"errors": [len(errors)], "missing": [missing], "error_bytes": [inside]}
