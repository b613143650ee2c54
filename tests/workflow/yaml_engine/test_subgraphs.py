"""Graphs inside graphs: their input, their output, their answers, and where they may lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

if TYPE_CHECKING:
    from pathlib import Path

State = dict[str, Any]
INNER = """
input_schema: {n: {type: int, required: true}}
nodes:
  - {name: double, run: "return {'n': state['n'] * 2}"}
  - {name: tell, run: "return {'told': f\\"{state['n']}\\"}"}
"""


def run(text: str, folder: Path, state: State) -> State:
    """Run an agent of the folder; return its last event."""
    with YAMLEngine() as engine:
        graph = engine.load_from_dict(yaml.safe_load(text), yaml_dir=str(folder))
        last: State = list(graph.invoke(state))[-1]
        return last


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write agent files in a folder and one beside it."""
    inside = tmp_path / "agents"
    inside.mkdir()
    (inside / "inner.yaml").write_text(INNER)
    (inside / "empty.yaml").write_text("\n")
    (tmp_path / "outside.yaml").write_text("nodes: [{name: a, run: 'return {\"out\": 1}'}]")
    return inside


FORMS = [
    ("input: {n: '{{ state.x }}'}", {"x": 2, "n": 4, "told": "4"}),
    ("input: {n: '{{ state.x }}'}, output: inner", {"x": 2, "inner": {"n": 4, "told": "4"}}),
    ("input: {n: 5}, output: {t: '{{ result.told }}'}", {"x": 2, "t": "10"}),
]


@pytest.mark.parametrize(("rest", "expected"), FORMS)
@pytest.mark.parametrize("journal", ["", "settings: {journal: 'memory:'}\n"])
def test_input_and_output(rest: str, expected: State, journal: str, folder: Path) -> None:
    """The graph begins with its input; its last state goes where the output says."""
    text = f"{journal}nodes: [{{name: s, subgraph: inner.yaml, {rest}}}]"
    assert run(text, folder, {"x": 2})["state"] == expected


def test_without_input_it_has_the_whole_state(folder: Path) -> None:
    """A graph without an input begins with the state as it is."""
    text = """
    nodes:
      - name: s
        subgraph: {nodes: [{name: a, run: "return {'sum': state['x'] + state['y']}"}]}
    """
    assert run(text, folder, {"x": 1, "y": 2})["state"] == {"x": 1, "y": 2, "sum": 3}


ERRORS = [
    ("subgraph: no.yaml", "Subgraph not found: no.yaml"),
    ("subgraph: empty.yaml", "Empty subgraph configuration: empty.yaml"),
    ("subgraph: {name: nothing, nodes: []}", "Empty subgraph configuration: nothing"),
    ("subgraph: inner.yaml, input: {n: x}", "must be int"),
    ("subgraph: {nodes: [{name: b, run: 'return 1 / 0'}]}", "division by zero"),
    ("subgraph: '{{ state.path }}'", "stays below"),
]


@pytest.mark.parametrize(("rest", "said"), ERRORS)
@pytest.mark.parametrize("journal", ["", "settings: {journal: 'memory:'}\n"])
def test_errors(rest: str, said: str, journal: str, folder: Path) -> None:
    """What is wrong with a graph inside is an error of its node."""
    event = run(f"{journal}nodes: [{{name: s, {rest}}}]", folder, {"path": "../outside.yaml"})
    assert (event["type"], event["node"]) == ("error", "s")
    assert said in event["error"]


def test_a_file_may_name_one_outside(folder: Path) -> None:
    """Only a path that a state made up has to stay below the folder."""
    assert run("nodes: [{name: s, subgraph: ../outside.yaml}]", folder, {})["state"] == {"out": 1}


def test_a_state_may_choose_below(folder: Path) -> None:
    """A path out of a template may lead to a file of the folder."""
    text = "nodes: [{name: s, subgraph: '{{ state.path }}', input: {n: 1}}]"
    assert run(text, folder, {"path": "inner.yaml"})["state"]["told"] == "2"


@pytest.mark.parametrize("guard", ["", ", on_error: {mode: graceful}"])
def test_an_answer_inside_ends_the_run(guard: str, folder: Path) -> None:
    """An answer that a node inside gives is the answer of the whole."""
    inner = "{nodes: [{name: a, uses: http.respond, with: {status: 418}}]}"
    text = f"nodes: [{{name: s, subgraph: {inner}{guard}}}]"
    event = run(text, folder, {})
    assert (event["type"], event["status"]) == ("http_response", 418)


def test_the_engine_still_has_the_outer_file(folder: Path) -> None:
    """Opening a graph inside does not change what the engine loaded last."""
    with YAMLEngine() as engine:
        definition = {
            "name": "outer",
            "nodes": [{"name": "s", "subgraph": "inner.yaml", "input": {"n": 1}}],
        }
        graph = engine.load_from_dict(definition, yaml_dir=str(folder))
        list(graph.invoke({}))
        assert engine.name == "outer"
        assert engine.current_graph is graph


def test_from_an_action(folder: Path) -> None:
    """An action may run an agent file to its end."""
    with YAMLEngine() as engine:

        def call(state: State, path: str, **_: object) -> State:
            return engine.run_graph_file(path, {"n": state["x"]})

        engine.actions_registry["call"] = call
        definition = {"nodes": [{"name": "a", "uses": "call", "with": {"path": "inner.yaml"}}]}
        graph = engine.load_from_dict(definition, yaml_dir=str(folder))
        assert list(graph.invoke({"x": 4}))[-1]["state"]["told"] == "8"
