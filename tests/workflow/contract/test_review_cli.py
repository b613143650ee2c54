"""What people meet at the command line in the order in which they meet it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.workflow.contract.tea import (
    TWO_NODES,
    events_in,
    final_state,
    tea,
    tea_process,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

YES_AND_NO = """
name: answers
nodes:
- {name: ask, run: "return {'ready': bool(state.get('q'))}"}
- {name: yes, run: "return {'r': 'sure'}", goto: 3}
- {name: no, run: "return {'r': 'not yet'}"}
- {name: 3, run: "return {'seen': True}"}
edges:
- {from: ask, to: yes, when: ready}
- {from: ask, to: no, when: "!ready"}
- {from: no, to: __end__}
"""
LUA = """
nodes:
- name: double
  language: lua
  run: |
    return {double = state.value * 2}
"""
STOPS_AFTER = """
nodes:
- {name: a, run: "return {'n': state.get('n', 0) + 1}", interrupt: after}
- {name: b, run: "return {'m': state['n'] + 1}"}
"""
BAD_CONDITION = """
nodes:
- {name: a, run: "return {}"}
- {name: b, run: "return {}"}
edges:
- {from: a, to: b, when: "nothing > 1"}
"""
UNSTORABLE = """
nodes:
- {name: a, run: "return {'held': lambda: 1}", interrupt: after}
- {name: b, run: "return {}"}
"""


def test_a_run_that_waited_after_a_node_goes_on_behind_it(tmp_path: Path) -> None:
    """The interrupt was asked for at the command line: `resume` does not know of it."""
    file = written(tmp_path, TWO_NODES)
    folder = tmp_path / "ck"
    tea("run", file, "--interrupt-after", "first", "-c", str(folder), "-q")
    (checkpoint,) = folder.iterdir()
    result = tea("resume", str(checkpoint), "-w", file)
    assert "✓ first" not in result.stdout
    assert final_state(result.stdout) == {"x": 1, "y": 2}


def test_a_file_that_waits_after_a_node_goes_on_behind_it(tmp_path: Path) -> None:
    """`resume` drops the interrupts of the file, and still knows that the node has run."""
    file = written(tmp_path, STOPS_AFTER)
    stopped = events_in(tea("run", file, "-s").stdout)[-1]
    events = events_in(tea("resume", stopped["checkpoint"], "-w", file, "-s").stdout)
    assert [event.get("node") for event in events] == [None, "b", None]
    assert events[-1]["state"] == {"n": 1, "m": 2}


@pytest.mark.parametrize(("given", "answer"), [("{}", "not yet"), ('{"q": 1}', "sure")])
def test_names_that_yaml_reads_as_values_are_names(tmp_path: Path, given: str, answer: str) -> None:
    """`yes`, `no` and a number: the file is valid, and runs."""
    file = written(tmp_path, YES_AND_NO)
    assert tea("validate", file).exit_code == 0
    assert final_state(tea("run", file, "-i", given).stdout)["r"] == answer


def test_lua_runs_as_python_does(tmp_path: Path) -> None:
    """A file that is run by its name may use every language of the format."""
    pytest.importorskip("lupa")
    result = tea("run", written(tmp_path, LUA), "-i", '{"value": 4}')
    assert final_state(result.stdout) == {"value": 4, "double": 8}


def test_a_condition_that_fails_is_told_at_the_node_it_follows(tmp_path: Path) -> None:
    """The node whose way on could not be found, and status 1."""
    result = tea("run", written(tmp_path, BAD_CONDITION))
    assert result.exit_code == 1
    assert "✗ Error at a: Condition 'nothing > 1' cannot be evaluated" in result.stdout


@pytest.mark.parametrize("words", [(), ("--auto-continue",)])
def test_a_checkpoint_that_cannot_be_saved_is_an_error(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Nobody could go on from it, so the command does not end as if all were well."""
    result = tea("run", written(tmp_path, UNSTORABLE), *words)
    assert result.exit_code == 1
    assert "checkpoint could not be saved" in result.stderr
    assert "Checkpoint saved" not in result.stderr


def test_an_empty_input_is_an_input(tmp_path: Path) -> None:
    """Scoped runs warn only where no input is given at all."""
    file = written(tmp_path, TWO_NODES)
    scope = ("--entry-point", "first", "--exit-point", "second")
    assert "without --input" not in tea("run", file, *scope, "-i", "{}").stderr
    assert "without --input" in tea("run", file, *scope).stderr


def test_a_scoped_run_can_be_quiet(tmp_path: Path) -> None:
    """`-q` leaves the file that `-o` asks for, and nothing else."""
    file, output = written(tmp_path, TWO_NODES), tmp_path / "out.json"
    scope = ("--entry-point", "first", "--exit-point", "second")
    result = tea("run", file, *scope, "-i", "{}", "-q", "-o", str(output))
    assert result.stdout == ""
    assert json.loads(output.read_text()) == {"x": 1}


@pytest.mark.parametrize(("flag", "heard"), [("-v", False), ("-vv", True)])
def test_more_is_heard_when_it_is_asked_for(tmp_path: Path, flag: str, *, heard: bool) -> None:
    """Once: what nodes did; twice: every move of the engine. Both on standard error."""
    with tea_process("run", written(tmp_path, TWO_NODES), flag, "-q") as process:
        out, said = process.communicate(timeout=60)
    assert out == ""
    assert "INFO the_edge_agent.stategraph: Node 'first' completed successfully" in said
    assert ("DEBUG the_edge_agent.stategraph: Entering node: first" in said) is heard


PRINTS = """
nodes:
- {name: a, uses: notify, with: {channel: c, message: hello}}
- {name: b, run: "print('from b')"}
- {name: c, run: "print('from c')"}
- {name: d, run: "print('from d')"}
- {name: j, fan_in: true, run: "print('from j')"}
edges:
- {from: a, to: b}
- {from: b, to: [c, d], type: parallel, fan_in: j}
- {from: j, to: __end__}
"""


def test_what_nodes_print_is_kept_out_of_json_lines(tmp_path: Path) -> None:
    """With `--stream` every line of standard output is an event; nothing printed is lost."""
    result = tea("run", written(tmp_path, PRINTS), "--stream")
    types = [event["type"] for event in events_in(result.stdout)]
    assert types == ["start", *["node_complete"] * 3, "complete"]
    assert sorted(result.stderr.splitlines()) == [
        "[C] hello",
        "from b",
        "from c",
        "from d",
        "from j",
    ]


def test_what_nodes_print_stands_where_people_read(tmp_path: Path) -> None:
    """Without `--stream` it is on standard output, in its place."""
    result = tea("run", written(tmp_path, PRINTS))
    assert "[C] hello\n✓ a\nfrom b\n✓ b\n" in result.stdout


def test_errors_in_code_name_the_line_of_the_file(tmp_path: Path) -> None:
    """Where the code stands in the file that was run, overlays or not."""
    file = written(tmp_path, "nodes:\n- name: a\n  run: |\n    x = 1\n    y = = 2\n")
    overlay = written(tmp_path, "variables: {v: 1}\n", "overlay.yaml")
    assert f"✗ Error at a: {file}:5: invalid syntax" in tea("run", file).stdout
    assert f"✗ Error at a: {file}, node 'a':2: inval" in tea("run", file, "-f", overlay).stdout
