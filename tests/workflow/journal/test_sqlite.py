"""The journal in a file: threads and processes share it, and what is no journal is refused."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.errors import JournalError
from codeanatomy.workflow.graph import StateGraph
from codeanatomy.workflow.journal.effects import effect
from codeanatomy.workflow.journal.open import open_journal
from tests.workflow.journal.driving import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.journal.base import Journal

State = dict[str, Any]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Name a file that is not there yet."""
    return tmp_path / "new" / "journal.db"


@pytest.fixture
def filed(place: Path) -> Iterator[Journal]:
    """Open a journal in it."""
    with open_journal(place) as found:
        yield found


def test_nothing_is_written_before_the_first_run(place: Path) -> None:
    """Opening a journal is looking at it from outside."""
    with open_journal(place):
        assert not place.parent.exists()


@pytest.mark.parametrize(
    ("option", "level"),
    [("", 1), ("?synchronous=normal", 1), ("?synchronous=full", 2), ("?synchronous=off", 0)],
)
def test_how_durable_a_commit_is_can_be_chosen(place: Path, option: str, level: int) -> None:
    """`normal` where nothing is said; the log is written ahead in every case."""
    with open_journal(f"sqlite:///{place}{option}") as journal:
        run(journal, [("a", lambda _: {})], {})
        database: Any = journal._database
        assert database.rows("pragma synchronous") == [(level,)]
        assert database.rows("pragma journal_mode") == [("wal",)]


def test_a_relative_path_in_a_uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slashes and a name, as elsewhere."""
    monkeypatch.chdir(tmp_path)
    with open_journal("sqlite:///here.db") as journal:
        run(journal, [("a", lambda _: {})], {})
    assert (tmp_path / "here.db").is_file()


def test_a_file_that_is_no_journal_is_named(place: Path) -> None:
    """Not a database; another program's database is left as it is; another layout is refused."""
    place.parent.mkdir()
    place.write_bytes(b"no database at all, and long enough to be looked at" * 30)
    with open_journal(place) as journal, pytest.raises(JournalError, match="database; this is an"):
        journal.runs()
    place.unlink()
    with open_journal(place) as journal:
        run(journal, [("a", lambda _: {})], {})
        journal._database.write("x", "update journal set version = ?", (99,))
    with open_journal(place) as journal, pytest.raises(JournalError, match="has layout 99"):
        journal.runs()


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    """The error says that it is one, and what to name."""
    with (
        open_journal(tmp_path) as journal,
        pytest.raises(JournalError, match="this is a folder: name a file"),
    ):
        journal.runs()


def test_a_full_journal_keeps_what_it_has(filed: Journal) -> None:
    """The error says what to do; the step before is there, and the run goes on with room."""
    database: Any = filed._database

    def narrow(_state: State) -> State:
        pages = database.rows("pragma page_count")[0][0]
        database.rows(f"pragma max_page_count = {pages}")
        return {"big": "x" * 1_000_000}

    with pytest.raises(JournalError, match="is full; free some space"):
        run(filed, [("a", lambda _: {"x": 1}), ("b", narrow)], {})
    (told,) = filed.runs()
    assert filed.state_at(told.run_id, 1) == {"x": 1}


def test_a_journal_can_be_used_after_it_was_closed(filed: Journal) -> None:
    """It opens itself again."""
    run_id = run(filed, [("a", lambda _: {"x": 1})], {})
    filed.close()
    filed.close()
    assert filed.state_at(run_id, 1) == {"x": 1}


def test_many_threads_run_many_runs(filed: Journal) -> None:
    """Each in its own thread of the journal; every row is there."""

    def work(name: str) -> None:
        run(
            filed,
            [(f"s{n}", lambda state: {"n": state["n"] + 1}) for n in range(20)],
            {"n": 0},
            name,
        )

    workers = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    told = filed.runs()
    assert sorted((row.thread_id, row.steps, row.status) for row in told) == [
        (f"t{n}", 20, "final") for n in range(6)
    ]
    assert {filed.state_at(row.run_id, 20)["n"] for row in told} == {20}


def test_processes_write_to_one_file(place: Path) -> None:
    """They wait for each other, and lose nothing."""
    code = (
        "import sys\n"
        "from codeanatomy.workflow.journal.open import open_journal\n"
        "from tests.workflow.journal.driving import run\n"
        "with open_journal(sys.argv[1]) as journal:\n"
        "    run(journal, [('s', lambda s: {'n': s['n'] + 1})] * 50, {'n': 0}, sys.argv[2])\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(place), f"t{n}"], cwd=ROOT)
        for n in range(3)
    ]
    assert [process.wait() for process in started] == [0, 0, 0]
    with open_journal(place) as journal:
        assert [(row.steps, row.status) for row in journal.runs()] == [(50, "final")] * 3


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_a_forked_process_opens_the_journal_for_itself(
    place: Path, where: str, request: pytest.FixtureRequest
) -> None:
    """It records runs of its own, and does not end those of its parent."""
    uri = str(place) if where == "sqlite" else request.getfixturevalue("postgres_url")
    code = (
        "import os, sys\n"
        "from codeanatomy.workflow.journal.open import open_journal\n"
        "from tests.workflow.journal.driving import run, walk\n"
        "step = [('s', lambda s: {'n': s['n'] + 1})]\n"
        "journal = open_journal(sys.argv[1])\n"
        "run(journal, step, {'n': 0}, 'before')\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    run(journal, step * 5, {'n': 0}, 'child')\n"
        "    journal.close()\n"
        "    os._exit(0)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
        "run(journal, step * 3, {'n': 0}, 'parent')\n"
        "journal.close()\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code, uri], cwd=ROOT, check=True)
    with open_journal(uri) as journal:
        assert [(row.thread_id, row.steps) for row in journal.runs()] == [
            ("before", 1),
            ("child", 5),
            ("parent", 3),
        ]


def test_a_journal_that_is_forgotten_closes_its_file(place: Path) -> None:
    """Nothing warns of a connection that was left open."""
    journal = open_journal(place)
    run(journal, [("a", lambda _: {})], {})
    connection = journal._database._connection  # type: ignore[attr-defined] # SQLite has one
    del journal
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("select 1")


def test_the_memory_of_a_run_does_not_grow_with_its_steps(filed: Journal) -> None:
    """Ten times the steps, effects among them, and no more is held."""
    held = []
    for steps in (150, 1500):
        made = StateGraph({})

        def step(state: State, steps: int = steps) -> State:
            if state["n"] % 10 == 0:
                effect("e", lambda: "x" * 50)
            if state["n"] == steps - 1:
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
            return {"n": state["n"] + 1}

        made.add_node("s", run=step)
        made.set_entry_point("s")
        made.add_conditional_edges(
            "s", lambda state, steps=steps: state["n"] < steps, {True: "s", False: "__end__"}
        )
        made.compile(journal=filed)
        tracemalloc.start()
        for event in made.invoke({"n": 0, "wide": ["w" * 50] * 50}):
            assert event["type"] == "final"
        tracemalloc.stop()
    short, long = held
    assert long < short + 30_000
