"""What the last event of a run holds, whichever call it is that brings it to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow import StateGraph, YAMLEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

State = dict[str, Any]
THREAD = {"thread_id": "t"}
SCHEMA = {"twice": "{{ state.n * 2 }}"}


def asking(engine: YAMLEngine, *, schema: bool) -> StateGraph:
    """Load a file that stops once."""
    definition: State = {
        "settings": {"journal": "memory:"},
        "nodes": [{"name": "a"}, {"name": "b", "run": "return {'n': 2}", "interrupt": "before"}],
    }
    if schema:
        definition["output_schema"] = SCHEMA
    return engine.load_from_dict(definition)


def run_id(graph: StateGraph) -> str:
    """Name the last run."""
    found: str = graph.journal.runs("t")[-1].run_id
    return found


CALLS: dict[str, Callable[[StateGraph, str], Iterator[State]]] = {
    "from the interrupt": lambda graph, place: graph.invoke(None, checkpoint=place),
    "with changes": lambda graph, place: graph.invoke({"n": 1}, checkpoint=place),
    "by its thread": lambda graph, _: graph.invoke(None, THREAD),
    "in a stream": lambda graph, place: graph.stream(None, checkpoint=place),
}


@pytest.mark.parametrize("schema", [False, True])
@pytest.mark.parametrize("call", CALLS)
def test_a_run_that_goes_on_tells_what_there_is(call: str, *, schema: bool) -> None:
    """`output` where the file has an output schema; told again and replayed it is the same."""
    with YAMLEngine() as engine:
        graph = asking(engine, schema=schema)
        (stop,) = graph.invoke({"n": 1}, THREAD)
        end = list(CALLS[call](graph, stop["checkpoint_path"]))[-1]
        expected = {"type": "final", "state": {"n": 2}}
        assert end == ({**expected, "output": {"twice": 4}} if schema else expected)
        assert list(graph.invoke(None, THREAD)) == [end]
        assert list(graph.stream(None, THREAD)) == [end]
        assert list(graph.replay(run_id(graph))) == [end]


def test_a_run_from_its_input_always_tells_an_output() -> None:
    """None without an output schema; in a stream it is not there."""
    graph = StateGraph({})
    graph.add_node("a")
    graph.set_entry_point("a")
    graph.set_finish_point("a")
    graph.compile()
    assert list(graph.invoke({})) == [{"type": "final", "state": {}, "output": None}]
    assert list(graph.stream({}))[-1] == {"type": "final", "state": {}}


def test_an_answer_to_a_request_is_told_again() -> None:
    """As the response it was."""
    with YAMLEngine() as engine:
        graph = engine.load_from_dict(
            {
                "settings": {"journal": "memory:"},
                "nodes": [
                    {"name": "a", "uses": "http.respond", "with": {"status": 201, "body": {"k": 1}}}
                ],
            }
        )
        (answer,) = graph.invoke({}, THREAD)
        assert (answer["type"], answer["node"], answer["status"]) == ("http_response", "a", 201)
        assert list(graph.invoke(None, THREAD)) == [answer]
        (failed,) = graph.stream(None, THREAD)
        assert (failed["type"], failed["node"], failed["error"]) == ("error", "a", "HTTP 201")


def test_a_replay_saves_no_session() -> None:
    """It writes nothing at all."""
    with YAMLEngine() as engine:
        graph = engine.load_from_dict(
            {
                "settings": {"journal": "memory:", "session": {"backend": "memory"}},
                "nodes": [{"name": "a", "run": "return {'n': 1}"}],
            }
        )
        list(graph.invoke({"session_id": "s"}, THREAD))
        assert engine.session_backend.load("s")["n"] == 1
        engine.session_backend.save("s", {"n": 5}, None)
        list(graph.replay(run_id(graph)))
        assert engine.session_backend.load("s")["n"] == 5
