"""The helpers of the command that programs import."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
import typer
from the_edge_agent.cli import (
    IMPLEMENTATION,
    check_fail_on_state,
    deep_merge,
    emit_heartbeat,
    emit_ndjson_event,
    format_duration,
    load_checkpoint,
    load_cli_actions,
    parallel_branch_label,
    parse_fail_on_state,
    parse_input,
    parse_secrets,
    resolve_file_url,
)

from codeanatomy.cli.tea.cached import Cached
from codeanatomy.cli.tea.remote import refuse_private

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0ms"),
        (0.05, "50ms"),
        (0.9994, "999ms"),
        (1.0, "1.0s"),
        (1.234, "1.2s"),
        (59.94, "59.9s"),
        (59.99, "1m 0s"),
        (60, "1m 0s"),
        (138, "2m 18s"),
        (3700, "1h 1m 40s"),
        (90061, "25h 1m 1s"),
        (None, "0ms"),
        (-1, "0ms"),
        ("x", "0ms"),
        (math.nan, "0ms"),
        (math.inf, "0ms"),
        (True, "0ms"),
    ],
)
def test_a_duration_is_written(seconds: object, text: str) -> None:
    """Two figures that a person needs; what is no duration is 0ms."""
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("base", "overlay", "expected"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {}, {"a": 1}),
        ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"a": {"x": 1}}, {"a": 3}, {"a": 3}),
        ({"a": 3}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"a": None}, {"a": None}),
    ],
)
def test_dicts_are_merged_in_place(
    base: dict[str, Any], overlay: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Dict by dict; everything else is replaced."""
    deep_merge(base, overlay)
    assert base == expected


@pytest.mark.parametrize(
    ("conditions", "pairs"),
    [
        ([], []),
        (None, []),
        (["a=b"], [("a", "b")]),
        ([" a = b "], [("a", "b")]),
        (["a="], [("a", "")]),
        (["a=b=c"], [("a", "b=c")]),
        (["a=1", "b=2"], [("a", "1"), ("b", "2")]),
    ],
)
def test_conditions_are_read(conditions: list[str] | None, pairs: list[tuple[str, str]]) -> None:
    """Split at the first sign, both sides trimmed."""
    assert parse_fail_on_state(conditions) == pairs


@pytest.mark.parametrize("condition", ["", "a", "=a", " =a"])
def test_a_bad_condition_ends_the_command(condition: str) -> None:
    """With exit 1."""
    with pytest.raises(typer.Exit) as raised:
        parse_fail_on_state([condition])
    assert raised.value.exit_code == 1


@pytest.mark.parametrize(
    ("state", "pairs", "matched"),
    [
        ({"a": 1}, [("a", "1")], True),
        ({"a": True}, [("a", "True")], True),
        ({"a": True}, [("a", "true")], False),
        ({"a": None}, [("a", "None")], True),
        ({}, [("a", "None")], True),
        ({}, [("a", "")], False),
        ({"a": ""}, [("a", "")], True),
        ({"a": [1]}, [("a", "[1]")], True),
        ({"a": 1, "b": 2}, [("a", "2"), ("b", "2")], True),
        ({"a": 1}, [], False),
    ],
)
def test_conditions_are_compared(
    state: dict[str, Any], pairs: list[tuple[str, str]], *, matched: bool
) -> None:
    """The text of the value; any match counts."""
    assert bool(check_fail_on_state(state, pairs)) is matched


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, {}), ("{}", {}), ('{"a": 1}', {"a": 1}), ("null", {})],
)
def test_input_is_read(given: str | None, expected: dict[str, Any]) -> None:
    """A JSON object."""
    assert parse_input(given) == expected


@pytest.mark.parametrize("suffix", ["json", "yaml", "yml"])
def test_input_is_read_from_a_file(tmp_path: Path, suffix: str) -> None:
    """JSON, or YAML by the suffix."""
    path = tmp_path / f"in.{suffix}"
    path.write_text('{"a": 1}' if suffix == "json" else "a: 1\n")
    assert parse_input(f"@{path}") == {"a": 1}


def test_secrets_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prefix of the environment is cut; the option comes first."""
    monkeypatch.setenv("APPX_TOKEN", "one")
    monkeypatch.setenv("APPX_OTHER", "two")
    monkeypatch.setenv("APPX_", "nothing")
    assert parse_secrets('{"token": "mine"}', "APPX_") == {"token": "mine", "other": "two"}
    assert parse_secrets(None, None) == {}


def test_actions_are_collected(tmp_path: Path) -> None:
    """From every file."""
    for name in ("a", "b"):
        code = f"def register_actions(registry, engine):\n    registry['{name}'] = print\n"
        (tmp_path / f"{name}.py").write_text(code)
    found = load_cli_actions([], [str(tmp_path / "a.py"), str(tmp_path / "b.py")])
    assert found == {"a": print, "b": print}


def test_an_event_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With its type and the moment in UTC; odd values become texts."""
    emit_ndjson_event("node_complete", node="n", state={"when": datetime(2024, 1, 2)})  # noqa: DTZ001 - any value
    line = capsys.readouterr().out
    event = json.loads(line)
    assert line.count("\n") == 1
    assert datetime.fromisoformat(event.pop("timestamp")).utcoffset() is not None
    assert event == {"type": "node_complete", "node": "n", "state": {"when": "2024-01-02 00:00:00"}}


@pytest.mark.parametrize(
    ("words", "line"),
    [(("n", 0.05), "[n done in 50ms]\n"), (("n", 1.25, True), "[n FAILED in 1.2s]\n")],
)
def test_a_heartbeat_is_a_line(
    words: tuple[Any, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error."""
    emit_heartbeat(*words)
    assert capsys.readouterr() == ("", line)


def test_a_branch_has_a_label() -> None:
    """Of its event."""
    assert parallel_branch_label({"type": "parallel_state", "branch": "b"}) == "parallel:b"


def test_who_this_is() -> None:
    """The implementation in Python."""
    assert IMPLEMENTATION == "python"


def test_a_missing_checkpoint_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With exit 1."""
    with pytest.raises(typer.Exit) as raised:
        load_checkpoint("no.pkl")
    assert raised.value.exit_code == 1
    assert capsys.readouterr().err == "Error: Checkpoint file not found: no.pkl\n"


# ------------------------------------------------------------------ addresses
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a.yaml", "a.yaml"),
        ("/x/a.yaml", "/x/a.yaml"),
        ("file:///x/a%20b.yaml", "/x/a b.yaml"),
    ],
)
def test_a_local_file_stays_where_it_is(given: str, expected: str) -> None:
    """Also under `file://`."""
    assert resolve_file_url(given) == expected


@pytest.mark.parametrize("url", ["ftp://h/x", "data://x", "ssh://h/x", "javascript://x"])
def test_other_protocols_are_refused(url: str) -> None:
    """With exit 1."""
    with pytest.raises(typer.Exit):
        resolve_file_url(url)


def test_a_remote_file_is_fetched_once(tmp_path: Path) -> None:
    """And again when it is too old, or when asked to."""
    calls: list[str] = []

    def fetch(url: str) -> bytes:
        calls.append(url)
        return b"nodes: []"

    url = "https://files.example/a.yaml"
    first = resolve_file_url(url, cache_dir=str(tmp_path), fetch=fetch)
    assert resolve_file_url(url, cache_dir=str(tmp_path), fetch=fetch) == first
    assert len(calls) == 1
    resolve_file_url(url, cache_dir=str(tmp_path), no_cache=True, fetch=fetch)
    assert len(calls) == 2
    assert first.endswith(".yaml")


@pytest.mark.parametrize(
    ("url", "fixed"),
    [
        ("github://o/r@main/a.yaml", False),
        ("github://o/r@v1.2.3/a.yaml", True),
        ("github://o/r@1.0/a.yaml", True),
        ("gitlab://o/r@0123456789abcdef0123456789abcdef01234567/a.yaml", True),
        ("github://o/r/a.yaml", False),
        ("https://files.example/a.yaml", False),
    ],
)
def test_what_a_commit_names_never_expires(tmp_path: Path, url: str, *, fixed: bool) -> None:
    """A commit or a version; a branch does."""
    cached = Cached(tmp_path)
    cached.ttl = 0.0
    cached.keep(url, b"x")
    assert (cached.find(url) is not None) is fixed


def test_the_cache_has_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest files make room for the newest."""
    monkeypatch.setenv("TEA_CACHE_MAX_SIZE", "10")
    cached = Cached(tmp_path)
    for number in range(4):
        cached.keep(f"https://files.example/{number}", b"12345")
    assert sorted(entry.url[-1] for entry in cached.entries().values()) == ["2", "3"]


def test_a_hostile_manifest_reads_nothing_outside(tmp_path: Path) -> None:
    """A file name with a path in it is no entry."""
    row = {"url": "u", "file": "../../etc/passwd", "fetched": 0, "size": 1, "fixed": True}
    (tmp_path / "manifest.json").write_text(json.dumps({"x": row}))
    assert Cached(tmp_path).entries() == {}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://localhost/x",
        "http://10.0.0.8/x",
        "http://192.168.1.1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/x",
        "file:///etc/passwd",
    ],
)
def test_private_hosts_are_refused(url: str) -> None:
    """This machine, its network, and the metadata of a cloud."""
    with pytest.raises(PermissionError):
        refuse_private(url)
