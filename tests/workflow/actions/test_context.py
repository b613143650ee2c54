"""What goes into a prompt: the pieces that matter most, within the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.storage.blob import BlobStorage
from tests.workflow.plain_host import host_with

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "rules/be_kind.md": "always be kind",
    "rules/tea.md": "make tea with hot water",
    "notes/ann/today.md": "Ann drank tea " + "and water " * 20,
}


def assemble(config: dict[str, Any], **params: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters
    """Assemble from files in memory."""
    host = host_with("context")
    found: dict[str, Any] = host.actions_registry["context.assemble"](
        state={"who": "ann"},
        config=config,
        list_fn=lambda path: [name for name in FILES if name.startswith(path)],
        retrieve_fn=FILES.__getitem__,
        **params,
    )
    return found


LAYERS = [
    {"scope": "rules", "path": "rules", "priority": 1.0},
    {"scope": "notes", "path": "notes/{{ state.who }}", "priority": 0.0},
]


def test_the_best_pieces_come_first() -> None:
    """Seven parts relevance, three parts priority."""
    answer = assemble({"layers": LAYERS}, query="tea water")
    assert (answer["success"], answer["truncated"], answer["tabular"]) == (True, False, [])
    assert [(s["path"], s["scope"], s["score"]) for s in answer["sources"]] == [
        ("rules/tea.md", "rules", 1.0),
        ("notes/ann/today.md", "notes", 0.7),
        ("rules/be_kind.md", "rules", 0.3),
    ]
    assert answer["context"].startswith("## rules/tea.md\nmake tea with hot water\n\n## notes")
    assert answer["tokens"] == len(answer["context"]) // 4


def test_what_does_not_fit_is_left_out() -> None:
    """And said so; a smaller piece may still fit."""
    answer = assemble({"layers": LAYERS, "max_tokens": 10}, query="tea water")
    assert [source["path"] for source in answer["sources"]] == ["rules/tea.md", "rules/be_kind.md"]
    assert answer["truncated"] is True


def test_a_layer_has_its_own_limit() -> None:
    """So that none takes all."""
    layer = {**LAYERS[0], "max_tokens": 5}
    answer = assemble({"layers": [layer, LAYERS[1]]}, query="tea water")
    assert [s["path"] for s in answer["sources"]] == ["rules/tea.md", "notes/ann/today.md"]


def test_paths_may_use_variables() -> None:
    """Those of the call."""
    layer = {"scope": "n", "path": "{{ place }}/{{ state.who }}"}
    answer = assemble({"layers": [layer]}, variables={"place": "notes"})
    assert [source["path"] for source in answer["sources"]] == ["notes/ann/today.md"]


def test_tables_are_asked_through_the_action() -> None:
    """Their rows are part of the context."""
    host = host_with("context", settings={"context": {"tabular": [{"table": "t", "limit": 1}]}})
    host.actions_registry["data.query"] = lambda **_: {
        "success": True,
        "rows": [{"n": 1}, {"n": 2}],
    }
    ask = host.actions_registry["context.assemble"]
    answer = ask(state={"_list_fn": lambda _: [], "_retrieve_fn": str})
    assert answer["tabular"] == [{"table": "t", "rows": [{"n": 1}]}]
    assert answer["context"] == "## t\n{'n': 1}"
    host.actions_registry["data.query"] = lambda **_: {"success": False, "error": "gone"}
    failed = ask(state={"_list_fn": lambda _: [], "_retrieve_fn": str})
    assert failed["error"] == "Context assembly failed: table t: gone"


def test_the_blob_storage_of_the_engine_is_read(tmp_path: Path) -> None:
    """When no functions are given."""
    storage = BlobStorage(tmp_path)
    storage.write("rules/a.md", b"be brief")
    host = host_with("context", blob_storage=storage)
    answer = host.actions_registry["context.assemble"](
        state={}, config={"layers": [{"scope": "r", "path": "rules"}]}
    )
    assert answer["context"] == "## rules/a.md\nbe brief"


@pytest.mark.parametrize("params", [{}, {"list_fn": list}, {"retrieve_fn": str}])
def test_without_functions_nothing_can_be_read(params: dict[str, Any]) -> None:
    """A matter of configuration."""
    answer = host_with("context").actions_registry["context.assemble"](
        state={}, config={}, **params
    )
    assert (answer["success"], answer["error_type"]) == (False, "configuration_error")
