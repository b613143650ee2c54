"""Secrets stay out of all that a run writes, also as JSON, reprs and addresses spell them."""

from __future__ import annotations

import html
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from the_edge_agent import StateGraph, YAMLEngine

from codeanatomy.workflow.redact import forget_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = {
    "PLAIN": "planted-plain",
    "QUOTED": "planted\"q\\uo'ted",
    "LINES": "planted-begin\nplanted-line\n-end",
    "LETTERS": "plantéd-ü",
}
CODE = """
found = {n: actions["secrets.get"](state=state, key=n)["value"] for n in variables["names"]}
both = list(found.values())
return {
    "found": found, "json": json.dumps(both), "repr": repr(both), "key": {found["PLAIN"]: 1},
    "text": "<" + found["QUOTED"] + ">", "address": variables["address"] + found["PLAIN"],
}
"""


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Plant the secrets, and forget them at the end."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"MY_{name}", value)
    yield
    forget_secrets()


def agent(folder: Path) -> dict[str, Any]:
    """Return a file that puts its secrets into everything that is written."""
    return {
        "variables": {"names": list(SECRETS), "address": "http://x/?key="},
        "settings": {
            "auto_trace": True,
            "trace_exporter": "file",
            "trace_file": str(folder / "trace.jsonl"),
            "secrets": {"backend": "env", "prefix": "MY_"},
            "journal": f"sqlite:///{folder / 'journal.db'}",
        },
        "observability": {
            "enabled": True,
            "level": "debug",
            "handlers": [{"type": "file", "path": str(folder / "events.jsonl")}],
        },
        "config": {"interrupt_after": ["told"]},
        "nodes": [
            {"name": "find", "run": CODE},
            {"name": "log", "uses": "trace.start", "with": {"name": "{{ secrets.LINES }}"}},
            {"name": "shot", "uses": "trace.log", "with": {"snapshot_state": True}},
            {"name": "end", "uses": "trace.end"},
            {
                "name": "save",
                "uses": "checkpoint.save",
                "with": {"path": str(folder / "saved.pkl")},
            },
            {"name": "told", "uses": "obs.log_event", "with": {"message": "{{ state.json }}"}},
            {"name": "fail", "run": "raise KeyError(state['repr'] + state['found']['LINES'])"},
        ],
    }


def spellings(secret: str) -> set[str]:
    """Return how a secret may look in a file."""
    plain, letters = json.dumps(secret), json.dumps(secret, ensure_ascii=False)
    address = quote(secret, safe="")
    return {secret, plain[1:-1], letters[1:-1], repr(secret)[1:-1], address, html.escape(secret)}


def test_nothing_that_is_written_holds_a_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither journal, checkpoint, trace, event nor log; and the run itself still has them."""
    engine = YAMLEngine(enable_ltm=False)
    graph = engine.load_from_dict(agent(tmp_path))
    with caplog.at_level(logging.DEBUG):
        (stopped,) = graph.invoke({}, config={"thread_id": "t"})
        *_, failed = graph.invoke(None, config={"thread_id": "t"})
    engine.close()
    assert stopped["state"]["found"] == SECRETS
    assert (failed["type"], failed["node"]) == ("error", "fail")
    assert failed["state"]["json"] == json.dumps(list(SECRETS.values()))
    assert failed["state"]["repr"] == repr(list(SECRETS.values()))
    written = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    written["log"] = caplog.text.encode()
    assert {"trace.jsonl", "events.jsonl", "journal.db", "saved.pkl"} <= set(written)
    for name, data in written.items():
        held = [s for value in SECRETS.values() for s in spellings(value) if s.encode() in data]
        assert held == [], name
        assert b"planted" not in data, name


KEPT = """
return {"key": secrets["PLAIN"], "text": "<" + secrets["QUOTED"] + ">"}
"""
USED = """
return {"same": [state["key"] == secrets["PLAIN"], state["text"][1:-1] == secrets["QUOTED"]]}
"""


@pytest.mark.parametrize("kept", ["checkpoint", "journal"])
@pytest.mark.parametrize("fresh", [False, True])
def test_a_run_that_goes_on_has_its_secrets_again(
    tmp_path: Path, kept: str, *, fresh: bool
) -> None:
    """They are put back where the run goes on, also in a process that has not read them yet."""
    settings: dict[str, Any] = {"secrets": {"backend": "env", "prefix": "MY_"}}
    if kept == "journal":
        settings["journal"] = f"sqlite:///{tmp_path / 'journal.db'}"
    file = {
        "settings": settings,
        "config": {"checkpoint_dir": str(tmp_path / "kept"), "interrupt_after": ["keep"]},
        "nodes": [{"name": "keep", "run": KEPT}, {"name": "use", "run": USED}],
    }
    engine = YAMLEngine(enable_ltm=False)
    thread = {"thread_id": "t"}
    (stopped,) = engine.load_from_dict(file).invoke({}, config=thread)
    for path in filter(Path.is_file, tmp_path.rglob("*")):
        assert b"planted" not in path.read_bytes()
    if fresh:
        engine.close()
        forget_secrets()
        engine = YAMLEngine(enable_ltm=False)
    place = {"checkpoint": stopped["checkpoint_path"]} if kept == "checkpoint" else {}
    (final,) = engine.load_from_dict(file).invoke(None, config=thread, **place)
    assert final["state"]["same"] == [True, True]
    engine.close()


def test_two_values_of_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint never gets the value that the name of its secret has elsewhere."""
    states = []
    for value in ("planted-first", "planted-second"):
        monkeypatch.setenv("MY_PLAIN", value)
        engine = YAMLEngine(enable_ltm=False)
        file = {
            "settings": {"secrets": {"backend": "env", "prefix": "MY_"}},
            "config": {"checkpoint_dir": str(tmp_path), "interrupt_after": ["a"]},
            "nodes": [{"name": "a", "run": "return {'k': secrets['PLAIN']}"}],
        }
        (stopped,) = engine.load_from_dict(file).invoke({})
        states.append(StateGraph.load_checkpoint(stopped["checkpoint_path"])["state"]["k"])
        engine.close()
    assert states == ["planted-first", "[REDACTED]"]
