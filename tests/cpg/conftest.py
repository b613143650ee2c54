"""What tests of the code graph share: a small graph, built by hand once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import codeanatomy as ca
from tests.graphs import write_graph

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> ca.Graph:
    """Open a graph of two files; the sources lie beside the store."""
    folder: Path = tmp_path_factory.mktemp("zoo")
    write_graph(folder / "repo", folder / "store")
    return ca.open(folder / "store")
