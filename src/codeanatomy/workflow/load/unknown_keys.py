"""Finds keys of nodes that nothing reads, and names the key that was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.load.findings import Finding, finding
from codeanatomy.workflow.load.parts import named_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.load.document import Document

NODE_KEYS: Final = (
    "name description metadata run script language timeout uses with output output_key steps type"
    " condition max_iterations body items item_var index_var action subgraph input max_concurrency"
    " fail_fast parallel_config strategy parallel_each max_workers fan_in interrupt on_error goto"
    " streams"
).split()


def check_keys(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    """Yield a warning for each key of a node that is not known."""
    for index, name, node in named_nodes(root):
        for key in node:
            if key not in NODE_KEYS:
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
    near = get_close_matches(key.lower(), NODE_KEYS, n=1, cutoff=0.0)
    return f"did you mean '{near[0]}'?"
