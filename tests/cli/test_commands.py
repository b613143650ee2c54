"""The commands that only look: tables, show, plan, diag, config, version, completion."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

import codeanatomy as ca
from codeanatomy.cli.run import run as run_here
from codeanatomy.cpg.compile import compile_plan
from codeanatomy.cpg.config import SETTINGS
from tests.graphs import write_graph

if TYPE_CHECKING:
    from pathlib import Path

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder."""
    monkeypatch.chdir(tmp_path)


def test_tables_lists_all(zoo: Path, capsys: Captured) -> None:
    """Name, number of columns, meaning; the same tables as the API."""
    assert run_here(["tables", "-s", str(zoo)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [t.name for t in ca.open(zoo).tables()]
    assert any(
        line.split(maxsplit=2)[1:] == ["16", "What meets what: one row an edge."] for line in lines
    )


def test_one_table_shows_its_columns(zoo: Path, capsys: Captured) -> None:
    """With types, a question mark where null is possible, and meanings."""
    assert run_here(["tables", "props", "-s", str(zoo)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("props: Facts of nodes that are no column: one row a fact.\n\n")
    assert "\n  key    string  what the fact is about\n" in out
    assert out.endswith("\nkey: nid, key\n")


def test_an_absent_table_is_answered_with_no(zoo: Path, capsys: Captured) -> None:
    """The reason, and status 1; an unknown one is status 2 with the nearest."""
    assert run_here(["tables", "cst_nodes", "-s", str(zoo)]) == 1
    assert "--evidence libcst" in capsys.readouterr().out
    assert run_here(["tables", "edge", "-s", str(zoo)]) == 2
    assert "'edges'" in capsys.readouterr().err


def test_show_prints_a_page(zoo: Path, capsys: Captured) -> None:
    """Of the one definition that the name means."""
    assert run_here(["show", "Cat", "-s", str(zoo)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("class zoo.Cat\n  zoo.py:6  ")
    assert "  7      def meow(self, times):\n" in out


def test_show_of_nothing_is_status_1(zoo: Path, capsys: Captured) -> None:
    """With the nearest names."""
    assert run_here(["show", "Catt", "-s", str(zoo)]) == 1
    expected = "error[no-match]: nothing is called 'Catt'; the nearest are zoo.Cat\n"
    assert capsys.readouterr().err == expected


def test_show_lists_several_matches(tmp_path: Path, capsys: Captured) -> None:
    """Without choosing one; the rows of two builds stand for two definitions of a name."""
    for number in (0, 1):
        write_graph(tmp_path / "repo", tmp_path / "store", number)
    assert run_here(["show", "Cat", "-s", str(tmp_path / "store")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "2 matches; name one by its id or FILE:LINE:",
        *["class  zoo.Cat  zoo.py:6  030303030303"] * 2,
    ]


def test_show_refuses_a_limit_below_zero(zoo: Path, capsys: Captured) -> None:
    """As words that cannot be meant."""
    assert run_here(["show", "Cat", "--limit", "-1", "-s", str(zoo)]) == 2
    assert capsys.readouterr().err.startswith("error[usage]: ")


def test_show_in_json(zoo: Path, capsys: Captured) -> None:
    """A list of matches with everything."""
    assert run_here(["show", "zoo.py:3", "--json", "-s", str(zoo)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [match["node"]["qualified_name"] for match in found] == ["zoo.Animal"]
    assert found[0]["lines"][0] == [3, "class Animal:"]
    assert {n["edge"] for n in found[0]["neighbours"]} == {"CONTAINS", "INHERITS_FROM", "REF"}


def test_the_plan_of_a_graph(zoo: Path, capsys: Captured) -> None:
    """In each of its formats; the text ends with the slowest chain of its steps."""
    found = compile_plan()
    path = "\ncritical path, 0.750 of 0.750 s: "
    for name, text in (
        ("text", found.to_text() + path),
        ("json", found.to_json() + "\n"),
        ("dot", found.to_dot()),
        ("mermaid", found.to_mermaid()),
    ):
        assert run_here(["plan", "-f", name, "-s", str(zoo)]) == 0
        assert capsys.readouterr().out.startswith(text)


def test_the_plan_of_another_program(tmp_path: Path, capsys: Captured) -> None:
    """Where the store has no copy of it the answer is no, with both hashes."""
    write_graph(tmp_path / "repo", tmp_path / "store", plan="0" * 32)
    assert run_here(["plan", "-s", str(tmp_path / "store")]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error[no-plan]: version 0 was made by the plan 00000000")


def test_the_plan_of_a_build_to_come(tmp_path: Path, capsys: Captured) -> None:
    """Of a repository that is named, or where there is no graph yet."""
    assert run_here(["plan", str(tmp_path), "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["fingerprint"] == compile_plan().fingerprint()
    assert run_here(["plan", "-o", "plan.json", "-f", "json"]) == 0
    written = json.loads((tmp_path / "plan.json").read_bytes())
    assert written["fingerprint"] == compile_plan().fingerprint()


def test_diag_of_a_good_graph(zoo: Path, capsys: Captured) -> None:
    """Status 0, as text and as JSON."""
    assert run_here(["diag", "-s", str(zoo)]) == 0
    assert capsys.readouterr().out.startswith("version 0: every rule holds\n")
    assert run_here(["diag", "--json", "-s", str(zoo)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["holds"], found["files"]["do_not_parse"]) == (True, 1)


def test_diag_of_a_bad_graph_is_status_1(tmp_path: Path, capsys: Captured) -> None:
    """The answer is no."""
    write_graph(tmp_path / "repo", tmp_path / "store", absent={})
    assert run_here(["diag", "-s", str(tmp_path / "store")]) == 1
    assert "NOT every rule holds" in capsys.readouterr().out


def test_config_shows_where_values_come_from(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file and its line, an environment variable, or the default."""
    (tmp_path / "codeanatomy.toml").write_text("jobs = 3\n", "utf-8")
    monkeypatch.setenv("CODEANATOMY_NOTEBOOKS", "yes")
    assert run_here(["config", "show", "--with-sources", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["jobs"] == {"value": 3, "source": "codeanatomy.toml:1"}
    assert found["notebooks"] == {"value": True, "source": "environment CODEANATOMY_NOTEBOOKS"}
    assert found["store"]["source"] == "default"
    assert list(found) == [setting.name for setting in SETTINGS]


def test_config_validate_tells_everything_wrong(tmp_path: Path, capsys: Captured) -> None:
    """Each with its line, and status 2."""
    (tmp_path / "codeanatomy.toml").write_text('jobs = "many"\nlayer = []\n', "utf-8")
    assert run_here(["config", "validate"]) == 2
    err = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in err] == [
        "error[invalid-config]",
        "error[unknown-setting]",
    ]


def test_config_init_writes_valid_settings(tmp_path: Path, capsys: Captured) -> None:
    """All commented out; a file that is there is left alone."""
    assert run_here(["config", "init"]) == 0
    assert tomllib.loads((tmp_path / "codeanatomy.toml").read_text("utf-8")) == {}
    assert run_here(["config", "validate"]) == 0
    assert run_here(["config", "init"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_version_says_what_it_stands_on(capsys: Captured) -> None:
    """The same number as the package's."""
    assert run_here(["version", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["codeanatomy"] == ca.__version__
    assert {"python", "datafusion", "deltalake"} <= set(found)
    assert run_here(["--version"]) == 0
    assert capsys.readouterr().out == f"{ca.__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(shell: str, capsys: Captured) -> None:
    """A script for each shell."""
    assert run_here(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert all(verb in out for verb in ("codeanatomy", "query", "history", "--store"))
