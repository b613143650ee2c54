"""A URI names its backend; a plain path is Delta; anything else is an error that helps."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from codeanatomy.kernel.errors import SpecError
from codeanatomy.store.open import BACKENDS, open_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("scheme", sorted(BACKENDS))
def test_the_scheme_names_the_backend(scheme: str, tmp_path: Path) -> None:
    """The store says which it is, and opening writes nothing."""
    store = open_store(f"{scheme}://{tmp_path / 'place'}")
    assert store.capabilities.backend == scheme
    assert store.tables() == ()
    assert list(tmp_path.iterdir()) == []


def test_a_plain_path_is_delta(tmp_path: Path) -> None:
    """As text or as a path."""
    for place in (tmp_path, str(tmp_path)):
        assert open_store(place).uri == f"delta://{tmp_path}"


@pytest.mark.parametrize(
    ("uri", "help_"),
    [("ftp://x", "delta, memory, parquet, sqlite"), ("delta://", "delta://PATH"), ("", "PATH")],
)
def test_a_uri_that_names_no_store_is_an_error(uri: str, help_: str) -> None:
    """The message says what would have worked."""
    with pytest.raises(SpecError, match=help_):
        open_store(uri)


def test_opening_imports_one_backend() -> None:
    """The memory store needs neither deltalake nor the Parquet reader."""
    code = (
        "import sys; before = set(sys.modules);"  # a tool that watches may have loaded sqlite3
        "from codeanatomy.store.open import open_store; open_store('memory://');"
        "print([m for m in ('deltalake', 'pyarrow.parquet', 'pyarrow.dataset', 'sqlite3')"
        " if m in sys.modules.keys() - before])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
