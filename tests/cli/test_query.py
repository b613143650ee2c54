"""The command `query`: rows in every format, to a pipe or a file."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

from codeanatomy.cli.run import run as run_here
from tests.graphs import write_graph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done

SQL = "select name, line from nodes where kind = 'class' order by line"
ROWS = [{"name": "Animal", "line": 3}, {"name": "Cat", "line": 6}]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("table", "name    line\n------  ----\nAnimal     3\nCat        6\n"),
        ("csv", "name,line\nAnimal,3\nCat,6\n"),
        ("jsonl", '{"name":"Animal","line":3}\n{"name":"Cat","line":6}\n'),
    ],
)
def test_text_formats(zoo: Path, run: Callable[..., Done], name: str, text: str) -> None:
    """Exactly so, byte for byte."""
    done = run("query", SQL, "-s", str(zoo), "--format", name)
    assert (done.status, done.out, done.err) == (0, text, "")


def test_json_is_a_list_of_objects(zoo: Path, run: Callable[..., Done]) -> None:
    """Even of one row, or none."""
    done = run("query", SQL, "-s", str(zoo), "-f", "json")
    assert json.loads(done.out) == ROWS
    assert json.loads(run("query", SQL + " limit 0", "-s", str(zoo), "-f", "json").out) == []


def test_the_question_can_come_from_standard_input(zoo: Path, run: Callable[..., Done]) -> None:
    """With `-` in its place."""
    done = run("query", "-", "-s", str(zoo), "-f", "jsonl", stdin=SQL + " limit 1")
    assert json.loads(done.out) == ROWS[0]


def test_a_question_may_begin_with_a_comment(zoo: Path, run: Callable[..., Done]) -> None:
    """Two hyphens begin a comment of SQL, not an option."""
    done = run("query", f"-- classes\n{SQL}", "-s", str(zoo), "-f", "json")
    assert json.loads(done.out) == ROWS


def test_a_file_is_written_as_it_ends(zoo: Path, run: Callable[..., Done], tmp_path: Path) -> None:
    """And nothing is printed."""
    done = run("query", SQL, "-s", str(zoo), "-o", "rows.parquet")
    assert (done.status, done.out) == (0, "")
    assert parquet.read_table(tmp_path / "rows.parquet").to_pylist() == ROWS


def test_binary_formats_go_through_a_pipe(
    zoo: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """An Arrow file on standard output."""
    assert run_here(["query", SQL, "-s", str(zoo), "-f", "arrow"]) == 0
    written = io.BytesIO(capfdbinary.readouterr().out)
    assert pa.ipc.open_file(written).read_all().to_pylist() == ROWS


def test_older_versions_answer(tmp_path: Path, run: Callable[..., Done]) -> None:
    """With `--version`, whose number `history` lists."""
    for number in (0, 1):
        write_graph(tmp_path / "repo", tmp_path / ".codeanatomy", number)
    count = "select count(*) as n from nodes"
    answers = [
        run("query", count, *version, "-f", "csv").out for version in ([], ["--version", "0"])
    ]
    assert answers == ["n\n18\n", "n\n9\n"]
    history = json.loads(run("history", "--json").out)
    assert [(row["version"], row["repositories"]) for row in history] == [
        (0, ["zoo"]),
        (1, ["zoo"]),
    ]
    assert run("query", count, "--version", "9").status == 2


def test_the_environment_names_a_store(zoo: Path, run: Callable[..., Done]) -> None:
    """The command line goes first."""
    assert run("query", SQL, "-f", "json", CODEANATOMY_STORE=str(zoo)).status == 0
    done = run("query", SQL, "-s", "elsewhere", CODEANATOMY_STORE=str(zoo))
    assert (done.status, "elsewhere" in done.err) == (2, True)
