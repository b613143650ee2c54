"""Agent files as people write them, run by the engine and by the command line to the same end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from the_edge_agent import YAMLEngine

from tests.workflow.contract.tea import final_state, tea, written

if TYPE_CHECKING:
    from pathlib import Path


class Agent(NamedTuple):
    """A file, what it is given, and what it adds to that."""

    text: str
    given: dict[str, Any]
    added: dict[str, Any]


AGENTS = {
    "imports, a function and an f-string": Agent(
        """
name: research_agent
state_schema: {query: str, results: list}
nodes:
  - name: search
    run: |
      # count the words
      import re
      from collections import Counter

      words = re.findall(r"\\w+", state["query"].lower())
      counts = Counter(words)

      def rank(word):
          return (-counts[word], word)

      return {"results": [{"word": w, "n": counts[w]} for w in sorted(counts, key=rank)]}
  - name: summarize
    run: |
      top = state["results"][0]
      return {"summary": f"{top['word']} x{top['n']}", "count": len(state["results"])}
edges:
  - {from: __start__, to: search}
  - {from: search, to: summarize}
  - {from: summarize, to: __end__}
""",
        {"query": "the cat the dog"},
        {
            "results": [{"word": "the", "n": 2}, {"word": "cat", "n": 1}, {"word": "dog", "n": 1}],
            "summary": "the x2",
            "count": 3,
        },
    ),
    "conditions on texts, templates in nested parameters": Agent(
        """
name: support
variables: {greeting: Hello, max: 3}
nodes:
  - name: classify
    run: |
      if "refund" in state["message"]:
          category = "billing"
      else:
          category = "general"
      return {"category": category}
  - name: billing
    run: "return {'reply': variables['greeting'] + ' billing'}"
  - name: general
    uses: json.stringify
    with:
      data:
        to: "${greeting} {{ state.user.name | upper }}"
        tags: ["{{ state.user.tags }}", "{{ state.user.tags[0] }}", {n: "{{ variables.max * 2 }}"}]
    output: {reply: "{{ result.text | fromjson }}", ok: "{{ result.success }}"}
edges:
  - {from: __start__, to: classify}
  - {from: classify, to: billing, when: "state.category == 'billing'"}
  - {from: classify, to: general, when: "state.category not in ['billing']"}
  - {from: billing, to: __end__}
  - {from: general, to: __end__}
""",
        {"message": "hi", "user": {"name": "bob", "tags": ["x", "y"]}},
        {
            "category": "general",
            "reply": {"to": "Hello BOB", "tags": [["x", "y"], "x", {"n": 6}]},
            "ok": True,
        },
    ),
    "a loop of goto rules": Agent(
        """
nodes:
  - {name: init, run: "return {'i': 0, 'log': []}"}
  - name: step
    run: |
      state["log"].append(state["i"])
      return {"i": state["i"] + 1}
    goto:
      - {if: "state.i < 3", to: step}
      - {if: "{{ state.i >= 3 }}", to: done}
  - {name: never, run: "return {'bad': True}"}
  - {name: done, run: "return {'total': sum(state['log'])}", goto: __end__}
""",
        {},
        {"i": 3, "log": [0, 1, 2], "total": 3},
    ),
    "braces that are Python's, and templates that are not": Agent(
        """
nodes:
- name: a
  run: |
    payload = {"a": {"b": {"c": 1}}}
    shown = f"{{literal}} {state['x']}"
    quoted = "{{ state.x }}"
    page = \"\"\"
    <p>{{ state.x }}</p>
    \"\"\"
    bound = {{ state.n }}
    return {"c": payload["a"]["b"]["c"], "shown": shown, "quoted": quoted,
            "page": page.strip(), "bound": bound}
""",
        {"x": 'it\'s "q"', "n": [1, {"k": None}]},
        {
            "c": 1,
            "shown": '{literal} it\'s "q"',
            "quoted": 'it\'s "q"',
            "page": '<p>it\'s "q"</p>',
            "bound": [1, {"k": None}],
        },
    ),
    "branches for items with steps": Agent(
        """
variables: {factor: 3}
nodes:
  - {name: setup, run: "return {'urls': ['a', 'bb']}"}
  - name: each
    type: dynamic_parallel
    items: "{{ state.urls }}"
    item_var: url
    index_var: at
    max_concurrency: 2
    steps:
      - {name: one, run: "return {'size': len(state['url']) * variables['factor']}"}
      - {name: two, uses: json.stringify, with: {data: ["{{ url }}", "{{ state.size }}"]}}
    fan_in: collect
  - name: collect
    fan_in: true
    run: |
      texts = [r["text"] for r in parallel_results if r.success]
      return {"texts": texts, "places": [r.state["at"] for r in parallel_results],
              "parallel_results": None}
""",
        {},
        {
            "urls": ["a", "bb"],
            "texts": ['["a", 3]', '["bb", 6]'],
            "places": [0, 1],
            "parallel_results": None,
        },
    ),
    "branches of several nodes, one of them with a condition": Agent(
        """
nodes:
- {name: s, run: "return {'n': 2}"}
- {name: b, run: "return {'b': state['n']}", goto: [{if: "state.b > 1", to: more}, {to: join}]}
- {name: more, run: "return {'b': state['b'] * 10}", goto: join}
- {name: c, run: "return {'c': 1}"}
- name: join
  fan_in: true
  run: |
    found = {}
    for r in parallel_results:
        found.update({k: r[k] for k in ("b", "c") if k in r})
    return {"found": found, "parallel_results": None}
edges:
- {from: s, to: b, type: parallel, fan_in: join}
- {from: s, to: c, type: parallel, fan_in: join}
- {from: c, to: join}
- {from: join, to: __end__}
""",
        {},
        {"n": 2, "found": {"b": 20, "c": 1}, "parallel_results": None},
    ),
    "a while loop with actions in it": Agent(
        """
nodes:
  - name: collatz
    type: while_loop
    condition: "state.n != 1"
    max_iterations: 100
    body:
      - name: step
        run: |
          n = state["n"]
          n = n // 2 if n % 2 == 0 else 3 * n + 1
          return {"n": n, "steps": state.get("steps", 0) + 1}
      - name: note
        uses: json.stringify
        with: {data: "{{ state.n }}"}
        output: {last: "{{ result.text }}"}
""",
        {"n": 6},
        {"n": 1, "steps": 8, "last": "1"},
    ),
    "a failure that leads elsewhere": Agent(
        """
nodes:
  - name: flaky
    run: "raise ConnectionError('down')"
    on_error: {mode: graceful, fallback: rescue}
  - {name: skipped, run: "return {'skipped': False}"}
  - name: rescue
    run: |
      error = state["__error__"]
      return {"told": [error["type"], error["message"], error["node"]],
              "__error__": None, "__fallback_node__": None}
""",
        {},
        {
            "told": ["ConnectionError", "down", "flaky"],
            "__error__": None,
            "__fallback_node__": None,
        },
    ),
    "bare keys, negated keys, constants": Agent(
        """
nodes:
- {name: a, run: "return {'found': bool(state.get('q'))}"}
- {name: some, run: "return {'r': 'some'}"}
- {name: none, run: "return {'r': 'none'}"}
edges:
- {from: a, to: some, when: found}
- {from: a, to: none, when: "!found"}
- {from: some, to: __end__, when: true}
- {from: none, to: __end__}
""",
        {},
        {"found": False, "r": "none"},
    ),
    "long conditions, entry and finish": Agent(
        """
nodes:
- {name: x, run: "return {'r': 'x'}"}
- {name: route, run: "return {'kind': state['kind'].lower()}"}
- {name: y, run: "return {'r': 'y'}"}
edges:
- {to: route, type: entry}
- {from: route, to: x, condition: {type: expression, value: "state['kind'] == 'x'"}, when: true}
- {from: route, to: y, condition: {type: expression, value: "state['kind'] == 'x'"}, when: false}
- {from: x, type: finish}
- {from: y, type: finish}
""",
        {"kind": "Q"},
        {"kind": "q", "r": "y"},
    ),
    "anchors and merged keys": Agent(
        """
x-defaults: &defaults {uses: json.stringify, with: {data: {a: 1}}}
nodes:
  - {<<: *defaults, name: a, output: {first: "{{ result.text }}"}}
  - {<<: *defaults, name: b, with: {data: [1]}, output: {second: "{{ result.text }}"}}
""",
        {},
        {"first": '{"a": 1}', "second": "[1]"},
    ),
    "locals of every sort": Agent(
        """
nodes:
- name: a
  script: |
    class Thing:
        def __init__(self, v):
            self.v = v
    t = Thing(state["y"]).v
    squares = {k: v * v for k, v in zip("ab", [1, t])}
    _private = 1
    try:
        1 / 0
    except ZeroDivisionError as problem:
        said = str(problem)
    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)
    six = fact(3)
""",
        {"y": 2},
        {"t": 2, "squares": {"a": 1, "b": 4}, "said": "division by zero", "six": 6},
    ),
}


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize("view", ["invoke", "stream"])
def test_the_engine_runs_it(tmp_path: Path, name: str, view: str) -> None:
    """A file, a state, and the state at the end; what was given is still as it was."""
    agent = AGENTS[name]
    given = json.loads(json.dumps(agent.given))
    with YAMLEngine() as engine:
        graph = engine.load_from_file(written(tmp_path, agent.text))
        last = list(getattr(graph, view)(given))[-1]
    assert last["type"] == "final", last
    assert last["state"] == {**agent.given, **agent.added}


@pytest.mark.parametrize("name", AGENTS)
def test_the_command_line_runs_it(tmp_path: Path, name: str) -> None:
    """`tea validate` finds nothing, and `tea run` comes to the same state."""
    agent = AGENTS[name]
    file = written(tmp_path, agent.text)
    checked = tea("validate", file)
    assert (checked.exit_code, checked.stderr) == (0, "")
    result = tea("run", file, "-i", json.dumps(agent.given))
    assert result.exit_code == 0, result.stdout
    assert final_state(result.stdout) == {**agent.given, **agent.added}


def test_older_programs_find_the_graph_of_an_engine(tmp_path: Path) -> None:
    """`engine._current_graph` is the graph loaded last."""
    with YAMLEngine() as engine:
        assert engine._current_graph is None
        graph = engine.load_from_file(written(tmp_path, AGENTS["a loop of goto rules"].text))
        assert engine._current_graph is graph
