"""Drawings in DOT: parsed, ordered, run, written as agent files, run by `tea --from-dot`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from the_edge_agent import (
    StateGraph,
    YAMLEngine,
    analyze_graph,
    dot_to_stategraph,
    dot_to_yaml,
    parse_dot,
    parse_dot_string,
    run_dot,
)

from tests.workflow.contract.tea import tea, written

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

DIAMOND = """
digraph diamond {
  node [shape=box];
  Start [shape=ellipse]; End [shape=doublecircle];
  a [label="Build it", command="echo built"];
  b [label="Test it", command="echo tested"];
  c [label="Lint it", command="echo linted"];
  d [label="Ship it", command="echo shipped"];
  Start -> a; a -> {b c} -> d -> End;
}
"""
FAILING = """
digraph failing {
  good [command="true"]; bad [command="exit 3"]; never [command="true"];
  good -> bad -> never;
}
"""


@pytest.mark.parametrize(
    ("text", "nodes", "edges"),
    [
        ("digraph {}", [], []),
        ("digraph g { a }", ["a"], []),
        ("digraph { a -> b -> c }", ["a", "b", "c"], [("a", "b"), ("b", "c")]),
        ("strict digraph { a -> b; a -> b }", ["a", "b"], [("a", "b"), ("a", "b")]),
        ("digraph { a -> {b; c} }", ["a", "b", "c"], [("a", "b"), ("a", "c")]),
        ("digraph { {a b} -> {c d} }", list("abcd"), [(x, y) for x in "ab" for y in "cd"]),
        ("digraph { subgraph s { a } -> b }", ["a", "b"], [("a", "b")]),
        ('digraph { "a b" -> "c\\"d" }', ["a b", 'c"d'], [("a b", 'c"d')]),
        ('digraph { "a" + "b" -> c }', ["ab", "c"], [("ab", "c")]),
        ("digraph { a:n -> b:port:sw }", ["a", "b"], [("a", "b")]),
        ("digraph { 1 -> -2.5 }", ["1", "-2.5"], [("1", "-2.5")]),
        ("graph { a -- b }", ["a", "b"], [("a", "b")]),
        ("digraph { /* x */ a // y\n# z\n -> b }", ["a", "b"], [("a", "b")]),
        ("# first line\ndigraph { a }", ["a"], []),
        ("digraph { a [label=<<b>x</b>>] -> b }", ["a", "b"], None),
        ("digraph { é -> ß }", ["é", "ß"], [("é", "ß")]),
        ("digraph { graph [x=1]; node [y=2]; edge [z=3]; k=v; a->b }", ["a", "b"], [("a", "b")]),
        ("DIGRAPH { a }", ["a"], []),
    ],
)
def test_a_drawing_is_parsed(
    text: str, nodes: list[str], edges: list[tuple[str, str]] | None
) -> None:
    """The whole language, as Graphviz documents it."""
    if edges is None:  # an attribute list ends a node: an arrow behind it is not DOT
        with pytest.raises(ValueError, match="Invalid DOT syntax"):
            parse_dot_string(text)
        return
    parsed = parse_dot_string(text)
    assert list(parsed.nodes) == nodes
    assert [(edge.source, edge.target) for edge in parsed.edges] == edges


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "expected 'digraph' or 'graph', found the end of the file at line 1, column 1"),
        ("hello", "expected 'digraph' or 'graph', found 'hello'"),
        ("digraph {", "found the end of the file"),
        ("digraph { a -> }", "expected a name, found '}' at line 1, column 16"),
        ("digraph {\n a -- b }", "expected '->', found '--' at line 2, column 4"),
        ('digraph { a [label="x] }', "unclosed string at line 1, column 20"),
        ("digraph { a [label=<x] }", "unclosed '<'"),
        ("digraph { a } }", "expected the end of the file, found '}'"),
        ("digraph { a [=x] }", "expected a name"),
        ("digraph " + "{" * 100 + "}" * 100, "nested more than"),
        ("digraph { \x00 }", "unexpected"),
    ],
)
def test_a_syntax_error_has_a_place(text: str, what: str) -> None:
    """Line and column, what was expected and what stands there."""
    with pytest.raises(ValueError, match="Invalid DOT syntax: ") as raised:
        parse_dot_string(text)
    assert what in str(raised.value)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("digraph { a }", "a"),
        ('digraph { a [label="Do it"] }', "Do it"),
        ('digraph { a [label="two\\nlines"] }', "two\nlines"),
        ('digraph { a [label="it is \\N"] }', "it is a"),
        ('digraph { a [label="back\\\\slash"] }', "back\\slash"),
        ('digraph { a [label=""] }', "a"),
        ('digraph { node [label="same"]; a }', "same"),
        ("digraph { a; a [label=later] }", "later"),
    ],
)
def test_a_label_is_read(text: str, label: str) -> None:
    """With its escapes; the name where there is none."""
    assert parse_dot_string(text).nodes["a"].label == label


def test_the_name_of_a_drawing() -> None:
    """Its own, or the one it is given."""
    assert parse_dot_string("digraph mine {}").name == "mine"
    assert parse_dot_string("digraph {}").name == "workflow"
    assert parse_dot_string("digraph {}", "other").name == "other"


def test_a_cluster_has_its_nodes() -> None:
    """Those named in it first."""
    parsed = parse_dot_string('digraph { subgraph cluster_x { label="X"; a; b } c -> a }')
    cluster = parsed.clusters["cluster_x"]
    assert (cluster.label, cluster.nodes) == ("X", ["a", "b"])
    assert parsed.nodes["c"].cluster is None


def test_a_drawing_is_read_from_a_file(tmp_path: Path) -> None:
    """Named after the file when it has no name."""
    assert parse_dot(written(tmp_path, "digraph { a }", "flow.dot")).name == "flow"
    with pytest.raises(FileNotFoundError):
        parse_dot(str(tmp_path / "no.dot"))


@pytest.mark.parametrize(
    ("text", "phases"),
    [
        ("digraph { a -> b }", [["a"], ["b"]]),
        ("digraph { a; b }", [["a", "b"]]),
        ("digraph { a -> c; b -> c }", [["a", "b"], ["c"]]),
        ("digraph { a -> b -> c; a -> c }", [["a"], ["b"], ["c"]]),
        ("digraph { c -> b; b -> a }", [["c"], ["b"], ["a"]]),
        ("digraph { s [shape=circle]; s -> a; s -> b }", [["a", "b"]]),
        ("digraph { m [shape=point]; a -> m -> b }", [["a"], ["b"]]),
        ("digraph { s [shape=ellipse, command=x]; s -> a }", [["s"], ["a"]]),
        ("digraph { s [shape=doublecircle] }", []),
        ("digraph {}", []),
    ],
)
def test_a_drawing_has_phases(text: str, phases: list[list[str]]) -> None:
    """Nodes that need nothing of each other; markers only pass the order on."""
    analyzed = analyze_graph(parse_dot_string(text))
    assert [phase.nodes for phase in analyzed.phases] == phases


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("digraph { a -> a }", "a"),
        ("digraph { a -> b -> a }", "a"),
        ("digraph { s -> a -> b -> c -> a }", "a"),
    ],
)
def test_a_circle_is_an_error(text: str, node: str) -> None:
    """That names a node on it, unless circles are allowed."""
    parsed = parse_dot_string(text)
    expected = f"Circular dependency detected involving node: {node}"
    with pytest.raises(ValueError, match=expected):
        analyze_graph(parsed)
    assert analyze_graph(parsed, allow_cycles=True).back_edges[0][1] == node


# ------------------------------------------------------------------ running
def test_a_drawing_becomes_a_graph() -> None:
    """A node is a node; several at once are branches that join."""
    graph = dot_to_stategraph(DIAMOND)
    assert isinstance(graph, StateGraph)
    assert {"a", "b", "c", "d"} <= set(graph.graph.nodes)
    assert graph.edge("phase_2", "b")["parallel"] is True


def test_a_drawing_is_run() -> None:
    """What the commands wrote stands in the state."""
    results = run_dot(DIAMOND, {"kept": 1})
    assert results["kept"] == 1
    assert {node: row["stdout"].strip() for node, row in results["results"].items()} == {
        "a": "built", "b": "tested", "c": "linted", "d": "shipped",
    }  # fmt: skip
    assert results["results"]["a"]["label"] == "Build it"


@pytest.mark.parametrize("text", ["digraph {}", "digraph { a -> b }"])
def test_nodes_without_commands_pass_the_state_on(text: str) -> None:
    """There is nothing to fail."""
    assert run_dot(text, {"x": 1})["x"] == 1


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        (FAILING, {}, r"Command of node 'bad' failed \(exit 3\)"),
        ('digraph { a [command="echo no >&2; exit 1"] }', {}, "no"),
        ('digraph { a [command="sleep 20"] }', {"command_timeout": 0.1}, "timed out after 0.1s"),
        ("digraph { a -> a }", {}, "Circular dependency"),
        ("digraph { a -> }", {}, "Invalid DOT syntax"),
    ],
)
def test_a_failure_is_raised(text: str, options: dict[str, Any], expected: str) -> None:
    """With the node and what it wrote."""
    with pytest.raises((RuntimeError, ValueError), match=expected):
        run_dot(text, **options)


def test_commands_run_in_their_folder(tmp_path: Path) -> None:
    """The one that was named."""
    found = run_dot('digraph { a [command="pwd"] }', working_directory=str(tmp_path))
    assert found["results"]["a"]["stdout"].strip() == str(tmp_path)


# ------------------------------------------------------------------ to YAML
def converted(tmp_path: Path, text: str, template: str = "echo {{ item }}", **options: Any) -> str:  # noqa: ANN401 - those of dot_to_yaml
    """Write a drawing and convert it."""
    made: str = dot_to_yaml(written(tmp_path, text, "flow.dot"), template, **options)
    return made


def final(text: str) -> dict[str, Any]:
    """Run an agent file to its end."""
    engine = YAMLEngine()
    *_, last = engine.load_from_dict(yaml.safe_load(text)).invoke({})
    engine.close()
    assert last["type"] == "final", last
    return dict(last["state"])


def test_a_drawing_becomes_an_agent_file(tmp_path: Path) -> None:
    """That runs: every label in its place, the phases in their order."""
    text = converted(tmp_path, DIAMOND, workflow_name="mine", max_concurrency=2, validate=True)
    file = yaml.safe_load(text)
    assert file["name"] == "mine"
    assert [node["name"] for node in file["nodes"]] == [
        "phase_1", "phase_2", "phase_2_join", "phase_3",
    ]  # fmt: skip
    assert file["nodes"][1]["max_concurrency"] == 2
    assert final(text)["results"] == {
        label: label for label in ("Build it", "Test it", "Lint it", "Ship it")
    }


def test_an_agent_file_is_written(tmp_path: Path) -> None:
    """To the path that was named."""
    out = tmp_path / "out.yaml"
    assert converted(tmp_path, DIAMOND, output_path=str(out)) == out.read_text()


def test_the_commands_of_the_nodes_are_used(tmp_path: Path) -> None:
    """When asked for; the template stands in where there is none."""
    text = converted(tmp_path, 'digraph { a [command="echo own"]; a -> b }', use_node_commands=True)
    assert final(text)["results"] == {"a": "own", "b": "b"}


@pytest.mark.parametrize(
    "label", ["it's", "$(touch HACKED)", "`touch HACKED`", "a; touch HACKED", "{{ 7*7 }}", "%s {x}"]
)
@pytest.mark.parametrize("template", ["echo {{ item }}", "echo '{{ item }}'", 'echo "{{ item }}"'])
def test_a_label_is_never_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: str, template: str
) -> None:
    """Whatever quotes the template has."""
    monkeypatch.chdir(tmp_path)
    text = converted(tmp_path, f'digraph {{ a [label="{label}"] }}', template)
    assert final(text)["results"] == {label: label}
    assert not (tmp_path / "HACKED").exists()


def test_the_program_can_be_named(tmp_path: Path) -> None:
    """In the place of `tea`."""
    text = converted(tmp_path, "digraph { a }", "tea run {{ item }}", tea_executable="/opt/tea")
    assert yaml.safe_load(text)["data"]["phase_1"][0]["command"] == "/opt/tea run a"


def test_a_circle_becomes_goto_rules(tmp_path: Path) -> None:
    """The last line a command writes chooses the way; without one it ends."""
    count = "n=$(cat n 2>/dev/null || echo 0); n=$((n+1)); echo $n > n; "
    text = f"""digraph {{
      work [command="{count} if [ $n -lt 3 ]; then echo again; else echo done; fi"];
      end [command="echo over"];
      work -> work [label=again]; work -> end [label=done];
    }}"""
    with pytest.raises(ValueError, match="Circular"):
        converted(tmp_path, text)
    made = converted(tmp_path, text, f"cd {tmp_path} && true", allow_cycles=True)
    assert "goto" in made
    made = converted(
        tmp_path, text.replace("n=$(", f"cd {tmp_path}; n=$("), allow_cycles=True,
        use_node_commands=True,
    )  # fmt: skip
    assert final(made)["results"] == {"work": "done", "end": "over"}
    assert (tmp_path / "n").read_text().strip() == "3"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_commands_can_run_in_tmux(tmp_path: Path) -> None:
    """What they write comes back all the same."""
    text = converted(tmp_path, "digraph { a -> b }", use_tmux=True, subprocess_timeout=20)
    assert final(text)["results"] == {"a": "a", "b": "b"}


# ------------------------------------------------------------------ tea --from-dot
def drawn(tmp_path: Path, text: str, *words: str) -> Result:
    """Run a drawing without tmux."""
    return tea("run", "--from-dot", written(tmp_path, text, "g.dot"), "--dot-no-tmux", *words)


def test_a_drawing_is_run_by_the_command(tmp_path: Path) -> None:
    """Plan, progress and summary on standard error."""
    result = drawn(tmp_path, DIAMOND)
    assert result.exit_code == 0
    lines = result.stderr.splitlines()
    assert lines[0] == f"Loading DOT graph from {tmp_path / 'g.dot'}..."
    assert lines[1] == "Graph loaded: 4 nodes in 3 phases"
    assert "=== Execution Plan ===" in lines
    assert "Phase 2 (parallel):" in lines
    assert "  - Build it" in lines
    assert any(line.startswith("✓ Completed: Build it") for line in lines)
    assert lines[-2:] == ["=== Summary ===", "Nodes: 4/4 succeeded"]


def test_a_dry_run_runs_nothing(tmp_path: Path) -> None:
    """It ends with the plan."""
    text = f'digraph {{ a [command="touch {tmp_path}/made"] }}'
    result = drawn(tmp_path, text, "--dot-dry-run")
    assert result.exit_code == 0
    assert result.stderr.endswith("(Dry run - no commands executed)\n")
    assert not (tmp_path / "made").exists()


def test_a_failed_phase_stops_the_run(tmp_path: Path) -> None:
    """Exit 1; what failed and what was never run is named."""
    result = drawn(tmp_path, FAILING)
    assert result.exit_code == 1
    assert "✗ Failed: bad (exit code 3, " in result.stderr
    assert result.stderr.endswith(
        "Nodes: 1/3 succeeded\nFailed nodes:\n  - bad\nSkipped phases: 3\n"
    )


def test_a_failed_phase_need_not_stop_the_run(tmp_path: Path) -> None:
    """When asked to go on; it is a failure all the same."""
    result = drawn(tmp_path, FAILING, "--dot-no-stop-on-failure")
    assert result.exit_code == 1
    assert "Nodes: 2/3 succeeded" in result.stderr


CHAIN = """digraph {
  node [command="true"]; a [label="A"]; b [label="B"]; c [label="C"];
  a -> b; a -> c;
}"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dot-start-wave", "2"), ["Skipping waves 1-1, starting from wave 2"]),
        (
            ("--dot-start-wave", "2", "--dot-start-step", "2"),
            ["Skipping steps 1-1 in wave 2, starting from step 2"],
        ),
        (
            ("--dot-start-from", "C"),
            [
                "Resolved --dot-start-from 'C' to wave 2, step 2",
                "Skipping waves 1-1, starting from wave 2",
                "Skipping steps 1-1 in wave 2, starting from step 2",
                "  - A [SKIPPED]",
                "  - B [SKIPPED]",
                "Nodes: 1/1 succeeded, 2 skipped",
            ],
        ),
    ],
)
def test_a_run_can_start_later(tmp_path: Path, words: tuple[str, ...], said: list[str]) -> None:
    """At a wave, a step of one, or a label."""
    result = drawn(tmp_path, CHAIN, *words)
    assert result.exit_code == 0
    assert [line for line in said if line not in result.stderr.splitlines()] == []


@pytest.mark.parametrize(
    ("text", "words", "status", "expected"),
    [
        (CHAIN, ("--dot-start-wave", "3"), 1, "Wave 3 exceeds total waves (2). Valid range: 1-2"),
        (CHAIN, ("--dot-start-step", "2"), 1, "Step 2 exceeds steps in wave 1 (1 steps)"),
        (CHAIN, ("--dot-start-from", "X"), 1, "Label 'X' not found. Available: 'A', 'B', 'C'"),
        (
            CHAIN,
            ("--dot-start-from", "A", "--dot-start-wave", "1"),
            1,
            "--dot-start-from is mutually exclusive with --dot-start-wave",
        ),
        (CHAIN, ("--dot-start-wave", "0"), 2, "--dot-start-wave"),
        (CHAIN, ("--dot-start-step", "-1"), 2, "--dot-start-step"),
        (CHAIN, ("--dot-input", "{x"), 1, "Invalid JSON in --dot-input"),
        ("digraph { a -> ", (), 1, "Error: Invalid DOT syntax: "),
        ("digraph { a -> a }", (), 1, "Circular dependency detected involving node: a"),
        ("digraph { a }", (), 1, "Error: No command for 'a'"),
    ],
)
def test_a_mistake_is_named(
    tmp_path: Path, text: str, words: tuple[str, ...], status: int, expected: str
) -> None:
    """Before anything is run."""
    result = drawn(tmp_path, text, *words)
    assert result.exit_code == status
    assert expected in result.stderr


def test_a_missing_drawing_is_named() -> None:
    """Exit 1."""
    assert "no.dot" in tea("run", "--from-dot", "no.dot").stderr


def test_an_agent_file_is_run_for_every_node(tmp_path: Path) -> None:
    """With its label as input; quotes in it stay what they are."""
    text = """digraph { a [label="it's"] }"""
    words = ("--dot-workflow", "w f.yaml", "--dot-input", '{"n": 1}', "--dot-exec", "echo")
    result = drawn(tmp_path, text, *words, "--dot-dry-run")
    line = result.stderr.split("  - it's\n")[1].splitlines()[0].strip()
    assert line == """echo run 'w f.yaml' --input '{"arg": "it'"'"'s", "n": 1}'"""


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_drawing_is_run_in_tmux(tmp_path: Path) -> None:
    """A window a node; its exit code comes back."""
    text = f'digraph {{ a [command="echo $TMUX > {tmp_path}/a"]; b [command="exit 4"]; a -> b }}'
    result = tea("run", "--from-dot", written(tmp_path, text, "g.dot"), "--dot-session", "tea-t1")
    assert result.exit_code == 1
    assert "tmux session: tea-t1" in result.stderr
    assert "✓ Completed: a (exit" not in result.stderr
    assert "✗ Failed: b (exit code 4, " in result.stderr
    assert (tmp_path / "a").read_text().strip() != ""
