"""Asks each kind of node whether what a file says of it can be made, without running it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.load.findings import Finding, finding
from codeanatomy.workflow.load.parts import named_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from codeanatomy.workflow.load.document import Document


def check_kinds(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    """Yield an INVALID_NODE for each loop or parallel node that could not be made."""
    for index, name, node in named_nodes(root):
        kind = _kind(node)
        if kind is None:
            continue
        try:
            _make(kind, node)
        except SpecError as exc:
            said = str(exc)
        except (TypeError, ValueError, AttributeError, KeyError) as exc:
            said = f"{kind} node '{name}': {exc}"
        else:
            said = ""
        if said:
            yield finding(document, "INVALID_NODE", said, ("nodes", index), node=name)


def _kind(node: Mapping[str, Any]) -> str | None:
    if node.get("type") in ("while_loop", "dynamic_parallel"):
        return str(node["type"])
    if isinstance(node.get("strategy"), dict):
        return "matrix"
    return "parallel_each" if "parallel_each" in node else None


def _make(kind: str, node: dict[str, Any]) -> None:
    from codeanatomy.kernel import catalog  # noqa: PLC0415 - few files have such nodes
    from codeanatomy.workflow import kinds  # noqa: PLC0415 - as above

    nobody: Any = SimpleNamespace(name="")  # nothing is run, so nothing is asked of an engine
    catalog.load(kinds, kind, "make")(node, nobody, _no_body)


def _no_body(_: Mapping[str, Any]) -> Callable[[Any], dict[str, Any]]:
    return lambda _: {}
