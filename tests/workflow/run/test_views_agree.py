"""Every way of running a graph tells the same story, that of a few lines of plain Python."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from codeanatomy.workflow import END, START, StateGraph
from codeanatomy.workflow.journal.open import open_journal

if TYPE_CHECKING:
    from collections.abc import Callable

State = dict[str, Any]
LIMIT = 12
NAMES = "abcd"

# what a node does, and where it leads on an even and on an odd count
nodes = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["count", "number", "none", "fail", "await", "mutate"]),
        "even": st.sampled_from([*NAMES, END, ""]),
        "odd": st.sampled_from([*NAMES, END, ""]),
    }
)
programs = st.fixed_dictionaries(dict.fromkeys(NAMES, nodes))


def behaviour(kind: str) -> Callable[..., Any] | None:
    """Give the function of a node."""

    def count(state: State) -> State:
        return {"n": state["n"] + 1}

    def number(state: State) -> int:
        state["n"] += 1
        return int(state["n"])

    def fail(state: State) -> State:
        raise ValueError(f"at {state['n']}")

    async def wait(state: State) -> State:
        await asyncio.sleep(0)
        return {"n": state["n"] + 1}

    def mutate(state: State) -> State:
        state["n"] += 1
        state["seen"] = [*state.get("seen", []), state["n"]]
        return state

    known = {"count": count, "number": number, "fail": fail, "await": wait, "mutate": mutate}
    return known.get(kind)


def declared(program: State, **options: Any) -> StateGraph:  # noqa: ANN401 - of compile
    """Make the graph of a program."""
    graph = StateGraph({})
    for name in program:
        graph.add_node(name, behaviour(program[name]["kind"]))
    graph.add_edge(START, "a")
    for name, node in program.items():
        graph.add_conditional_edges(
            name, lambda state: state["n"] % 2, {0: node["even"], 1: node["odd"]}
        )
    return graph.compile(max_steps=LIMIT, **options)


def told(program: State) -> list[tuple[str, Any, State]]:
    """Interpret a program: the events of stream as (type, node, state)."""
    state: State = {"n": 0}
    story: list[tuple[str, Any, State]] = []
    at = "a"
    for _ in range(LIMIT):
        kind = program[at]["kind"]
        if kind == "fail":
            return [*story, ("error", at, dict(state))]
        if kind != "none":
            state["n"] += 1
            if kind == "number":
                state["result"] = state["n"]
            if kind == "mutate":
                state["seen"] = [*state.get("seen", []), state["n"]]
            story.append(("state", at, dict(state)))
        following = program[at]["odd" if state["n"] % 2 else "even"]
        if not following:
            return [*story, ("error", at, dict(state))]
        if following == END:
            return [*story, ("final", None, dict(state))]
        at = following
    return [*story, ("error", at, dict(state))]


def short(events: list[State]) -> list[tuple[str, Any, State]]:
    """Keep what every event says."""
    return [(e["type"], e.get("node"), e["state"]) for e in events]


async def collected(events: Any) -> list[State]:  # noqa: ANN401 - an asynchronous iterator
    """Take every event."""
    return [event async for event in events]


@given(programs)
@settings(max_examples=60)
def test_stream_tells_what_happens(program: State) -> None:
    """Node by node, with the state of that moment."""
    assert short(list(declared(program).stream({"n": 0}))) == told(program)


@given(programs)
@settings(max_examples=60)
def test_invoke_tells_how_it_ends(program: State) -> None:
    """The last event is the same."""
    assert short(list(declared(program).invoke({"n": 0}))) == told(program)[-1:]


@given(programs)
@settings(max_examples=30)
def test_an_asynchronous_run_is_the_same(program: State) -> None:
    """Where a node runs makes no difference."""
    events = asyncio.run(collected(declared(program).astream({"n": 0})))
    assert short(events) == told(program)


@given(programs)
@settings(max_examples=30)
def test_a_journaled_run_is_the_same(program: State) -> None:
    """Its record holds the steps that were told."""
    story = told(program)
    with open_journal("memory:") as journal:
        events = list(declared(program, journal=journal).stream({"n": 0}, {"thread_id": "t"}))
        assert short(events) == story
        run = journal.runs("t")[0]
        steps = [s.node for s in journal.steps(run.run_id) if s.kind == "step"]
        recorded = [n for n in steps if program[n]["kind"] != "none"]
        assert recorded == [node for kind, node, _ in story if kind == "state"]


@given(programs)
@settings(max_examples=30)
def test_an_inner_graph_ends_in_the_same_state(program: State) -> None:
    """As a node of another graph it does what it does alone."""
    outer = StateGraph({})
    outer.add_node("inner", declared(program))
    outer.set_entry_point("inner")
    outer.set_finish_point("inner")
    (event,) = outer.compile().invoke({"n": 0})
    kind, _, state = told(program)[-1]
    assert event["type"] == kind
    if kind == "final":
        assert event["state"] == state
