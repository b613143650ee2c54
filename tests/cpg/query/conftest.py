"""What tests of questions share: a small program whose calls are written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.calls import till as written

if TYPE_CHECKING:
    import codeanatomy as ca


@pytest.fixture(scope="session")
def till(tmp_path_factory: pytest.TempPathFactory) -> ca.Graph:
    """Open the graph of the program of `tests/calls.py`; it is only read."""
    folder = tmp_path_factory.mktemp("till")
    return written(folder / "till", folder / "store")
