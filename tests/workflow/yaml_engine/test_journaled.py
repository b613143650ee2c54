"""Agent files on a journal: what was done is not done again, whatever node did it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine
from tests.workflow.local_server import serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

State = dict[str, Any]


class Died(BaseException):
    """Stands for the end of the process: no `except Exception` sees it."""


class World:
    """An action that changes the world, and that can end the process at its n-th call."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.dies_at: int | None = None

    def act(self, state: State, value: Any = None, **_: object) -> str:  # noqa: ANN401, ARG002 - as an action is called
        """Do something to the world."""
        if self.dies_at == len(self.calls):
            self.dies_at = None
            raise Died
        self.calls.append(value)
        return f"did {value}"


def run_twice(
    text: str, tmp_path: Path, dies_at: int, state: State, more: dict[str, Callable[..., Any]]
) -> tuple[State, list[Any]]:
    """Run an agent until it dies, run it again in a new engine; its end, and what was done."""
    world = World()
    world.dies_at = dies_at
    definition = yaml.safe_load(text)
    definition.setdefault("settings", {})["journal"] = f"sqlite:///{tmp_path / 'journal.db'}"
    for last in (False, True):
        engine = YAMLEngine(actions_registry={"world.act": world.act, **more})
        graph = engine.load_from_dict(definition)
        try:
            events = list(graph.invoke(state, config={"thread_id": "t"}))
        except Died:
            assert not last
        else:
            assert last
        finally:
            engine.close()
    return events[-1], world.calls


LINEAR = """
nodes:
  - {name: a, uses: world.act, with: {value: a}, output: a}
  - {name: b, uses: world.act, with: {value: b}, output: b}
  - {name: c, uses: world.act, with: {value: c}, output: c}
"""
STEPS = """
nodes:
  - name: s
    steps:
      - {uses: world.act, with: {value: a}, output: a}
      - {uses: world.act, with: {value: b}, output: b}
      - {uses: world.act, with: {value: c}, output: c}
"""
CODE = """
nodes:
  - name: s
    run: |
      a = actions["world.act"](state=state, value="a")
      b = actions.world.act(state, value="b")
      c = actions["world.act"](state=state, value="c")
"""
LOOP = """
nodes:
  - name: w
    type: while_loop
    condition: "state.i < 3"
    max_iterations: 5
    body:
      - {name: act, uses: world.act, with: {value: "{{ 'abc'[state.i] }}"}, output: "x"}
      - {name: next, run: "return {'i': state['i'] + 1, 'abc'[state['i']]: state['x']}"}
"""
SUBGRAPH = """
nodes:
  - name: s
    input: {v: a}
    subgraph:
      nodes:
        - {name: a, uses: world.act, with: {value: a}, output: a}
        - {name: b, uses: world.act, with: {value: b}, output: b}
        - {name: c, uses: world.act, with: {value: c}, output: c}
"""


@pytest.mark.parametrize("dies_at", [0, 1, 2])
@pytest.mark.parametrize(
    "text",
    [LINEAR, STEPS, CODE, LOOP, SUBGRAPH],
    ids=["linear", "steps", "code", "loop", "subgraph"],
)
def test_nothing_is_done_twice(text: str, dies_at: int, tmp_path: Path) -> None:
    """Wherever the process ends, the next one does only what is left."""
    event, calls = run_twice(text, tmp_path, dies_at, {"i": 0}, {})
    assert event["type"] == "final", event
    assert calls == ["a", "b", "c"]
    state = event["state"]
    assert [state[key] for key in "abc"] == ["did a", "did b", "did c"]


BRANCHES = """
nodes:
  - name: d
    type: dynamic_parallel
    items: "{{ ['a', 'b', 'c'] }}"
    fan_in: j
    max_concurrency: 1
    action: {uses: world.act, with: {value: "{{ item }}"}, output: done}
  - {name: j, fan_in: true, run: "return {'done': sorted(r['done'] for r in parallel_results)}"}
"""


RETRIED = """
nodes:
  - name: s
    on_error: {mode: retry, max_retries: 3, retry_delay: 0}
    steps:
      - {uses: world.act, with: {value: a}, output: a}
      - {uses: flaky, output: f}
      - {uses: world.act, with: {value: b}, output: b}
"""


@pytest.mark.parametrize("dies_at", [0, 1])
def test_retries_do_nothing_twice(dies_at: int, tmp_path: Path) -> None:
    """A retry inside a step performs the effects of the step under the same keys."""
    left = [2]

    def flaky(state: State, **_: object) -> str:  # noqa: ARG001 - as an action is called
        left[0] -= 1
        if left[0] >= 0:
            raise TimeoutError
        return "worked"

    event, calls = run_twice(RETRIED, tmp_path, dies_at, {}, {"flaky": flaky})
    assert event["state"]["f"] == "worked"
    assert calls == ["a", "b"]


PARALLEL_INSIDE = """
nodes:
  - name: s
    input: {}
    output: {all: "{{ result.all }}"}
    subgraph:
      nodes:
        - {name: root}
        - {name: x, uses: world.act, with: {value: x}, output: did}
        - {name: y, uses: world.act, with: {value: y}, output: did}
        - {name: j, fan_in: true, run: "return {'all': [r['did'] for r in parallel_results]}"}
      edges:
        - {from: root, to: [x, y], type: parallel, fan_in: j}
  - {name: after, uses: world.act, with: {value: z}, output: z}
"""


PROCESS = """
import json, os, sys
from codeanatomy.workflow.yaml_engine.engine import YAMLEngine
definition, done, dies_at = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3])
def act(state, value=None, **_):
    if os.path.getsize(done) == dies_at:
        os._exit(9)
    with open(done, "a") as file:
        file.write(value)
    return f"did {value}"
engine = YAMLEngine(actions_registry={"world.act": act})
graph = engine.load_from_dict(definition)
(event,) = graph.invoke({}, config={"thread_id": "t"})
engine.close()
print(json.dumps({key: event["state"].get(key) for key in ("done", "all", "z")}))
"""


@pytest.mark.parametrize(
    ("text", "dies_at", "calls", "expected"),
    [
        (BRANCHES, 2, "abc", {"done": ["did a", "did b", "did c"], "all": None, "z": None}),
        (PARALLEL_INSIDE, 1, "xyz", {"done": None, "all": ["did x", "did y"], "z": "did z"}),
        (PARALLEL_INSIDE, 2, "xyz", {"done": None, "all": ["did x", "did y"], "z": "did z"}),
    ],
)
def test_branches_of_a_process_that_dies(
    text: str, dies_at: int, calls: str, expected: State, tmp_path: Path
) -> None:
    """The process ends in the middle of a branch; the next one does only what is left."""
    done = tmp_path / "done"
    done.touch()
    definition = yaml.safe_load(text)
    definition["settings"] = {
        "journal": f"sqlite:///{tmp_path / 'journal.db'}",
        "parallel": {"max_workers": 1},
    }
    for limit, code in ((dies_at, 9), (99, 0)):
        command = [sys.executable, "-c", PROCESS, json.dumps(definition), str(done), str(limit)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == code, run.stderr
    assert json.loads(run.stdout) == expected
    assert sorted(done.read_text()) == list(calls)


HUSHED = """
settings:
  secrets: {backend: env, prefix: JOURNAL_TEST_}
nodes:
  - {name: a, uses: world.act, with: {value: "{{ secrets.KEY }}"}, output: a}
  - {name: b, uses: world.act, with: {value: "{{ state.a }}"}, output: b}
"""


def test_a_secret_in_the_state_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that got into the state is not in the journal, and is there again after a death."""
    monkeypatch.setenv("JOURNAL_TEST_KEY", "very-secret-4711")
    event, calls = run_twice(HUSHED, tmp_path, 1, {}, {})
    assert calls == ["very-secret-4711", "did very-secret-4711"]
    assert event["state"]["b"] == "did did very-secret-4711"
    for path in tmp_path.iterdir():
        assert b"very-secret-4711" not in path.read_bytes()


def test_effects_are_rows_with_the_digest_of_their_input(tmp_path: Path) -> None:
    """The journal has a row for every action call, with a digest where its input can be stored."""
    text = """
    nodes:
      - {name: a, uses: t, with: {x: 1}}
      - {name: b, uses: t, with: {x: 1}}
      - {name: c, uses: t, with: {x: "{{ state.odd }}"}}
      - {name: d, run: "r = actions['t'](state=state, x=1)"}
    """
    definition = yaml.safe_load(text)
    definition["settings"] = {"journal": f"sqlite:///{tmp_path / 'journal.db'}"}
    with YAMLEngine(actions_registry={"t": lambda **_: {"y": 1}}) as engine:
        graph = engine.load_from_dict(definition)
        (end,) = graph.invoke({"odd": [1]}, config={"thread_id": "t"})
        assert end["type"] == "final"
    with closing(sqlite3.connect(tmp_path / "journal.db")) as journal:
        rows = list(journal.execute("select name, digest from effects order by ordinal"))
    assert [name for name, _ in rows] == ["t"] * 4
    first, second, third, fourth = (digest for _, digest in rows)
    assert first == second == fourth != third
    assert len(first) == 16


INSIDE = """
nodes:
  - name: s
    input: {customer: "{{ state.who }}"}
    output: {letter: "{{ result.letter }}"}
    subgraph:
      nodes:
        - {name: draft, run: "return {'letter': 'Dear ' + state['customer']}"}
        - {name: ask, interrupt: before, run: "return {'letter': state['letter'] + state['end']}"}
"""


def test_a_subgraph_waits_for_a_person(tmp_path: Path) -> None:
    """An interrupt inside a subgraph stops the whole run, and goes on inside."""
    definition = yaml.safe_load(INSIDE)
    definition["config"] = {"checkpoint_dir": str(tmp_path)}
    with YAMLEngine() as engine:
        graph = engine.load_from_dict(definition)
        (stop,) = graph.invoke({"who": "Ann"})
        assert (stop["type"], stop["node"]) == ("interrupt", "s/ask")
        (end,) = graph.invoke({"end": "."}, checkpoint=stop["checkpoint_path"])
    assert end["state"]["letter"] == "Dear Ann."


@pytest.mark.parametrize("journal", ["memory:", None])
def test_a_request_carries_the_key_of_its_effect(journal: str | None) -> None:
    """As `Idempotency-Key`, unless the file gives one, and only where a journal is."""
    with serving() as site:
        site.says("/", {})
        own = {"idempotency-key": "mine"}
        asks: list[State] = [{"uses": "http.get"}, {"uses": "http.post"}, {"uses": "http.post"}]
        given: list[State] = [{"url": site.url}, {"url": site.url}, {"url": site.url}]
        given[2]["headers"] = own
        nodes = [
            {"name": f"n{i}", **ask, "with": more, "output": "x"}
            for i, (ask, more) in enumerate(zip(asks, given, strict=True))
        ]
        with YAMLEngine() as engine:
            graph = engine.load_from_dict({"nodes": nodes, "settings": {"journal": journal}})
            (event,) = graph.invoke({}, config={"thread_id": "t"})
            keys = [
                {k.lower(): v for k, v in one.headers.items()}.get("idempotency-key")
                for one in site.asked
            ]
            runs = graph.journal.runs("t") if graph.journal else []
    assert event["type"] == "final", event
    made = [f"{runs[0].run_id}/main/{i + 1}.n{i}/1" if runs else None for i in range(2)]
    assert keys == [*made, "mine"]
