"""Sections and settings that actions read: limits, cache, schemas, agents; and results of branches."""

# ruff: noqa: ARG001, E501 - actions take a state; an agent is a line

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.workflow.contract.yaml_runs import State, engine_with, events, final, parsed


def counting() -> tuple[Any, list[State]]:
    """Return an action and the list of its calls."""
    calls: list[State] = []

    def act(state: State, **params: Any) -> State:  # noqa: ANN401 - parameters of any type
        calls.append(params)
        return {"n": len(calls), "success": True}

    return act, calls


def test_cache_is_named_after_the_agent() -> None:
    """A wrapped action is called once; its key has the agent's name."""
    act, calls = counting()
    text = """
    name: cached-agent
    nodes:
      - {name: a, uses: cache.wrap, with: {action: act, args: {x: 1}, key: k}, output: first}
      - {name: b, uses: cache.wrap, with: {action: act, args: {x: 1}, key: k}, output: second}
    """
    state = final(text, {}, {"act": act})
    assert len(calls) == 1
    assert [state[k]["_cache_hit"] for k in ("first", "second")] == [False, True]
    assert state["second"]["result"] == state["first"]["result"]
    assert state["first"]["_cache_key"] == "cache:cached-agent:k"


def test_settings_name_comes_first_in_the_cache() -> None:
    """`settings.name` wins over the name of the file."""
    act, _ = counting()
    text = """
    name: file-name
    settings: {name: own-name}
    nodes: [{name: a, uses: cache.wrap, with: {action: act, args: {}, key: k}, output: o}]
    """
    assert final(text, {}, {"act": act})["o"]["_cache_key"] == "cache:own-name:k"


def test_rate_limiters_of_the_settings() -> None:
    """A limiter that the settings declare makes the second call wait, and one may not wait long."""
    act, calls = counting()
    text = """
    settings: {rate_limiters: {slow: {rps: 0.01}}}
    nodes:
      - {name: a, uses: ratelimit.wrap, with: {action: act, args: {}, limiter: slow}, output: first}
      - {name: b, uses: ratelimit.wrap, with: {action: act, args: {}, limiter: slow, timeout: 0.01}, output: second}
    """
    state = final(text, {}, {"act": act})
    assert state["first"]["success"] is True
    assert state["second"]["error_type"] == "ratelimit_timeout"
    assert len(calls) == 1


EXTRACTION = """
extraction_schema:
  entities:
    required_fields: [name, type]
  relationships:
    types: [KNOWS]
nodes:
  - {name: a, uses: validate.extraction, output: check}
"""


@pytest.mark.parametrize(
    ("entities", "valid"), [([{"name": "Ann", "type": "Person"}], True), ([{"name": "Ann"}], False)]
)
def test_extraction_schema_of_the_file(entities: list[State], valid: bool) -> None:  # noqa: FBT001 - a column
    """The section is the default schema of `validate.extraction`."""
    state = final(EXTRACTION, {"entities": entities, "relationships": [], "text": "Ann"})
    assert state["check"]["valid"] is valid


OUTPUTS = [
    ("output: all", "[r['v'] for r in state['all']]", [2, 4]),
    ("output: {count: '{{ result | length }}'}", "state['count']", 2),
    ("output: {first: '{{ result[0].v }}'}", "state['first']", 2),
    ("output: {missing: '{{ result[0].no }}'}", "state['missing']", ""),
]


@pytest.mark.parametrize(("output", "expression", "expected"), OUTPUTS)
def test_output_of_a_dynamic_fan_out(output: str, expression: str, expected: object) -> None:
    """The results of the branches go where the output says, beside `parallel_results`."""
    text = f"""
    nodes:
      - name: d
        type: dynamic_parallel
        items: "{{{{ state.xs }}}}"
        fan_in: j
        {output}
        steps: [{{name: s, run: 'return {{"v": state["item"] * 2}}'}}]
      - {{name: j, fan_in: true, run: "return {{'seen': {expression}, 'n': len(parallel_results)}}"}}
    """
    state = final(text, {"xs": [1, 2]})
    assert (state["seen"], state["n"]) == (expected, 2)


def test_concurrency_may_be_a_template() -> None:
    """`max_concurrency` out of a template limits how many branches run at once."""
    running: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    def act(state: State, **_: object) -> State:
        with lock:
            running.append(1)
            most.append(len(running))
        threading.Event().wait(0.01)
        with lock:
            running.pop()
        return {}

    text = """
    variables: {limit: 2}
    nodes:
      - {name: d, type: dynamic_parallel, items: "{{ range(6) }}", max_concurrency: "{{ variables.limit }}", fan_in: j, action: {uses: act}}
      - {name: j, fan_in: true}
    """
    final(text, {}, {"act": act})
    assert (len(most), max(most)) == (6, 2)


def test_two_files_in_two_threads() -> None:
    """Graphs of one engine that run at the same time each see their own file."""
    meet = threading.Barrier(2, timeout=5)
    seen: dict[str, str] = {}
    with engine_with() as engine:

        def who(state: State, me: str, **_: object) -> State:
            meet.wait()
            seen[me] = engine.variables["me"]
            meet.wait()
            return {}

        engine.actions_registry["who"] = who
        graphs = [
            engine.load_from_dict(
                parsed(
                    f"variables: {{me: {name}}}\n"
                    "nodes: [{name: a, uses: who, with: {me: '{{ variables.me }}'}}]"
                )
            )
            for name in ("one", "two")
        ]
        threads = [threading.Thread(target=lambda g=g: list(g.invoke({}))) for g in graphs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == {"one": "one", "two": "two"}


@pytest.mark.parametrize("view", ["invoke", "stream"])
def test_output_schema_in_every_view(view: str) -> None:
    """The shaped output is the same whoever looks."""
    text = """
    output_schema: {n: "{{ state.n }}", gone: {value: "{{ state.none }}"}}
    nodes: [{name: a, run: "return {'n': state['n'] + 1}"}]
    """
    assert events(text, {"n": 1}, view=view)[-1]["output"] == {"n": 2}


def test_session_is_saved_in_every_view() -> None:
    """What one view stores, another finds."""
    text = """
    settings: {session: {backend: memory, auto_save: true}}
    nodes: [{name: a, run: "return {'n': state.get('n', 0) + 1}"}]
    """
    with engine_with() as engine:
        graph = engine.load_from_dict(parsed(text))
        for view in ("invoke", "stream", "invoke"):
            last = list(getattr(graph, view)({"session_id": "s"}))[-1]
    assert last["state"]["n"] == 3


@pytest.mark.parametrize(
    ("settings", "kept"),
    [("{backend: memory}", 1), ("{backend: memory, auto_save: false}", None)],
)
def test_auto_save(settings: str, kept: int | None) -> None:
    """A session is stored at the end unless the file says it is not."""
    text = f"settings: {{session: {settings}}}\nnodes: [{{name: a, run: 'return {{\"n\": 1}}'}}]"
    with engine_with() as engine:
        graph = engine.load_from_dict(parsed(text))
        list(graph.invoke({"session_id": "s"}))
        found = engine.session_backend.load("s")
    assert (found or {}).get("n") == kept


def test_session_actions_use_the_same_store() -> None:
    """`session.load` and `session.save` work on the configured store."""
    text = """
    settings: {session: {backend: memory, auto_save: false}}
    nodes:
      - {name: a, uses: session.save, with: {session_id: s, fields: [x]}, output: saved}
      - {name: b, uses: session.load, with: {session_id: s}, output: loaded}
      - {name: c, uses: session.exists, with: {session_id: other}, output: other}
    """
    state = final(text, {"x": 5, "y": 6})
    assert state["saved"]["success"] is True
    assert state["loaded"] == {"x": 5}
    assert state["other"] == {"exists": False}
