"""`tea history` and `tea show`: runs that a journal recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codeanatomy.workflow.graph import StateGraph
from tests.workflow.contract.tea import FAILING, FAN_OUT, TWO_NODES, final_state, tea, written


@pytest.fixture
def journal(tmp_path: Path) -> str:
    """Record three runs: one that ended, one with branches, one that failed."""
    uri = str(tmp_path / "runs.db")
    for thread, text in (("t-two", TWO_NODES), ("t-fan", FAN_OUT), ("t-bad", FAILING)):
        file = written(tmp_path, text, f"{thread}.yaml")
        tea("run", file, "--journal", uri, "--thread", thread)
    return uri


def rows(journal: str, *words: str) -> list[dict[str, object]]:
    """List runs as data."""
    found: list[dict[str, object]] = json.loads(
        tea("history", "--journal", journal, "--json", *words).stdout
    )
    return found


def test_runs_are_listed(journal: str) -> None:
    """Oldest first, with how they ended."""
    found = rows(journal)
    assert [(row["thread"], row["graph"], row["status"]) for row in found] == [
        ("t-two", "two", "final"), ("t-fan", "fan", "final"), ("t-bad", "failing", "error"),
    ]  # fmt: skip
    assert found[2]["node"] == "bad"
    text = tea("history", "--journal", journal).stdout
    assert text.splitlines()[0].split() == "RUN THREAD GRAPH STATUS BEGAN TOOK STEPS".split()
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "threads"),
    [(("--thread", "t-fan"), ["t-fan"]), (("--limit", "1"), ["t-bad"]), (("--thread", "x"), [])],
)
def test_runs_are_chosen(journal: str, words: tuple[str, ...], threads: list[str]) -> None:
    """By thread, or the newest."""
    assert [row["thread"] for row in rows(journal, *words)] == threads


def test_a_run_is_shown(journal: str) -> None:
    """Step by step, with what each changed."""
    out = tea("show", "t-two", "--journal", journal).stdout
    assert "Thread: t-two\nGraph: two\nStatus: final\n" in out
    assert "1 ✓ first" in out
    assert "+ x: 1" in out
    assert "+ y: 2" in out
    assert final_state(out) == {"x": 1, "y": 2}


def test_branches_are_shown(journal: str) -> None:
    """Each under its own name."""
    out = tea("show", "t-fan", "--journal", journal).stdout
    assert "left [" in out
    assert "right [" in out
    assert final_state(out)["sides"] == ["left", "right"]


def test_a_failure_is_shown(journal: str) -> None:
    """With its text."""
    out = tea("show", "t-bad", "--journal", journal).stdout
    assert "Status: error" in out
    assert "✗ bad" in out
    assert "boom" in out


def test_a_run_is_found_by_the_beginning_of_its_id(journal: str) -> None:
    """As long as only one begins so."""
    run = str(rows(journal)[0]["run"])
    for text in (run, run[:-2]):
        assert f"Run: {run}\n" in tea("show", text, "--journal", journal).stdout


def test_a_run_is_data(journal: str) -> None:
    """For programs."""
    found = json.loads(tea("show", "t-two", "--journal", journal, "--json").stdout)
    assert [step["node"] for step in found["steps"]] == ["first", "second"]
    assert found["final"] == {"x": 1, "y": 2}


@pytest.mark.parametrize("with_file", [False, True])
def test_a_run_is_a_page(journal: str, tmp_path: Path, *, with_file: bool) -> None:
    """With the path it took; the nodes it did not visit come from the file."""
    page = tmp_path / "run.html"
    words = ("-w", str(tmp_path / "t-fan.yaml")) if with_file else ()
    result = tea("show", "t-fan", "--journal", journal, "--html", str(page), *words)
    assert result.stdout == f"Report written to: {page}\n"
    text = page.read_text()
    assert text.startswith("<!DOCTYPE html>")
    for node in ("begin", "left", "right", "join"):
        assert f"<title>{node}</title>" in text
    assert text.count('class="taken') == 6


def test_the_page_of_a_failure_marks_the_node(journal: str, tmp_path: Path) -> None:
    """And says what went wrong."""
    page = tmp_path / "run.html"
    tea("show", "t-bad", "--journal", journal, "--html", str(page))
    text = page.read_text()
    assert "What went wrong</h2>" in text
    assert "boom" in text
    assert 'ran failed"><title>bad</title>' in text


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (("history",), 2, "--journal is required"),
        (("history", "--journal", "no.db"), 1, "Journal not found: no.db"),
        (("show", "x", "--journal", "no.db"), 1, "Journal not found: no.db"),
        (("show", "x", "--journal", "JOURNAL"), 1, "Run not found: x"),
        (("history", "--journal", "JOURNAL.txt"), 1, "Cannot read journal "),
        (("show", "t-bad", "--journal", "JOURNAL", "--html", "."), 1, "Cannot write .: Is a d"),
    ],
)
def test_a_mistake_is_named(
    journal: str, words: tuple[str, ...], status: int, expected: str
) -> None:
    """And nothing is made."""
    Path(f"{journal}.txt").write_text("this is no database " * 100)
    result = tea(*(word.replace("JOURNAL", journal) for word in words))
    assert result.exit_code == status
    assert expected in result.stderr


def test_an_interrupted_run_goes_on_from_the_journal(tmp_path: Path) -> None:
    """Its checkpoint is an id, and the hint says where it lies."""
    file, uri = written(tmp_path, TWO_NODES), str(tmp_path / "runs.db")
    words = ("--journal", uri, "--thread", "t", "--interrupt-before", "second")
    hint = tea("run", file, *words).stderr.split("tea resume ")[1].split()
    assert hint[1:] == ["--workflow", file, "--journal", uri]
    result = tea("resume", *hint)
    assert final_state(result.stdout) == {"x": 1, "y": 2}
    assert [row["status"] for row in rows(uri)] == ["final"]


def test_secrets_are_in_no_journal_and_no_report(tmp_path: Path) -> None:
    """Also where a node puts one into the state."""
    text = "name: s\nnodes:\n- name: use\n  run: 'return {\"t\": {{ secrets.token }}}'\n"
    file, uri, page = written(tmp_path, text), str(tmp_path / "runs.db"), tmp_path / "page.html"
    secret = "planted-4711-secret"  # noqa: S105 - planted, to be looked for
    given = json.dumps({"token": secret})
    tea("run", file, "--journal", uri, "--thread", "t", "--secrets", given)
    tea("show", "t", "--journal", uri, "--html", str(page))
    out = tea("show", "t", "--journal", uri).stdout
    found = [path for path in tmp_path.iterdir() if secret.encode() in path.read_bytes()]
    assert found == []
    assert secret not in out
    assert "use" in out


def test_a_graph_in_python_is_shown_too(tmp_path: Path) -> None:
    """A journal is a journal."""
    uri = str(tmp_path / "runs.db")
    graph = StateGraph({})
    graph.add_node("only", lambda state: {"n": state["n"] + 1})
    graph.set_entry_point("only")
    graph.set_finish_point("only")
    graph.compile(journal=uri)
    list(graph.invoke({"n": 1}, config={"thread_id": "py"}))
    graph.journal.close()
    out = tea("show", "py", "--journal", uri).stdout
    assert final_state(out) == {"n": 2}
    assert "Graph: workflow\n" in out
    assert rows(uri)[0]["graph"] == "workflow"


def test_an_answer_is_no_step(tmp_path: Path) -> None:
    """It stands between the steps, where it was given, and nobody counts it."""
    file, uri, page = written(tmp_path, TWO_NODES), str(tmp_path / "runs.db"), tmp_path / "a.html"
    words = ("--journal", uri, "--thread", "t", "--interrupt-before", "second")
    checkpoint = tea("run", file, *words).stderr.split("tea resume ")[1].split()[0]
    tea("resume", checkpoint, "-w", file, "--journal", uri, "-i", '{"x": 5}')
    lines = tea("show", "t", "--journal", uri).stdout.splitlines()
    begin = lines.index("Steps (2):")
    shown = [line.strip() for line in lines[begin + 1 :]]
    assert shown[1:4] == ["+ x: 1", "✎ changed at second", "~ x: 5"]
    assert not any(line.strip().startswith("0 ") for line in lines)
    tea("show", "t", "--journal", uri, "--html", str(page))
    assert '<dt>Steps</dt><dd class="">2</dd>' in page.read_text()
