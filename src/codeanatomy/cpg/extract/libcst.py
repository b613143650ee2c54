"""The exact concrete syntax of a file, white space and comments included; only when asked for.

White space that is empty is left out. A span with white space reaches over what belongs to a node.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from codeanatomy.cpg.extract import _parsers

if TYPE_CHECKING:
    from codeanatomy.cpg.extract._source import Source

VERSION = 1

Columns: TypeAlias = "dict[str, list[Any] | np.ndarray[Any, Any]]"
Ints: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Node: TypeAlias = Any  # LibCST's types are not part of our surface

_NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r", "none": "\n"}


def extract(source: Source) -> dict[str, Columns]:
    """Return nodes and manifest; raises `SyntaxError`, and `MissingPartError` without LibCST."""
    libcst = _parsers.libcst()
    _ = source.tree  # what Python cannot parse may be too deep for LibCST to survive
    try:
        module = libcst.parse_module(source.text.decode("utf-8"))
    except libcst.ParserSyntaxError as error:
        place = ("<source>", error.raw_line, error.raw_column + 1, None)
        raise SyntaxError(error.message, place) from error
    rows = _node_rows(source, module, libcst.metadata)
    return {"cst_nodes": rows, "cst_manifest": _manifest(source, module)}


def _node_rows(source: Source, module: Node, metadata: Any) -> Columns:  # noqa: ANN401 - a module
    tight, wide = metadata.ByteSpanPositionProvider, metadata.WhitespaceInclusivePositionProvider
    wrapper = metadata.MetadataWrapper(module, unsafe_skip_copy=True)  # nobody else holds it
    found = wrapper.resolve_many([tight, wide])
    nodes, parents = _walk(module)
    spans, ranges = found[tight], found[wide]
    starts = np.array([spans[n].start for n in nodes], np.int64)
    ends = starts + np.array([spans[n].length for n in nodes], np.int64)
    begins = [ranges[n].start for n in nodes]
    stops = [ranges[n].end for n in nodes]
    bstart, bend = source.spans(starts, ends)
    wbstart, wbend = source.spans(_offsets(source, begins), _offsets(source, stops))
    return {
        "node": np.arange(len(nodes)),
        "parent": parents,
        "kind": [type(n).__name__ for n in nodes],
        "bstart": bstart,
        "bend": bend,
        "wbstart": wbstart,
        "wbend": wbend,
    }


def _walk(module: Node) -> tuple[list[Node], list[int | None]]:
    """List the nodes outermost first, and the number of the one above each."""
    nodes: list[Node] = []
    parents: list[int | None] = []
    waiting: list[tuple[Node, int | None]] = [(module, None)]
    while waiting:
        node, parent = waiting.pop()
        if getattr(node, "value", None) == "":
            continue  # white space of no width
        waiting.extend((child, len(nodes)) for child in reversed(node.children))
        nodes.append(node)
        parents.append(parent)
    return nodes, parents


def _offsets(source: Source, positions: list[Any]) -> Ints:
    """Turn lines and columns, which LibCST counts in characters, into text offsets."""
    text = np.frombuffer(source.text, np.uint8)
    characters = np.append(np.flatnonzero((text & 0xC0) != 0x80), len(text))  # noqa: PLR2004 - UTF-8: what is not 10xxxxxx begins a character
    line_starts = np.searchsorted(characters, source.line_starts)
    lines = np.array([p.line for p in positions], np.int64)
    columns = np.array([p.column for p in positions], np.int64)
    found: Ints = characters[line_starts[lines - 1] + columns]
    return found


def _manifest(source: Source, module: Node) -> Columns:
    future = [
        alias.name
        for statement in source.tree.body
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        for alias in statement.names
    ]
    return {
        "encoding": [source.encoding],
        "indent": [module.default_indent],
        "newline": [_newline(source).encode("unicode_escape").decode()],
        "trailing_newline": [module.has_trailing_newline],
        "future_imports": [future],
    }


def _newline(source: Source) -> str:
    """Return the file's newline; of a mixed file the first, as LibCST chooses."""
    first = re.search(rb"\r\n|\r|\n", source.raw) if source.newline == "mixed" else None
    return first[0].decode() if first else _NEWLINES[source.newline]
