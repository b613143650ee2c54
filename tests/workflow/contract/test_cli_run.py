"""`tea run`: what it prints, what it refuses, what it ends with."""

from __future__ import annotations

import inspect
import json
import os
import signal
from typing import TYPE_CHECKING

import pytest
import yaml
from the_edge_agent import cli

if TYPE_CHECKING:
    from pathlib import Path

from tests.workflow.contract.tea import (
    FAILING,
    FAN_OUT,
    TWO_NODES,
    events_in,
    final_state,
    tea,
    tea_process,
    written,
)

BAR = "=" * 80


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        ((), 2, "Usage"),
        (("--help",), 0, "run"),
        (("--version",), 0, "tea "),
        (("--impl",), 0, "python\n"),
        (("run", "--no-such-option"), 2, "No such option"),
        (("no-such-command",), 2, "No such command"),
        (("resume", "x"), 2, "--workflow"),
    ],
)
def test_the_words_of_the_command(words: tuple[str, ...], status: int, expected: str) -> None:
    """Help without arguments, usage errors are 2."""
    result = tea(*words)
    assert result.exit_code == status
    assert expected in result.stdout + result.stderr


def test_a_run_is_told_to_people(tmp_path: Path) -> None:
    """Word for word."""
    file = written(tmp_path, TWO_NODES)
    result = tea("run", file, "--input", '{"x": 1}')
    assert result.exit_code == 0
    assert result.stdout == (
        f"{BAR}\nRunning agent from: {file}\n{BAR}\n\n"
        'Initial state: {\n  "x": 1\n}\n\n'
        f"✓ first\n✓ second\n\n{BAR}\n✓ Completed\n{BAR}\n"
        'Final state: {\n  "x": 2,\n  "y": 4\n}\n'
    )


def test_a_run_is_told_to_programs(tmp_path: Path) -> None:
    """start, node_complete, complete; each with the moment in UTC."""
    file = written(tmp_path, TWO_NODES)
    events = events_in(tea("run", file, "--stream", "-i", '{"x": 1}').stdout)
    stamps = [event.pop("timestamp") for event in events]
    assert events == [
        {"type": "start", "workflow": file},
        {"type": "node_complete", "node": "first", "state": {"x": 2}},
        {"type": "node_complete", "node": "second", "state": {"x": 2, "y": 4}},
        {"type": "complete", "state": {"x": 2, "y": 4}},
    ]
    assert all(stamp.endswith("Z") and "T" in stamp for stamp in stamps)


def test_a_failure_is_told_to_people(tmp_path: Path) -> None:
    """On standard output, exit 1."""
    result = tea("run", written(tmp_path, FAILING))
    assert result.exit_code == 1
    assert "✓ good\n✗ Error at bad: boom\n" in result.stdout
    assert "Completed" not in result.stdout


def test_a_failure_is_told_to_programs(tmp_path: Path) -> None:
    """The last line is the error."""
    result = tea("run", written(tmp_path, FAILING), "-s")
    *_, last = events_in(result.stdout)
    assert (result.exit_code, last["type"], last["node"], last["error"]) == (
        1,
        "error",
        "bad",
        "boom",
    )


@pytest.mark.parametrize("words", [(), ("-s",), ("-q",)])
def test_a_graph_that_raises_ends_with_an_error(tmp_path: Path, words: tuple[str, ...]) -> None:
    """`raise_exceptions` is no traceback for the person."""
    file = written(tmp_path, FAILING + "config: {raise_exceptions: true}\n")
    result = tea("run", file, *words)
    assert result.exit_code == 1
    assert "Error in node 'bad': boom" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_quiet_prints_nothing(tmp_path: Path) -> None:
    """Unless something fails."""
    assert tea("run", written(tmp_path, TWO_NODES), "-q").stdout == ""
    assert "boom" in tea("run", written(tmp_path, FAILING), "-q").stdout


def test_a_fan_out_is_run(tmp_path: Path) -> None:
    """Branches join before the run goes on."""
    result = tea("run", written(tmp_path, FAN_OUT))
    assert final_state(result.stdout)["sides"] == ["left", "right"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run",), "Error: Workflow file required (or use --from-dot for DOT files)"),
        (("run", "nope.yaml"), "Error: Workflow file not found: nope.yaml"),
        (("run", "FILE", "-i", "@nope.json"), "Error: Input file not found: nope.json"),
        (("run", "FILE", "-i", "{x"), "Error: Invalid JSON in --input: "),
        (("run", "FILE", "-i", "[1]"), "Error: Input must be a JSON object, got list"),
        (("run", "FILE", "-i", '"t"'), "Error: Input must be a JSON object, got str"),
        (("run", "FILE", "-i", "@BAD.json"), "Error: Invalid JSON in input file: "),
        (("run", "FILE", "-i", "@BAD.yaml"), "Error: Invalid YAML in input file"),
        (("run", "FILE", "--secrets", "@nope"), "Error: Secrets file not found"),
        (("run", "FILE", "--secrets", "{x"), "Error: Invalid JSON in --secrets"),
        (("run", "FILE", "--secrets", "[]"), "Error: Secrets must be a JSON object, got list"),
        (("run", "FILE", "--secrets-backend-opts", "{"), "--secrets-backend-opts"),
        (
            ("run", "FILE", "--secrets-backend", "nope"),
            "Error: Failed to configure secrets backend",
        ),
        (("run", "FILE", "--actions-module", "no_mod"), "Error: Cannot import module 'no_mod': "),
        (("run", "FILE", "--actions-file", "no.py"), "Error: Actions file not found: no.py"),
        (
            ("run", "FILE", "--actions-file", "EMPTY.py"),
            "must define a register_actions(registry, engine) function",
        ),
        (("run", "FILE", "-I", "-s"), "--interactive and --stream are mutually exclusive"),
        (("run", "FILE", "-g", "-s"), "--show-graph and --stream are mutually exclusive"),
        (
            ("run", "FILE", "--backend", "cloud"),
            "Error: --backend must be one of: local, api, auto. Got: cloud",
        ),
        (("run", "FILE", "--gguf", "no.gguf"), "Error: GGUF file not found: no.gguf"),
        (("run", "BAD.yaml"), "Error loading workflow: "),
        (("run", "DUPLICATE.yaml"), "Error loading workflow: Workflow validation failed: "),
        (("run", "DUPLICATE.yaml"), "\n`tea validate DUPLICATE.yaml` shows the lines.\n"),
        (("run", "FILE", "-q", "--output", "LIST.yaml/x"), "Error: Cannot write LIST.yaml/x: "),
        (("run", "FILE", "-f", "no.yaml"), "Error: Overlay file not found: /"),
        (("run", "FILE", "-f", "BAD.yaml"), "Invalid YAML in overlay file"),
        (("run", "BAD.yaml", "-f", "FILE"), "Invalid YAML in base file"),
        (("run", "BAD.yaml", "--dump-merged"), "Invalid YAML in base file"),
        (("run", "LIST.yaml", "--dump-merged"), "YAML must be a mapping, got list"),
        (("run", "FILE", "-f", "LIST.yaml"), "YAML must be a mapping, got list"),
        (
            ("run", "FILE", "--fail-on-state", "nosign"),
            "Error: Invalid --fail-on-state format 'nosign'. Expected 'key=value'.",
        ),
        (("run", "FILE", "--fail-on-state", " =v"), "Key cannot be empty."),
        (("run", "ftp://host/file.yaml"), "Unsupported protocol 'ftp'"),
        (("run", "https://h.example/f.yaml", "--cache-only"), "File not in cache: https://h.exam"),
        (("run", "http://127.0.0.1:9/f.yaml", "--no-cache"), "private address 127.0.0.1"),
    ],
)
def test_a_mistake_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], expected: str
) -> None:
    """On standard error, exit 1, and nothing is run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    written(tmp_path, TWO_NODES, "FILE")
    written(tmp_path, "{bad", "BAD.json")
    written(tmp_path, "a: [1\nb: {", "BAD.yaml")
    written(tmp_path, "- 1\n", "LIST.yaml")
    written(tmp_path, "", "EMPTY.py")
    written(tmp_path, "nodes: [{name: a}, {name: a}]\n", "DUPLICATE.yaml")
    result = tea(*words)
    assert result.exit_code == 1
    assert expected in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_every_option_of_run_is_listed(word: str) -> None:
    """Those that the contract names."""
    text = tea("run", word).stdout
    options = (
        "--input -i --stream -s --checkpoint-dir -c --interrupt-before --interrupt-after"
        " --auto-continue --interactive -I --entry-point --exit-point --output -o --overlay -f"
        " --dump-merged --fail-on-state --heartbeat --trace-file --debug-state --secrets"
        " --secrets-env --secrets-backend --secrets-backend-opts --from-dot --show-graph -g"
        " --actions-module --actions-file --quiet -q --verbose -v --cache-dir --no-cache"
        " --cache-only --backend --dot-start-from --dot-workflow --dot-input"
    ).split()
    assert [option for option in options if option not in text] == []


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_input_comes_from_a_file(tmp_path: Path, suffix: str) -> None:
    """YAML by its suffix."""
    given = written(tmp_path, '{"x": 4}' if suffix == "json" else "x: 4\n", f"in.{suffix}")
    result = tea("run", written(tmp_path, TWO_NODES), "-i", f"@{given}")
    assert final_state(result.stdout) == {"x": 5, "y": 10}


@pytest.mark.parametrize(("option", "value"), [("--state", '{"x": 1}'), ("--state-file", "FILE")])
def test_old_options_still_work(tmp_path: Path, option: str, value: str) -> None:
    """With a warning."""
    given = written(tmp_path, '{"x": 1}', "state.json")
    result = tea("run", written(tmp_path, TWO_NODES), option, value.replace("FILE", given))
    assert "deprecated" in result.stderr
    assert final_state(result.stdout) == {"x": 2, "y": 4}


def test_the_initial_state_of_a_file_lies_below_the_input(tmp_path: Path) -> None:
    """Dict by dict."""
    file = written(tmp_path, TWO_NODES + "initial_state: {x: 1, d: {a: 1, b: 1}}\n")
    result = tea("run", file, "-i", '{"d": {"b": 2}}')
    assert final_state(result.stdout) == {"x": 2, "d": {"a": 1, "b": 2}, "y": 4}


SHAPED = """
name: shaped
input_schema: {x: {type: int, required: true}}
output_schema: {twice: "{{ state.x * 2 }}"}
nodes:
- name: only
  run: |
    return {"done": True}
"""


def test_the_input_is_checked(tmp_path: Path) -> None:
    """Before anything is run; exit 1."""
    result = tea("run", written(tmp_path, SHAPED))
    assert result.exit_code == 1
    assert "Field 'x' is required" in result.stdout
    assert "✓ only" not in result.stdout


@pytest.mark.parametrize("words", [(), ("-s",)])
def test_the_output_is_shaped(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The state is told, and the output beside it."""
    result = tea("run", written(tmp_path, SHAPED), "-i", '{"x": 4}', *words)
    assert result.exit_code == 0
    if words:
        assert events_in(result.stdout)[-1]["output"] == {"twice": 8}
    else:
        assert result.stdout.endswith('Output: {\n  "twice": 8\n}\n')


def test_the_output_is_written(tmp_path: Path) -> None:
    """And named."""
    out = tmp_path / "out.json"
    result = tea("run", written(tmp_path, TWO_NODES), "-o", str(out))
    assert json.loads(out.read_text()) == {"x": 1, "y": 2}
    assert f"Output written to: {out}" in result.stdout


# ------------------------------------------------------------------ overlays
def test_the_merged_file_is_printed(tmp_path: Path) -> None:
    """In block style and in the order of the file; nothing is run."""
    base = written(tmp_path, TWO_NODES)
    overlay = written(tmp_path, "variables: {lang: de, more: 1}\n", "over.yaml")
    result = tea("run", base, "--overlay", overlay, "--dump-merged")
    merged = yaml.safe_load(result.stdout)
    assert result.exit_code == 0
    assert merged["variables"] == {"lang": "de", "more": 1}
    assert list(merged) == ["name", "variables", "nodes", "edges"]
    assert "variables:\n  lang: de\n" in result.stdout


@pytest.mark.parametrize("words", [(), ("-f", "EMPTY")])
def test_an_empty_overlay_changes_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Neither does none."""
    base, empty = written(tmp_path, TWO_NODES), written(tmp_path, "", "empty.yaml")
    result = tea("run", base, *(w.replace("EMPTY", empty) for w in words), "--dump-merged")
    assert yaml.safe_load(result.stdout) == yaml.safe_load(TWO_NODES)


def test_overlays_lie_on_top_of_each_other(tmp_path: Path) -> None:
    """The last one wins, and is run."""
    base = written(tmp_path, TWO_NODES)
    nodes = "nodes: [{name: second, run: 'return dict(y=5)'}]\n"
    one = written(tmp_path, nodes.replace("5", "1"), "1.yaml")
    two = written(tmp_path, nodes, "2.yaml")
    result = tea("run", base, "-f", one, "-f", two)
    assert final_state(result.stdout)["y"] == 5


# ------------------------------------------------------------------ conditions of failure
@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        (["y=2"], 1),
        (["y=3"], 0),
        (["y=3", "x=1"], 1),
        ([" y = 2 "], 1),
        (["missing=None"], 1),
        (["missing="], 0),
        (["x=1=1"], 0),
    ],
)
def test_a_state_can_fail_a_run(tmp_path: Path, conditions: list[str], status: int) -> None:
    """The state is told first; then exit 1."""
    words = [word for one in conditions for word in ("--fail-on-state", one)]
    result = tea("run", written(tmp_path, TWO_NODES), "-s", *words)
    assert result.exit_code == status
    assert events_in(result.stdout)[-1]["type"] == "complete"
    assert ("Exit condition matched: " in result.stderr) is bool(status)


# ------------------------------------------------------------------ heartbeat, debug, trace
@pytest.mark.parametrize("words", [(), ("-q",), ("-s",)])
def test_the_heart_beats(tmp_path: Path, words: tuple[str, ...]) -> None:
    """On standard error, whatever else is printed; branches have labels."""
    result = tea("run", written(tmp_path, FAN_OUT), "--heartbeat", *words)
    lines = result.stderr.splitlines()
    assert [line.split(" done in ")[0] for line in lines if line.startswith("[begin")] == ["[begin"]
    assert sum(line.startswith("[parallel:left done in ") for line in lines) == 1
    assert sum(line.startswith("[parallel:right done in ") for line in lines) == 1
    assert all(line.endswith("ms]") for line in lines)


def test_the_heart_tells_of_a_failure(tmp_path: Path) -> None:
    """FAILED."""
    result = tea("run", written(tmp_path, FAILING), "--heartbeat")
    assert "[bad FAILED in " in result.stderr


def test_states_are_written_for_debugging(tmp_path: Path) -> None:
    """A numbered file for every step of the main line, with a warning."""
    place = tmp_path / "new" / "states"
    result = tea("run", written(tmp_path, FAN_OUT), "--debug-state", str(place))
    assert result.stderr.startswith("WARNING: --debug-state is enabled")
    assert sorted(path.name for path in place.iterdir()) == [
        "01-after-begin.json",
        "02-after-join.json",
    ]
    first = json.loads((place / "01-after-begin.json").read_text())
    assert first == {"step": 1, "node": "begin", "state": {"n": 1}}


def test_a_failure_is_written_for_debugging(tmp_path: Path) -> None:
    """Under its own word, with the error."""
    place = tmp_path / "states"
    place.mkdir()
    (place / "kept.txt").write_text("kept")
    tea("run", written(tmp_path, FAILING), "--debug-state", str(place))
    assert sorted(path.name for path in place.iterdir()) == [
        "01-after-good.json", "02-FAILED-bad.json", "kept.txt",
    ]  # fmt: skip
    failed = json.loads((place / "02-FAILED-bad.json").read_text())
    assert (failed["step"], failed["node"], failed["traceback"]) == (2, "bad", "boom")
    assert failed["state"] == {"x": 1}


def test_a_file_that_cannot_be_written_for_debugging_stops_nothing(tmp_path: Path) -> None:
    """The run is what counts."""
    place = tmp_path / "states"
    (place / "01-after-first.json").mkdir(parents=True)
    result = tea("run", written(tmp_path, TWO_NODES), "--debug-state", str(place))
    assert result.exit_code == 0
    assert (place / "02-after-second.json").is_file()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("plain", "plain"),
        ("../../etc/x", "etcx"),
        ("a b.c/d", "abcd"),
        ("äöü", "_"),
        ("n" * 200, "n" * 128),
    ],
)
def test_a_name_is_made_safe_for_a_file(name: str, file: str) -> None:
    """Letters, digits, `_` and `-`, at most 128."""
    from codeanatomy.cli.tea.debug_state import safe_name

    assert safe_name(name) == file


def test_a_trace_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every node, to a path with `${VAR}`, whatever the file says."""
    monkeypatch.setenv("WHERE", str(tmp_path / "traces"))
    file = written(tmp_path, TWO_NODES + "settings: {auto_trace: false}\n")
    result = tea("run", file, "--trace-file", "${WHERE}/t.jsonl")
    spans = events_in((tmp_path / "traces" / "t.jsonl").read_text())
    assert result.exit_code == 0
    assert [span["name"] for span in spans] == ["first", "second"]


def test_a_trace_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    """Exit 2, before anything is run."""
    (tmp_path / "file").write_text("")
    result = tea("run", written(tmp_path, TWO_NODES), "--trace-file", str(tmp_path / "file" / "t"))
    assert result.exit_code == 2
    assert result.stdout == ""


def test_the_hooks_stand_in_the_source() -> None:
    """Tools look for these comments; the first stands before the second."""
    source = inspect.getsource(cli.run)
    first = source.index("TEA-DX-001.3: --debug-state per-node JSON dumps")
    assert first < source.index("TEA-CLI-006: Process graph progress events from engine queue")


# ------------------------------------------------------------------ scoped
@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("--entry-point", "second"), {"x": 3, "y": 6}),
        (("--entry-point", "first", "--exit-point", "second"), {"x": 4}),
        (("--exit-point", "second"), {"x": 4}),
    ],
)
def test_a_part_is_run(tmp_path: Path, words: tuple[str, ...], state: dict[str, int]) -> None:
    """From one node up to, not including, another."""
    file, out = written(tmp_path, TWO_NODES), tmp_path / "out.json"
    result = tea("run", file, "-i", '{"x": 3}', "-o", str(out), *words)
    assert result.exit_code == 0
    assert "Running scoped execution: " in result.stdout
    assert f"Workflow: {file}\n" in result.stdout
    assert "✓ Scoped execution completed" in result.stdout
    assert final_state(result.stdout) == state == json.loads(out.read_text())


def test_the_banner_of_a_part(tmp_path: Path) -> None:
    """It names both ends."""
    words = ("--entry-point", "first", "--exit-point", "second")
    result = tea("run", written(tmp_path, TWO_NODES), *words)
    assert "Running scoped execution: first → (stop before second)" in result.stdout
    assert "Warning: --entry-point without --input means starting with empty state" in result.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--entry-point", "nope"), "Error: Entry point 'nope' not found in graph"),
        (("--entry-point", "good", "--exit-point", "nope"), "Error: Exit point 'nope' not found"),
        (("--entry-point", "bad", "--exit-point", "bad"), "cannot be the same: 'bad'"),
        (
            ("--entry-point", "bad", "--exit-point", "good"),
            "No execution path from 'bad' to 'good'",
        ),
        (("--entry-point", "bad"), "Error in node 'bad': boom"),
    ],
)
def test_a_part_that_cannot_be_run(tmp_path: Path, words: tuple[str, ...], expected: str) -> None:
    """Exit 1 with the reason."""
    result = tea("run", written(tmp_path, FAILING), "-i", '{"x": 1}', *words)
    assert result.exit_code == 1
    assert expected in result.stderr


# ------------------------------------------------------------------ graph
def test_the_graph_is_told_without_a_terminal(tmp_path: Path) -> None:
    """Line by line."""
    out = tea("run", written(tmp_path, TWO_NODES), "--show-graph", "-q").stdout
    assert out.splitlines() == [
        "[Graph Progress - Non-TTY mode]",
        "[first] running...",
        "[first] ✓",
        "[second] running...",
        "[second] ✓",
        "[Execution Complete]",
    ]


# ------------------------------------------------------------------ secrets and actions
CONFIDENTIAL = """
name: secret
nodes:
- name: use
  run: |
    return {"length": len({{ secrets.token }}), "token": {{ secrets.token }}}
"""


@pytest.mark.parametrize("how", ["json", "file", "env"])
def test_secrets_reach_the_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """From an option, a file, or the environment with a prefix that is cut."""
    monkeypatch.setenv("MYAPP_TOKEN", "abcdefgh1")
    file = written(tmp_path, CONFIDENTIAL)
    given = written(tmp_path, "token: abcdefgh1\n", "s.yaml")
    words = {
        "json": ("--secrets", '{"token": "abcdefgh1"}'),
        "file": ("--secrets", f"@{given}"),
        "env": ("--secrets-env", "MYAPP_"),
    }[how]
    assert final_state(tea("run", file, *words).stdout)["length"] == 9


def test_secrets_are_in_no_trace_and_no_debug_file(tmp_path: Path) -> None:
    """Also where a node puts one into the state."""
    words = ("--trace-file", str(tmp_path / "t.jsonl"), "--debug-state", str(tmp_path / "d"))
    tea("run", written(tmp_path, CONFIDENTIAL), "--secrets", '{"token": "s3cret-value-9"}', *words)
    texts = [path.read_text() for path in (tmp_path / "t.jsonl", *(tmp_path / "d").iterdir())]
    assert len(texts) == 2
    assert all("s3cret-value-9" not in text for text in texts)


REGISTERS = """
def register_actions(registry, engine):
    registry["{}"] = lambda state, **_: {{"z": 1}}
"""


def test_actions_come_from_a_file(tmp_path: Path) -> None:
    """Its function registers them."""
    actions = written(tmp_path, REGISTERS.format("my.act"), "acts.py")
    file = written(tmp_path, "nodes: [{name: a, uses: my.act}]\n")
    assert final_state(tea("run", file, "--actions-file", actions).stdout) == {"z": 1}


def test_actions_come_from_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found on the path of Python."""
    written(tmp_path, REGISTERS.format("m.act"), "tea_test_module_actions.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    file = written(tmp_path, "nodes: [{name: a, uses: m.act}]\n")
    words = ("--actions-module", "tea_test_module_actions")
    assert final_state(tea("run", file, *words).stdout) == {"z": 1}


# ------------------------------------------------------------------ processes
def test_control_c_is_130(tmp_path: Path) -> None:
    """In a process of its own, from the middle of a node."""
    code = "import time; print('napping', flush=True); time.sleep(60)"
    nap = yaml.safe_dump({"nodes": [{"name": "nap", "run": code}]})
    process = tea_process("run", written(tmp_path, nap), "-q")
    assert process.stdout is not None
    assert process.stdout.readline() == "napping\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Interrupted" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("text", "words", "status"),
    [
        (TWO_NODES, (), 0),
        (FAILING, (), 1),
        (TWO_NODES, ("--fail-on-state", "y=2"), 1),
        (TWO_NODES, ("--x",), 2),
    ],
)
def test_the_status_of_the_process(
    tmp_path: Path, text: str, words: tuple[str, ...], status: int
) -> None:
    """0, 1 or 2."""
    process = tea_process("run", written(tmp_path, text), *words)
    process.communicate(timeout=30)
    assert process.returncode == status


def test_a_remote_file_is_run_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once fetched, it needs no network."""
    from codeanatomy.cli.tea.cached import Cached

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    url = "https://files.example/agent.yaml"
    Cached().keep(url, TWO_NODES.encode())
    assert final_state(tea("run", url, "--cache-only").stdout) == {"x": 1, "y": 2}
    assert os.listdir(tmp_path / "tea") == ["remote"]  # noqa: PTH208 - one name
