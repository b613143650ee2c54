"""A notebook's code cells are files of their own when asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.sources.select import SelectSpec, Skipped, read, select

if TYPE_CHECKING:
    from pathlib import Path

CELLS = SelectSpec(notebooks=True)


def reasons(root: Path, spec: SelectSpec) -> dict[str, str]:
    """Return why each path is out."""
    return {row.path: row.reason for row in select(root, spec).rows if not row.included}


def notebook(*cells: tuple[str, object], language: str = "python") -> bytes:
    """Write a notebook of format 4."""
    made = [{"cell_type": kind, "source": source} for kind, source in cells]
    facts = {"language_info": {"name": language}}
    return json.dumps({"cells": made, "metadata": facts, "nbformat": 4}).encode()


def test_code_cells_are_files_when_asked_for(tmp_path: Path) -> None:
    """Cells are counted among all, from 1; a magic stays as it is written."""
    raw = notebook(
        ("markdown", "# é"), ("code", ["import os\n", "os"]), ("code", "%matplotlib inline\n")
    )
    (tmp_path / "n.ipynb").write_bytes(raw)
    found = select(tmp_path, CELLS)
    assert [(e.path, e.kind, e.size) for e in found.entries] == [
        ("n.ipynb#cell2", "cell", 12), ("n.ipynb#cell3", "cell", 19),
    ]  # fmt: skip
    assert [read(tmp_path, e) for e in found.entries] == [b"import os\nos", b"%matplotlib inline\n"]
    assert found.rows == [
        ("n.ipynb#cell2", True, "notebook cell"), ("n.ipynb#cell3", True, "notebook cell"),
    ]  # fmt: skip


def test_a_notebook_is_a_row_otherwise(tmp_path: Path) -> None:
    """It was met and not asked for."""
    (tmp_path / "n.ipynb").write_bytes(notebook(("code", "x")))
    assert reasons(tmp_path, SelectSpec()) == {"n.ipynb": "notebook"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"{", "not a notebook: not JSON"), (b"[]", "not a notebook of format 4"),
     (b'{"worksheets": []}', "not a notebook of format 4"),
     (notebook(("code", "x"), language="R"), "not python"),
     (notebook(("markdown", "x")), "no code cells")],
)  # fmt: skip
def test_a_notebook_without_python_says_why(tmp_path: Path, raw: bytes, reason: str) -> None:
    """Broken, of an old format, in another language, or all prose."""
    (tmp_path / "n.ipynb").write_bytes(raw)
    assert reasons(tmp_path, CELLS) == {"n.ipynb": reason}


def test_a_cell_that_is_gone_is_skipped(tmp_path: Path) -> None:
    """The notebook was saved with fewer cells meanwhile."""
    (tmp_path / "n.ipynb").write_bytes(notebook(("code", "x"), ("code", "y")))
    entries = select(tmp_path, CELLS).entries
    (tmp_path / "n.ipynb").write_bytes(notebook(("code", "x")))
    assert [read(tmp_path, e) for e in entries] == [b"x", Skipped("missing")]
