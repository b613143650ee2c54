"""What is absent from a build, and why: nothing that is declared is missing without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg import edges, evidence, nodes
from codeanatomy.cpg.nodes import NONE_SEEN

if TYPE_CHECKING:
    from codeanatomy.cpg.stages.stage import Stage


def absent(stage: Stage) -> dict[str, str]:
    """Return the reason for every declared table, node kind and edge kind that has no row."""
    found: dict[str, str] = {}
    for table in evidence.TABLES:
        if table.name not in stage.writer.versions and table.name != "file_text":
            ran = table.producer in stage.spec.extractors or table.producer == "imports"
            asked = f"{table.producer} was not asked for: --evidence {table.producer}"
            found[table.name] = NONE_SEEN if ran else asked
    found["file_text"] = "its columns are in `files`"
    others = (r for name, r in stage.place.repos.items() if name != stage.spec.name)
    seen = (
        {kind for repo in others for kind in repo["kinds"]} | set(stage.kinds) | set(stage.linked)
    )
    for kind in (*nodes.NODES, *edges.EDGES):
        if kind.name not in seen:
            left_out = kind.layer not in stage.spec.layers and not kind.absent
            reason = _not_asked(kind.layer) if left_out else NONE_SEEN
            found[kind.name] = kind.absent or reason
    return dict(sorted(found.items()))


def _not_asked(layer: str) -> str:
    """Say how a layer is asked for: by its evidence, where only that fills it."""
    fills = [e.name for e in evidence.EXTRACTORS if e.layer == layer]
    return f"layer {layer} was not asked for: --{f'evidence {fills[0]}' if fills else 'layers'}"
