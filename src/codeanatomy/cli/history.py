"""The command `history`: every version of a store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codeanatomy.cli.options import AsJson, Output, StorePlace, as_json, emit, opened

if TYPE_CHECKING:
    from codeanatomy.store.manifest import Manifest


def history(*, store: StorePlace = None, json: AsJson = False, output: Output = None) -> int:
    """List every version of a store, oldest first.

    Each with the moment it was published (UTC), the run that made it, its repositories, and how
    many nodes and edges it holds. `--version` of the other commands takes the numbers.
    """
    rows = [_row(manifest) for manifest in opened(store).history()]
    emit(as_json(rows) if json else _table(rows), output)
    return 0


def _row(manifest: Manifest) -> dict[str, Any]:
    counts = manifest.facts.get("rows", {})
    return {
        "version": manifest.number,
        "parent": manifest.parent,
        "created": datetime.fromtimestamp(manifest.created / 1e6, UTC).isoformat(),
        "run": manifest.run_id,
        "repositories": sorted(manifest.facts.get("repos", {})),
        "nodes": counts.get("nodes"),
        "edges": counts.get("edges"),
        "tables": manifest.tables,
    }


def _table(rows: list[dict[str, Any]]) -> str:
    from codeanatomy.cpg.graph.formats import aligned  # noqa: PLC0415 - heavy

    cells = [("version", "created", "nodes", "edges", "run", "repositories")]
    for row in rows:
        counts = ["" if row[name] is None else f"{row[name]:,}" for name in ("nodes", "edges")]
        moment = row["created"].partition(".")[0].removesuffix("+00:00")
        repositories = ", ".join(row["repositories"])
        cells.append((str(row["version"]), moment, counts[0], counts[1], row["run"], repositories))
    return "\n".join(aligned(cells, (True, False, True, True)))
