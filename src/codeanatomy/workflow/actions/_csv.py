"""What the data actions know about CSV."""

from __future__ import annotations

import csv
import io
from typing import Any


def parse(text: str, delimiter: str, *, has_header: bool) -> dict[str, Any]:
    """Return data, headers and row_count; empty lines are no rows."""
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if not has_header or not rows:
        return {"data": rows, "headers": None, "row_count": len(rows)}
    headers, *rest = rows
    data = [_named(headers, row) for row in rest]
    return {"data": data, "headers": headers, "row_count": len(data)}


def stringify(data: list[Any], headers: list[str] | None, delimiter: str) -> str:
    """Return rows as a text; raises ValueError for keys that are no header."""
    if not data:
        return ""
    out = io.StringIO(newline="")
    if isinstance(data[0], dict):
        named = csv.DictWriter(out, fieldnames=headers or list(data[0]), delimiter=delimiter)
        named.writeheader()
        named.writerows(data)
    else:
        plain = csv.writer(out, delimiter=delimiter)
        plain.writerows([headers, *data] if headers else data)
    return out.getvalue()


def _named(headers: list[str], row: list[str]) -> dict[str, str | None]:
    padded = [*row, *[None] * (len(headers) - len(row))]
    return dict(zip(headers, padded, strict=False))  # cells beyond the headers are dropped
