"""`tea validate`, `inspect`, `cache`, `schema merge` and `trace`."""

from __future__ import annotations

import gzip
import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cli.tea.cached import Cached
from tests.workflow.contract.tea import FAN_OUT, TWO_NODES, tea, written

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86400


# ------------------------------------------------------------------ validate
def test_a_valid_file(tmp_path: Path) -> None:
    """One line, exit 0."""
    file = written(tmp_path, TWO_NODES)
    result = tea("validate", file)
    assert result.exit_code == 0
    assert result.stdout == (
        f"OK: {file} (2 nodes, 3 edges) [structural checks only — run blocks not executed]\n"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nodes: [{name: a}, {name: a}]\n", "DUPLICATE_NODE"),
        ("nodes: [{name: a, goto: b}]\n", "GOTO_UNDEFINED"),
        ("nodes: [{name: a}]\nedges: [{from: a, to: x}]\n", "EDGE_TO_UNDEFINED"),
        ("name: x\n", "MISSING_FIELD"),
        ("a: [1\n", "YAML_PARSE"),
        ("- 1\n", "INVALID_ROOT"),
    ],
)
def test_an_invalid_file(tmp_path: Path, text: str, code: str) -> None:
    """File, line, column and code on standard error, a last line that counts, exit 1."""
    file = written(tmp_path, text)
    result = tea("validate", file)
    first, *_, last = result.stderr.splitlines()
    assert result.exit_code == 1
    place, _, rest = first.partition(": error [")
    assert place.startswith(f"{file}:")
    assert all(part.isdigit() for part in place.removeprefix(f"{file}:").split(":"))
    assert rest.startswith(f"{code}]: ")
    assert last == f"FAIL: {file} (1 error(s), 0 warning(s))"


def test_the_node_of_an_error_is_named(tmp_path: Path) -> None:
    """On a line of its own."""
    result = tea("validate", written(tmp_path, "nodes: [{name: a, goto: nowhere}]\n"))
    assert "    node: a\n" in result.stderr


def test_a_detailed_check(tmp_path: Path) -> None:
    """What the file holds comes first."""
    out = tea("validate", written(tmp_path, TWO_NODES), "--detailed").stdout
    assert out.startswith("Workflow: two\nNodes (2):\n  - first\n  - second\nEdges (3):\n")


@pytest.mark.parametrize(("words", "status"), [((), 0), (("--strict",), 1)])
def test_warnings_fail_only_a_strict_check(
    tmp_path: Path, words: tuple[str, ...], status: int
) -> None:
    """A node that nothing leads to is suspicious."""
    text = "nodes: [{name: a, goto: __end__}, {name: lost}]\nedges: [{from: __start__, to: a}]\n"
    result = tea("validate", written(tmp_path, text), *words)
    assert result.exit_code == status


def test_a_missing_file_is_named() -> None:
    """Exit 1."""
    result = tea("validate", "no.yaml")
    assert (result.exit_code, result.stderr) == (1, "Error: File not found: no.yaml\n")


# ------------------------------------------------------------------ inspect
def test_a_file_is_shown_as_text(tmp_path: Path) -> None:
    """Name, nodes, edges with their conditions, variables."""
    text = TWO_NODES.replace("to: second}", "to: second, when: 'state.x > 0'}")
    out = tea("inspect", written(tmp_path, text)).stdout
    assert out.startswith("Workflow: two\n")
    for line in (
        "Nodes (2):",
        "Edges (3):",
        "first -> second [when: state.x > 0]",
        "second -> __end__",
        "Variables:",
        "lang: en",
    ):
        assert line in out


def test_a_file_is_shown_as_json(tmp_path: Path) -> None:
    """As it was read."""
    out = tea("inspect", written(tmp_path, TWO_NODES), "-f", "json").stdout
    assert json.loads(out)["variables"] == {"lang": "en"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("dot", ["digraph fan {", "shape=ellipse", '"begin" -> "left"']),
        ("mermaid", ["graph TD", "begin-->|parallel→join|left", "join-->__end__"]),
        ("ascii", ["(START)", "[begin]", "─► [left]", "(END)"]),
    ],
)
def test_a_graph_is_drawn(tmp_path: Path, form: str, expected: list[str]) -> None:
    """For Graphviz, for Mermaid, for a terminal."""
    out = tea("inspect", written(tmp_path, FAN_OUT), "--format", form).stdout
    assert [text for text in expected if text not in out] == []


@pytest.mark.parametrize(
    ("words", "status"), [(("no.yaml",), 1), (("FILE", "-f", "png"), 2), (("BAD",), 1)]
)
def test_what_cannot_be_shown(tmp_path: Path, words: tuple[str, ...], status: int) -> None:
    """Is refused."""
    file, bad = written(tmp_path, TWO_NODES), written(tmp_path, "a: [", "bad.yaml")
    result = tea("inspect", *(w.replace("FILE", file).replace("BAD", bad) for w in words))
    assert result.exit_code == status
    assert result.stderr.startswith("Error")


# ------------------------------------------------------------------ cache
@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cached:
    """Make a cache with two files, one of them old."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = Cached()
    found.keep("https://files.example/old.yaml", b"old")
    manifest = json.loads(found.manifest.read_text())
    for row in manifest.values():
        row["fetched"] -= 3 * DAY
    found.manifest.write_text(json.dumps(manifest))
    found.keep("https://files.example/new.yaml", b"new!")
    return found


def test_the_cache_lies_where_it_should(cached: Cached, tmp_path: Path) -> None:
    """`$XDG_CACHE_HOME/tea/remote`, with a manifest."""
    assert cached.folder == tmp_path / "tea" / "remote"
    assert (cached.folder / "manifest.json").is_file()


def test_the_cache_is_listed(cached: Cached) -> None:
    """As a table or as JSON."""
    out = tea("cache", "list").stdout
    assert "https://files.example/old.yaml" in out
    assert out.endswith("Total: 2 entries\n")
    rows = json.loads(tea("cache", "list", "--json").stdout)
    assert [(row["size"], row["fresh"]) for row in rows] == [(3, False), (4, True)]
    assert len(cached.entries()) == 2


@pytest.mark.parametrize(
    ("words", "said", "left"),
    [
        (("--older-than", "2d"), "Cleared 1 cache entries", 1),
        (("--older-than", "71h"), "Cleared 1 cache entries", 1),
        (("--older-than", "9d"), "Cleared 0 cache entries", 2),
        (("--older-than", "0s"), "Cleared 2 cache entries", 0),
        (("--force",), "Cleared 2 cache entries", 0),
    ],
)
def test_the_cache_is_cleared(cached: Cached, words: tuple[str, ...], said: str, left: int) -> None:
    """All of it, or what is old."""
    result = tea("cache", "clear", *words)
    assert result.stdout == f"{said}\n"
    assert len(cached.entries()) == left
    assert len(list(cached.folder.glob("*.yaml"))) == left


@pytest.mark.parametrize("text", ["7", "d", "7w", "-1d", "1.5h", ""])
def test_a_bad_duration_is_named(cached: Cached, text: str) -> None:
    """Exit 1, nothing removed."""
    result = tea("cache", "clear", "--older-than", text)
    assert result.exit_code == 1
    assert "Error: Invalid duration format" in result.stderr
    assert len(cached.entries()) == 2


def test_an_empty_cache_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both commands."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert tea("cache", "list").stdout == "Cache is empty\n"
    assert tea("cache", "clear", "--force").stdout == "Cache is already empty\n"
    assert "Entries: 0" in tea("cache", "info").stdout


# ------------------------------------------------------------------ schema merge
@pytest.mark.parametrize("words", [(), ("--dry-run", "-o", "OUT")])
def test_schemas_are_merged(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Deeply, the last one wins; printed with an indent of two."""
    one = written(tmp_path, '{"type": "object", "properties": {"a": {"type": "string"}}}', "1.json")
    two = written(tmp_path, "properties: {b: {type: integer}}\n", "2.yaml")
    out = str(tmp_path / "out.json")
    result = tea("schema", "merge", one, two, *(w.replace("OUT", out) for w in words))
    assert result.stdout.startswith('{\n  "type": "object"')
    assert list(json.loads(result.stdout)["properties"]) == ["a", "b"]
    assert not os.path.exists(out)  # noqa: PTH110 - a text of the command line


def test_a_merged_schema_is_written(tmp_path: Path) -> None:
    """And said so on standard error."""
    one, out = written(tmp_path, '{"type": "object"}', "1.json"), tmp_path / "out.json"
    result = tea("schema", "merge", one, "-o", str(out), "--validate")
    assert f"✓ Merged schema written to {out}" in result.stderr
    assert "✓ Merged schema is valid JSON Schema" in result.stderr
    assert json.loads(out.read_text()) == {"type": "object"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "Error: No schemas provided"),
        (("no.json",), "Error: File not found: no.json"),
        (("BAD", "--validate"), "not valid JSON Schema"),
        (("LIST",), "must be a mapping, got list"),
    ],
)
def test_schemas_that_cannot_be_merged(
    tmp_path: Path, words: tuple[str, ...], expected: str
) -> None:
    """Exit 1."""
    bad = written(tmp_path, '{"type": "nothing"}', "bad.json")
    row = written(tmp_path, "[1]", "list.json")
    names = (word.replace("BAD", bad).replace("LIST", row) for word in words)
    result = tea("schema", "merge", *names)
    assert result.exit_code == 1
    assert expected in result.stderr


# ------------------------------------------------------------------ trace
@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """Make a folder with an old trace, a new one, and an old link."""
    place = tmp_path / "traces"
    place.mkdir()
    moment = time.time() - 10 * DAY
    for name, data in (("old.jsonl", b"{}\n"), ("new.jsonl", b"{}\n"), ("old.txt", b"kept")):
        (place / name).write_bytes(data)
        if name.startswith("old"):
            os.utime(place / name, (moment, moment))
    (place / "link.jsonl").symlink_to(place / "old.txt")
    return place


def test_old_traces_are_removed(traces: Path) -> None:
    """Only traces, only old ones; links are left alone."""
    result = tea("trace", "cleanup", str(traces), "--older-than", "7")
    first, last = result.stdout.splitlines()
    assert first.startswith(f"deleted: {traces / 'old.jsonl'} (0.00 MB, mtime=")
    assert last == "Deleted 1 files, freed 0.00 MB"
    assert sorted(path.name for path in traces.iterdir()) == ["link.jsonl", "new.jsonl", "old.txt"]


def test_a_dry_run_removes_nothing(traces: Path) -> None:
    """It says what would go."""
    result = tea("trace", "cleanup", str(traces), "--older-than", "7", "--dry-run")
    assert result.stdout.startswith(f"[dry-run] would delete: {traces / 'old.jsonl'} (")
    assert (traces / "old.jsonl").is_file()


def test_nothing_old_is_nothing_removed(traces: Path) -> None:
    """And said so."""
    result = tea("trace", "cleanup", str(traces), "--older-than", "30")
    assert (result.exit_code, result.stdout) == (0, "Deleted 0 files, freed 0 MB\n")


@pytest.mark.parametrize(
    "words", [("TRACES",), ("TRACES", "--older-than", "0"), ("nowhere", "--older-than", "3")]
)
def test_a_cleanup_that_makes_no_sense(traces: Path, words: tuple[str, ...]) -> None:
    """Exit 2."""
    result = tea("trace", "cleanup", *(w.replace("TRACES", str(traces)) for w in words))
    assert result.exit_code == 2
    assert (traces / "old.jsonl").is_file()


def test_traces_are_printed(tmp_path: Path) -> None:
    """Packed ones are unpacked."""
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.llm.jsonl.gz"
    plain.write_text('{"n": 1}\n')
    packed.write_bytes(gzip.compress(b'{"n": 2}\n') + gzip.compress(b'{"n": 3}\n'))
    out = tea("trace", "cat", str(plain), str(packed)).stdout
    assert [json.loads(line)["n"] for line in out.splitlines()] == [1, 2, 3]


def test_a_missing_trace_is_a_usage_error() -> None:
    """Exit 2."""
    assert tea("trace", "cat", "no.jsonl").exit_code == 2
