"""What the verbs of `world` print: tables, receipts, JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.cli.options import as_json, emit

if TYPE_CHECKING:
    from collections.abc import Sequence


def tell(found: Any, text: str, *, json: bool, output: str | None = None) -> None:  # noqa: ANN401 - any plain data
    """Print the answer as JSON, or as a text."""
    emit(as_json(found) if json else text, output)


def table(cells: Sequence[tuple[str, ...]], numbers: tuple[bool, ...]) -> str:
    """Lay rows of cells out as a table; the first row names the columns."""
    from codeanatomy.cpg.graph.formats import aligned  # noqa: PLC0415 - heavy

    return "\n".join(aligned(cells, numbers))


def receipt_text(receipt: dict[str, Any]) -> str:
    """Say what a tick did."""
    parts = [
        f"tick {receipt['tick']:,}",
        f"{receipt['applied']} commands",
        f"{receipt['spawned']:,} spawned",
        f"{receipt['despawned']:,} despawned",
    ]
    if not receipt["durable"]:
        parts.append("not durable yet")
    lines = [", ".join(parts)]
    lines += [f"refused: {row['command']} of {row['entity_id']} ({row['code']})"
              for row in receipt["errors"][:10]]  # fmt: skip
    lines += [f"hook {row['hook']}: {row['error']}" for row in receipt["hook_failures"]]
    return "\n".join(lines)
