"""Finds what a file can do without: nodes nothing leads to, keys of the state nothing sets."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.load.conditions import conditions
from codeanatomy.workflow.load.findings import Finding, finding
from codeanatomy.workflow.load.parts import goto_rules, listed_edges, named_nodes, targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.load.document import Document

_GIVEN: Final = frozenset(
    "parallel_results session_id result item index item_index matrix True False true false".split()
)
_KEY = re.compile(r"\bstate(?:\.|\[\s*['\"]|\.get\(\s*['\"])([A-Za-z_]\w*)")
_BARE = re.compile(r"!?\s*([A-Za-z_]\w*)")
_METHODS: Final = frozenset("get keys values items copy".split())
_ANYTHING: Final = "*"


def check_strict(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    """Yield warnings about nodes that nothing names and conditions on keys that nothing sets."""
    yield from _unreferenced(document, root)
    produced = _produced(root)
    if _ANYTHING in produced:
        return
    for at, node, text in conditions(root):
        for key in sorted(_keys(text)):
            if key not in produced and key not in _GIVEN and not key.startswith("_"):
                said = f"Condition references state key '{key}' that no node sets"
                yield finding(document, "DEAD_STATE_KEY", said, at, node=node, severity="warning")


def _unreferenced(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    nodes = list(named_nodes(root))
    leaving = {str(name) for _, edge in listed_edges(root) for name in targets(edge.get("from"))}
    named = set(leaving)
    for _, edge in listed_edges(root):
        named.update(str(name) for name in (*targets(edge.get("to")), edge.get("fan_in")))
    for _, name, node in nodes:
        rules = goto_rules(node)
        named.update(str(target) for _, target in rules)
        named.add(str(node.get("fan_in")))
        fallback = node.get("on_error")
        if isinstance(fallback, dict):
            named.add(str(fallback.get("fallback")))
        if rules and isinstance(node.get("goto"), str):
            leaving.add(name)
    chained = {after[1] for before, after in pairwise(nodes) if before[1] not in leaving}
    first = {nodes[0][1]} if nodes else set()
    for index, name, _ in nodes:
        if name not in named | chained | first:
            said = f"Node '{name}' is not referenced by any edge or goto"
            at = ("nodes", index, "name")
            yield finding(document, "UNREFERENCED_NODE", said, at, node=name, severity="warning")


def _produced(root: dict[str, Any]) -> set[str]:
    """Return the keys that the file sets, `*` if some node may set any."""
    keys: set[str] = set()
    for section in ("state_schema", "input_schema", "initial_state"):
        declared = root.get(section)
        keys.update(str(k) for k in declared) if isinstance(declared, dict) else None
    for _, _, node in named_nodes(root):
        keys |= _set_by(node)
    return keys


def _set_by(node: dict[str, Any]) -> set[str]:
    keys: set[str] = set()
    for key in ("output", "output_key"):
        told = node.get(key)
        keys.update(map(str, told if isinstance(told, dict) else [told] if told else []))
    code = node.get("run", node.get("script"))
    if isinstance(code, str):
        keys.update(re.findall(r"\w+", code))  # a key that a code never spells is not set by it
        if "**" in code or not re.search(r"return\s*\{|^\s*\w+\s*=[^=]", code, re.MULTILINE):
            keys.add(_ANYTHING)
    elif isinstance(code, dict):
        keys.add(str(code.get("output_key") or "result"))
    for part in ("steps", "body"):
        for step in node[part] if isinstance(node.get(part), list) else ():
            keys |= _set_by(step) if isinstance(step, dict) else set()
    if ("uses" in node and not keys) or "subgraph" in node:
        keys.add(_ANYTHING)
    return keys


def _keys(text: str) -> set[str]:
    bare = _BARE.fullmatch(text.strip())
    if bare:
        return {bare[1]}
    return {key for key in _KEY.findall(text) if key not in _METHODS}
