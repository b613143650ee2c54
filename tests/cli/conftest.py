"""What tests of the command line share: a way to run it, and a small graph."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

import pytest

from codeanatomy.cli.run import run as run_here
from tests.graphs import write_graph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a graph of two files; the sources lie beside the store in `repo`."""
    folder: Path = tmp_path_factory.mktemp("zoo")
    write_graph(folder / "repo", folder / "store")
    return folder / "store"


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Run the command line in an empty folder, in this process."""

    def call(*words: str, stdin: str = "", **environment: str) -> Done:
        with monkeypatch.context() as patched:
            patched.chdir(tmp_path)
            patched.setattr("sys.stdin", io.StringIO(stdin))
            for name, value in environment.items():
                patched.setenv(name, value)
            status = run_here(words)
        return Done(status, *capsys.readouterr())

    return call
