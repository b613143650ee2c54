"""Actions that a file brings along: names, errors, and what runs once."""

# ruff: noqa: ANN401, ARG005, E501 - actions take a state; an agent is a line

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.yaml_runs import State, engine_with

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
loads = []
def register_actions(registry, engine):
    loads.append(engine)
    registry["hello"] = lambda state, name="x", **_: f"hello {name}"
    registry["count"] = lambda state, **_: len(loads)
"""


def load(folder: Path, imports: object, uses: str = "t.hello") -> State:
    """Load an agent with these imports from the folder, and run it."""
    with engine_with() as engine:
        definition = {"imports": imports, "nodes": [{"name": "a", "uses": uses, "output": "k"}]}
        graph = engine.load_from_dict(definition, yaml_dir=str(folder))
        last: State = list(graph.invoke({}))[-1]
        return last


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write the modules that are imported."""
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "empty.py").write_text("x = 1\n")
    (tmp_path / "wrong.py").write_text("register_actions = 3\n")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    return tmp_path


@pytest.mark.parametrize(
    ("imports", "uses"),
    [
        ([{"path": "good.py", "namespace": "t"}], "t.hello"),
        ([{"path": "./good.py", "namespace": "t"}], "t.hello"),
        ([{"path": "good.py", "namespace": ""}], "hello"),
        ([{"path": "good.py"}], "hello"),
        ([{"path": "good.py", "namespace": "a"}, {"path": "good.py", "namespace": "b"}], "b.hello"),
    ],
)
def test_names(folder: Path, imports: object, uses: str) -> None:
    """An action is called by its namespace and name, or by its name alone."""
    assert load(folder, imports, uses)["state"]["k"] == "hello x"


def test_absolute_path(folder: Path) -> None:
    """An absolute path needs no folder."""
    imports = [{"path": str(folder / "good.py"), "namespace": "t"}]
    assert load(folder.parent, imports)["state"]["k"] == "hello x"


def test_module_is_run_once(folder: Path) -> None:
    """However often a path is imported, `register_actions` runs once an engine."""
    imports = [{"path": "good.py", "namespace": "a"}, {"path": "good.py", "namespace": "a"}]
    assert load(folder, imports, "a.count")["state"]["k"] == 1


def test_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An importable package is imported by name."""
    package = folder / "own_agent_package"
    package.mkdir()
    (package / "__init__.py").write_text(GOOD)
    monkeypatch.syspath_prepend(str(folder))
    imports = [{"package": "own_agent_package", "namespace": "t"}]
    assert load(folder, imports)["state"]["k"] == "hello x"
    del sys.modules["own_agent_package"]


ERRORS = [
    ([{"path": "no.py"}], "Action module not found: {folder}/no.py (from path: no.py)"),
    (
        [{"namespace": "t"}],
        "Invalid import: must specify 'path' or 'package'. Got: {{'namespace': 't'}}",
    ),
    (["good.py"], "Invalid import: must specify 'path' or 'package'. Got: good.py"),
    (
        [{"path": "empty.py"}],
        "Module {folder}/empty.py missing required 'register_actions(registry, engine)' function",
    ),
    ([{"path": "wrong.py"}], "but it is not callable"),
    ([{"path": "broken.py"}], "Failed to load module {folder}/broken.py: ZeroDivisionError"),
    ([{"package": "no_such_pkg"}], "Failed to import package 'no_such_pkg': "),
    (
        [{"package": "json.tool"}],
        "Package json.tool missing required 'register_actions(registry, engine)' function",
    ),
]


@pytest.mark.parametrize(("imports", "said"), ERRORS)
def test_errors(folder: Path, imports: object, said: str) -> None:
    """A failed import is a line of the one error."""
    with pytest.raises(ValueError, match="Failed to load imports:") as error:
        load(folder, imports)
    first, line = str(error.value).split("\n", 1)
    assert first == "Failed to load imports:"
    assert line.startswith("  - ")
    assert said.format(folder=folder) in line


def test_all_errors_are_told(folder: Path) -> None:
    """Every import that failed has its line."""
    with pytest.raises(ValueError, match="Failed to load imports:") as error:
        load(folder, [{"path": "a.py"}, {"path": "good.py"}, {"path": "b.py"}])
    assert [line.split("/")[-1][:4] for line in str(error.value).splitlines()[1:]] == [
        "a.py",
        "b.py",
    ]


def test_override_is_a_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An action that takes the place of another is told."""
    (folder / "over.py").write_text(
        "def register_actions(registry, engine):\n    registry['parse'] = lambda state, **_: 'mine'\n"
    )
    with caplog.at_level(logging.WARNING):
        ended = load(folder, [{"path": "over.py", "namespace": "json"}], "json.parse")
    assert ended["state"]["k"] == "mine"
    assert "json.parse" in caplog.text


MINE = "def register_actions(registry, engine):\n    registry['who'] = lambda state, **_: 'file'\n"


def said_by(engine: Any, folder: Path, *, importing: bool) -> Any:
    """Load an agent that calls `t.who`; return what asks it."""
    (folder / "mine.py").write_text(MINE)
    definition: State = {"nodes": [{"name": "a", "uses": "t.who", "output": "k"}]}
    if importing:
        definition["imports"] = [{"path": "mine.py", "namespace": "t"}]
    graph = engine.load_from_dict(definition, yaml_dir=str(folder))
    return lambda: list(graph.invoke({}))[-1]["state"]["k"]


def test_an_import_wins_over_what_was_there(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An action given by hand before is told as overridden; a file that was loaded keeps it."""
    with engine_with({"t.who": lambda state, **_: "hand"}) as engine:
        first = said_by(engine, folder, importing=False)
        with caplog.at_level(logging.WARNING):
            second = said_by(engine, folder, importing=True)
        assert "Imported action 't.who' overrides an existing action" in caplog.text
        third = said_by(engine, folder, importing=False)
        assert (first(), second(), third()) == ("hand", "file", "hand")


def test_what_is_put_there_by_hand_later_wins(folder: Path) -> None:
    """A test or a program that replaces an action of a loaded agent is heard."""
    with engine_with() as engine:
        asked = said_by(engine, folder, importing=True)
        assert asked() == "file"
        engine.actions_registry["t.who"] = lambda state, **_: "hand"
        assert asked() == "hand"


def test_a_graph_written_out_in_a_file_has_its_imports(folder: Path) -> None:
    """What the outer file overrides is overridden inside too."""
    (folder / "mine.py").write_text(MINE)
    with engine_with({"t.who": lambda state, **_: "hand"}) as engine:
        inner = {"nodes": [{"name": "a", "uses": "t.who", "output": "k"}]}
        outer = {
            "imports": [{"path": "mine.py", "namespace": "t"}],
            "nodes": [{"name": "s", "subgraph": inner}],
        }
        graph = engine.load_from_dict(outer, yaml_dir=str(folder))
        assert list(graph.invoke({}))[-1]["state"]["k"] == "file"


def test_circle_ends(folder: Path) -> None:
    """A module that loads an agent which imports the module does not go on for ever."""
    (folder / "circle.py").write_text(
        "def register_actions(registry, engine):\n"
        "    registry['here'] = lambda state, **_: 'ok'\n"
        "    engine.load_from_dict({'imports': [{'path': __file__, 'namespace': 'c'}],"
        " 'nodes': [{'name': 'a'}]})\n"
    )
    ended = load(folder, [{"path": "circle.py", "namespace": "c"}], "c.here")
    assert ended["state"]["k"] == "ok"


def test_two_files_keep_their_own(folder: Path) -> None:
    """What a second file imports under the same name does not reach the first."""
    for name in ("one", "two"):
        (folder / f"{name}.py").write_text(
            f"def register_actions(registry, engine):\n    registry['who'] = lambda state, **_: '{name}'\n"
        )
    with engine_with() as engine:
        graphs = [
            engine.load_from_dict(
                {
                    "imports": [{"path": f"{name}.py", "namespace": "t"}],
                    "nodes": [{"name": "a", "uses": "t.who", "output": "k"}],
                },
                yaml_dir=str(folder),
            )
            for name in ("one", "two")
        ]
        assert [list(g.invoke({}))[-1]["state"]["k"] for g in graphs] == ["one", "two"]


def test_entry_points(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package offers a namespace by its entry point."""
    (folder / "third_party.py").write_text(GOOD)
    info = folder / "third_party-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-party\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[the_edge_agent.actions]\nthird = third_party:register_actions\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    assert load(folder, [], "third.hello")["state"]["k"] == "hello x"
    del sys.modules["third_party"]
