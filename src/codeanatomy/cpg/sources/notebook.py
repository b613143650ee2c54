"""A notebook's code cells, as the files they are treated as.

A cell's text is kept as written: a line that is a magic of IPython is not Python, so such a cell
has tolerant evidence.
"""

from __future__ import annotations

import json
from typing import Any


def code_cells(raw: bytes) -> dict[int, bytes]:
    """Return each code cell's source by its place among all cells, from 1.

    Raises `ValueError` saying why when there is no notebook of format 4 in Python.
    """
    try:
        notebook: Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        msg = "not a notebook: not JSON"
        raise ValueError(msg) from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        msg = "not a notebook of format 4"
        raise ValueError(msg)  # noqa: TRY004 - the file's text is wrong, not an argument's type
    if _language(notebook) not in ("python", ""):
        msg = "not python"
        raise ValueError(msg)
    return {
        number: _source(cell)
        for number, cell in enumerate(notebook["cells"], 1)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    }


def _language(notebook: dict[str, Any]) -> str:
    facts = notebook.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        said = facts.get(key) if isinstance(facts, dict) else None
        if isinstance(said, dict) and isinstance(said.get(name), str):
            return str(said[name]).lower()
    return ""


def _source(cell: dict[str, Any]) -> bytes:
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    return text.encode("utf-8", "surrogatepass")
