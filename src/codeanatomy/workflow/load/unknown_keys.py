"""Finds keys of nodes that nothing reads, and names the key that was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.load.findings import Finding, finding
from codeanatomy.workflow.load.format import NODE
from codeanatomy.workflow.load.parts import named_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.load.document import Document


def check_keys(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    """Yield a warning for each key of a node that is not known."""
    for index, name, node in named_nodes(root):
        for key in node:
            if key not in NODE:
                yield finding(
                    document,
                    "UNKNOWN_NODE_KEY",
                    f"Node '{name}' has an unknown key '{key}'; {_meant(str(key))}",
                    ("nodes", index, key),
                    node=name,
                    severity="warning",
                    key=True,
                )


def _meant(key: str) -> str:
    near = get_close_matches(key.lower(), NODE, n=1, cutoff=0.0)
    return f"did you mean '{near[0]}'?"
