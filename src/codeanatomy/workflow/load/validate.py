"""Checks an agent file without running it: its nodes, edges, gotos and conditions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.load.errors import YamlError
from codeanatomy.workflow.load.findings import STRUCTURAL, Finding, finding, invalid
from codeanatomy.workflow.load.parts import goto_rules, listed_edges, named_nodes, spelled, targets
from codeanatomy.workflow.names import END, START

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.load.document import Document

__all__ = ["Finding", "raise_structural", "structural", "validate", "validate_file"]

_ENDS: Final = frozenset({START, END})


def validate_file(path: Path | str, *, strict: bool = False) -> list[Finding]:
    """Read a file and check it; what keeps it from being read is a finding too."""
    from codeanatomy.workflow.load.read import read_yaml  # noqa: PLC0415 - loads PyYAML

    try:
        document = read_yaml(Path(path))
    except FileNotFoundError:
        return [Finding("FILE_NOT_FOUND", f"File not found: {path}", path=str(path))]
    except OSError as exc:
        return [Finding("YAML_PARSE", f"Invalid YAML syntax: {exc}", path=str(path))]
    except YamlError as exc:
        line, column = int(str(exc.facts["line"])), int(str(exc.facts["column"]))
        message = f"Invalid YAML syntax: {exc.facts['problem']}"
        return [Finding("YAML_PARSE", message, None, line, column, path=str(path))]
    return validate(document, strict=strict)


def validate(document: Document, *, strict: bool = False) -> list[Finding]:
    """Return every finding of a file in its order; `strict` adds what is only suspicious."""
    from codeanatomy.workflow.load.conditions import check_conditions  # noqa: PLC0415 - Jinja2
    from codeanatomy.workflow.load.kinds import check_kinds  # noqa: PLC0415 - as above
    from codeanatomy.workflow.load.schemas import check_schemas  # noqa: PLC0415 - as above
    from codeanatomy.workflow.load.strict import check_strict  # noqa: PLC0415 - rarely asked
    from codeanatomy.workflow.load.unknown_keys import check_keys  # noqa: PLC0415 - as above

    root = document.value
    if not isinstance(root, dict):
        kind = type(root).__name__
        said = (
            "Workflow file is empty" if root is None else f"Workflow must be a mapping, got {kind}"
        )
        return [finding(document, "INVALID_ROOT", said, ())]
    root = spelled(root)
    found = [*_shape(document, root)]
    if any(f.code == "INVALID_NODES" for f in found):
        return found
    found += _structural(document, root)
    told = {f.message for f in found}
    found += [f for f in check_kinds(document, root) if f.message not in told]
    found += check_schemas(document, root)
    found += check_conditions(document, root)
    found += check_keys(document, root)
    if strict:
        found += check_strict(document, root)
    return found


def structural(document: Document) -> list[Finding]:
    """Return only what keeps a file from being loaded."""
    root = document.value
    if not isinstance(root, dict):
        return []
    return [f for f in _structural(document, spelled(root)) if f.code in STRUCTURAL]


def unread(document: Document) -> list[Finding]:
    """Return the warnings of keys that nothing reads: a file is loaded all the same."""
    from codeanatomy.workflow.load.unknown_keys import check_keys  # noqa: PLC0415 - as above

    root = document.value
    return list(check_keys(document, spelled(root))) if isinstance(root, dict) else []


def raise_structural(document: Document) -> None:
    """Raise WorkflowInvalidError, a ValueError, for what keeps a file from being loaded."""
    found = structural(document)
    if found:
        raise invalid(found)


def _shape(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    """Yield what is missing or of the wrong kind."""
    nodes, edges = root.get("nodes"), root.get("edges")
    if nodes is None:
        yield finding(document, "MISSING_FIELD", "Top-level field 'nodes' is required", ())
    elif not isinstance(nodes, list):
        said = f"'nodes' must be a list, got {type(nodes).__name__}"
        yield finding(document, "INVALID_NODES", said, ("nodes",))
    else:
        yield from _nodes_shape(document, nodes)
    if edges is not None and not isinstance(edges, list):
        said = f"'edges' must be a list, got {type(edges).__name__}"
        yield finding(document, "INVALID_EDGES", said, ("edges",))
    elif edges:
        yield from _edges_shape(document, edges)


def _nodes_shape(document: Document, nodes: list[Any]) -> Iterator[Finding]:
    for i, node in enumerate(nodes):
        at = ("nodes", i)
        if not isinstance(node, dict):
            said = f"Node at index {i} must be a mapping, got {type(node).__name__}"
            yield finding(document, "INVALID_NODE", said, at)
        elif not node.get("name"):
            said = f"Node at index {i} is missing a 'name' field"
            yield finding(document, "MISSING_NODE_NAME", said, at)
        elif not isinstance(node["name"], str):
            said = f"Node at index {i} has a 'name' that is no text: {type(node['name']).__name__}"
            yield finding(document, "INVALID_NODE", said, (*at, "name"))


def _edges_shape(document: Document, edges: list[Any]) -> Iterator[Finding]:
    for i, edge in enumerate(edges):
        at = ("edges", i)
        if not isinstance(edge, dict):
            said = f"Edge at index {i} must be a mapping, got {type(edge).__name__}"
            yield finding(document, "INVALID_EDGE", said, at)
            continue
        if not edge.get("from") and edge.get("type") != "entry":
            said = f"Edge at index {i} is missing 'from'"
            yield finding(document, "EDGE_MISSING_FROM", said, at)
        if not edge.get("to") and edge.get("type") != "finish":
            said = f"Edge at index {i} is missing 'to'"
            yield finding(document, "EDGE_MISSING_TO", said, at)


def _structural(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    declared: dict[str, int] = {}
    for index, name, _ in named_nodes(root):
        if name in declared:
            at = ("nodes", index, "name")
            said = f"Duplicate node name: '{name}'"
            yield finding(document, "DUPLICATE_NODE", said, at, node=name)
        declared.setdefault(name, index)
    for index, name, node in named_nodes(root):
        yield from _gotos(document, index, name, node, declared)
        if node.get("type") == "dynamic_parallel":
            yield from _dynamic_parallel(document, index, node, declared)
    for index, edge in listed_edges(root):
        yield from _edge(document, index, edge, declared)


def _gotos(
    document: Document, index: int, name: str, node: dict[str, Any], declared: dict[str, int]
) -> Iterator[Finding]:
    for below, target in goto_rules(node):
        if not _is_known(target, declared):
            said = f"Node '{name}' has goto to non-existent node '{target}'"
            at = ("nodes", index, *below)
            yield finding(document, "GOTO_UNDEFINED", said, at, node=name)


def _dynamic_parallel(
    document: Document, index: int, node: dict[str, Any], declared: dict[str, int]
) -> Iterator[Finding]:
    from codeanatomy.workflow.kinds import dynamic_parallel  # noqa: PLC0415 - few files have one

    for code, message in dynamic_parallel.findings(node, list(declared)):
        at: tuple[str | int, ...] = ("nodes", index)
        if code == "DYN_PARALLEL_FAN_IN_UNDEFINED":
            at = (*at, "fan_in")
        yield finding(document, code, message, at, node=node["name"])


def _edge(
    document: Document, index: int, edge: dict[str, Any], declared: dict[str, int]
) -> Iterator[Finding]:
    for end, code in (("from", "EDGE_FROM_UNDEFINED"), ("to", "EDGE_TO_UNDEFINED")):
        value = edge.get(end)
        for i, name in enumerate(targets(value)):
            if name and not _is_known(name, declared):
                at = ("edges", index, end, i) if isinstance(value, list) else ("edges", index, end)
                said = f"Edge '{end}' references undefined node '{name}'"
                yield finding(document, code, said, at)
    if edge.get("type") == "parallel":
        yield from _fan_in(document, index, edge.get("fan_in"), declared)


def _fan_in(
    document: Document,
    index: int,
    fan_in: Any,  # noqa: ANN401 - what a file says
    declared: dict[str, int],
) -> Iterator[Finding]:
    code = "PARALLEL_FAN_IN_UNDEFINED"
    if not fan_in:
        said = f"Parallel edge at index {index} requires 'fan_in'"
        yield finding(document, code, said, ("edges", index))
    elif not _is_known(fan_in, declared):
        said = f"Parallel edge fan_in references undefined node '{fan_in}'"
        yield finding(document, code, said, ("edges", index, "fan_in"))


def _is_known(name: Any, declared: dict[str, int]) -> bool:  # noqa: ANN401 - what a file says
    return isinstance(name, str) and (name in _ENDS or name in declared)
