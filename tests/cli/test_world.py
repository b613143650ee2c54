"""The command `world`: a life of a world from the command line, in this process and by a server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Done

PATHS = {"PYTHONPATH": os.pathsep.join(path and str(Path(path).absolute()) for path in sys.path)}
MODEL = """
from codeanatomy.ecs import component, processor

@component
class Position:
    x: float
    y: float = 0.0

@component
class Velocity:
    dx: float

@component
class Alive: ...

@processor(reads=(Position, Velocity), writes=(Position,))
def move(cols, visit):
    return {"position__x": cols.position__x + cols.velocity__dx, "position__y": cols.position__y}
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    """Write the model file `walkers.py`."""
    (tmp_path / "walkers.py").write_text(MODEL)
    return "walkers.py"


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[str]:
    """Run `world serve` on a free port; gives the address it tells."""
    command = [sys.executable, "-m", "codeanatomy", "world", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, text=True, env=os.environ | PATHS
    )
    assert process.stderr is not None
    try:
        told = process.stderr.readline()
        found = re.search(r"http://\S+", told)
        assert found, told + process.stderr.read()
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stderr.close()


def life(run: Callable[..., Done], ticking: list[str], *where: str) -> None:
    """Spawn, tick, read, branch, destroy and restore a world that is there."""
    assert (
        "queued: entity 1 at tick 1"
        in run(
            "world", "spawn", "farm", "position__x=1", "velocity.dx=2", "alive", "--id", "a", *where
        ).out
    )
    assert (
        "entity 2-4" in run("world", "spawn", "farm", "position__x=5", "--count", "3", *where).out
    )
    assert run("world", "step", "farm", *ticking, *where).out == (
        "tick 1, 2 commands, 4 spawned, 0 despawned\n"
    )
    done = run("world", "run", "farm", "4", *ticking, *where, "--json")
    assert json.loads(done.out) == {"ticks": 4, "spawned": 0, "despawned": 0, "tick": 5}
    rows = run("world", "query", "farm", "position", "alive", "-f", "json", *where).out
    assert [row["position__x"] for row in json.loads(rows)] == [9.0]
    rows = run("world", "query", "farm", "position", "--tick", "2", "--where", "position__x < 4",
               "-f", "json", *where).out  # fmt: skip
    assert [row["position__x"] for row in json.loads(rows)] == [3.0]
    sql = "select max(position__x) as far from position where tick <= 3"
    assert run("world", "query", "farm", "--sql", sql, "-f", "csv", *where).out == "far\n5.0\n"
    forked = run("world", "fork", "farm", "branch", "--at-tick", "2", *ticking, *where)
    assert forked.out == "branch is farm as of tick 2\n"
    assert [line.split() for line in run("world", "list", *where).out.splitlines()[1:]] == [
        ["branch", "walkers", "farm", "2"],
        ["farm", "walkers"],
    ]
    told = run("world", "history", "branch", *where).out
    assert [line.split() for line in told.splitlines()[1:]] == [
        ["0", "0", "0", "0"], ["1", "4", "1", "3"], ["2", "4", "1", "3"],
    ]  # fmt: skip
    ledger = json.loads(run("world", "history", "farm", "--commands", "--json", *where).out)
    assert [(row["command_id"] == "a", row["state"]) for row in ledger] == [
        (True, "applied"), (False, "applied"),
    ]  # fmt: skip
    about = json.loads(run("world", "inspect", "farm", "--json", *where).out)
    assert (about["tick"], about["population"]) == (5, 4)
    assert "alive + position + velocity" in run("world", "inspect", "farm", *where).out
    assert run("world", "destroy", "farm", *where).status == 0
    gone = run("world", "inspect", "farm", *where)
    assert gone.status != 0
    assert "no world 'farm' here; the nearest are branch" in gone.err
    assert run("world", "restore", "farm", *where).out == "farm is back, at tick 5\n"


def test_a_life_in_this_process(run: Callable[..., Done], model: str, tmp_path: Path) -> None:
    """Everything at a storage address; the model's file is named where ticks are made."""
    done = run("world", "create", "farm", "--model", model, "--seed", "7")
    assert (done.out, done.err) == ("created farm (seed 7): position, velocity, alive\n", "")
    life(run, ["--model", model])
    assert (tmp_path / "worlds" / "runtime.sqlite").is_file()


def test_a_life_on_a_server(run: Callable[..., Done], model: str, tmp_path: Path) -> None:
    """The same by HTTP; the server has the model, and tokens say who asks."""
    (tmp_path / "tokens.toml").write_text(
        '[ann]\nrole = "admin"\ntoken = "aaaaaaaaaaaaaaaaaaaa"\n'
        '[vic]\nrole = "viewer"\ntoken = "vvvvvvvvvvvvvvvvvvvv"\n'
    )
    with serving(tmp_path, "--model", model, "--tokens", "tokens.toml") as url:
        where = ("--server", url, "--token", "a" * 20)
        done = run("world", "create", "farm", "--of", "walkers", "--seed", "7", *where)
        assert (done.out, done.err) == ("created farm (seed 7): position, velocity, alive\n", "")
        life(run, [], *where)
        denied = run("world", "step", "farm", "--server", url, CODEANATOMY_TOKEN="v" * 20)
        assert denied.status == 5
        assert denied.err == (
            "error[server-answer]: vic is a viewer, and step needs the role operator "
            "[role-too-low]\n"
        )
        assert "[token]" in run("world", "list", "--server", url).err


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "arrow"])
def test_entities_from_a_file(
    run: Callable[..., Done], model: str, tmp_path: Path, kind: str
) -> None:
    """A column a field, a row an entity; components without fields beside them."""
    rows = pa.table({"position__x": [1.5, 2.5], "velocity__dx": [1.0, 0.0]})
    file = tmp_path / f"rows.{kind}"
    if kind == "csv":
        file.write_text("position__x,velocity__dx\n1.5,1.0\n2.5,0.0\n")
    elif kind == "jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows.to_pylist()))
    elif kind == "parquet":
        parquet.write_table(rows, file)
    else:
        with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as out:
            out.write_table(rows)
    run("world", "create", "farm", "--model", model)
    done = run("world", "spawn", "farm", "alive", "--file", file.name)
    assert (done.status, done.out) == (0, "queued: entity 1-2 at tick 1\n")
    run("world", "run", "farm", "2", "--model", model)
    found = run("world", "query", "farm", "position", "alive", "-o", "out.parquet")
    assert found.status == 0
    assert parquet.read_table(tmp_path / "out.parquet")["position__x"].to_pylist() == [2.5, 2.5]


def test_components_without_a_file(run: Callable[..., Done]) -> None:
    """Declared on the command line; such a world is ticked without a model."""
    done = run(
        "world", "create", "flat", "--component", "cell.x:int32,y:int32", "--component", "tag"
    )
    assert done.out == "created flat (seed 0): cell, tag\n"
    run("world", "spawn", "flat", "cell.x=1", "cell.y=2", "tag")
    assert run("world", "step", "flat").status == 0
    assert json.loads(run("world", "query", "flat", "cell", "-f", "json").out)[0]["cell__y"] == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["step", "farm"], "model-needed", "name its file (--model)"),
        (["step", "none"], "unknown-world", "the nearest are farm"),
        (["create", "farm"], "world-name", "there is a world 'farm' already"),
        (["create", "a/b"], "world-name", "cannot name a world"),
        (["create", "x", "--model", "none.py"], "invalid-model", "no model file at none.py"),
        (
            ["create", "x", "--component", "cell.x:complex"],
            "invalid-component",
            "no type 'complex'",
        ),
        (["spawn", "farm", "wings__span=1"], "unknown-component", "wings"),
        (["spawn", "farm", "=1"], "invalid-spec", "names no field"),
        (["spawn", "farm", "--file", "none.csv"], "invalid-spec", "no file at none.csv"),
        (["spawn", "farm", "position__x=far"], "column-type", "position__x holds double"),
        (["run", "farm", "0"], "invalid-spec", "from 1, not 0"),
        (["query", "farm", "wings"], "unknown-component", "wings"),
        (["query", "farm", "position", "--sql", "select 1"], "invalid-spec", "--sql stands alone"),
        (["query", "farm", "--tick", "9"], "unknown-tick", "9"),
        (["fork", "farm", "farm"], "world-name", "already"),
        (["list", "--server", "here"], "invalid-spec", "write http://HOST:PORT"),
        (["list", "--server", "http://127.0.0.1:9"], "server-answer", "no answer from"),
        (["list", "--store", "s3://bucket"], "invalid-spec", "no storage address"),
        (
            ["serve", "--host", "0.0.0.0"],  # noqa: S104 - refused
            "unsafe-address",
            "give tokens",
        ),
        (["serve", "--tokens", "none.toml"], "invalid-spec", "file of tokens"),
        (["serve", "--port", "99999"], "invalid-spec", "name another port, or 0 for any free one"),
        (["list", "--store", "walkers.py"], "store-write", "name a store elsewhere"),
    ],
)
def test_what_goes_wrong_is_told(
    run: Callable[..., Done], model: str, words: list[str], code: str, told: str
) -> None:
    """In one line with a code, and a status that is not 0."""
    run("world", "create", "farm", "--model", model)
    done = run("world", *words)
    assert done.status != 0
    assert done.out == ""
    assert done.err.startswith(f"error[{code}]: ")
    assert told in done.err


def test_serve_is_stopped_by_an_interrupt(model: str, tmp_path: Path) -> None:
    """With the status of one, after closing its worlds."""
    command = [
        sys.executable,
        "-m",
        "codeanatomy",
        "world",
        "serve",
        "--port",
        "0",
        "--model",
        model,
    ]
    process = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ | PATHS
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("worlds at http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    assert process.wait(20) in (0, 130)
    process.stderr.close()
