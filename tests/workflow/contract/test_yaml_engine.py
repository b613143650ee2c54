"""YAMLEngine itself: its signature, its attributes, its memory, its settings, several files."""

# ruff: noqa: ARG001, ARG005, ANN401, E501, FBT001 - actions take a state; an agent is a line

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest
import the_edge_agent
from the_edge_agent import MemoryCheckpointer, YAMLEngine
from the_edge_agent.yaml_engine import DotDict

from tests.workflow.contract.yaml_runs import State, engine_with, events, final, parsed

if TYPE_CHECKING:
    from pathlib import Path

SIGNATURE = [
    ("actions_registry", None),
    ("enable_tracing", True),
    ("trace_exporter", None),
    ("trace_file", None),
    ("trace_callback", None),
    ("trace_verbose", False),
    ("memory_backend", None),
    ("enable_code_execution", False),
    ("ltm_backend", None),
    ("enable_ltm", True),
    ("ltm_path", None),
    ("ltm_backend_type", "sqlite"),
    ("ltm_config", None),
    ("graph_backend", None),
    ("enable_graph", True),
    ("graph_path", None),
    ("graph_backend_type", None),
    ("metadata_store", None),
    ("enable_metadata_store", True),
    ("blob_storage", None),
    ("enable_blob_storage", True),
    ("query_engine", None),
    ("enable_query_engine", True),
    ("vector_index", None),
    ("enable_vector_index", True),
    ("embedding_fn", None),
    ("lua_enabled", False),
    ("lua_timeout", 30.0),
    ("prolog_enabled", False),
    ("prolog_timeout", 30.0),
    ("prolog_sandbox", True),
]


def test_signature() -> None:
    """Every parameter has its name, its place and its default."""
    found = inspect.signature(YAMLEngine).parameters.values()
    assert [(p.name, p.default) for p in found] == SIGNATURE


METHODS = [
    ("close", []),
    ("get_memory_state", []),
    ("restore_memory_state", ["state"]),
    ("clear_memory", ["namespace"]),
    ("load_from_file", ["yaml_path", "checkpoint", "checkpointer"]),
    ("load_from_dict", ["config", "checkpoint", "checkpointer", "yaml_dir"]),
    ("resume_from_checkpoint", ["yaml_path", "checkpoint_path", "config"]),
    ("get_mermaid_graph", []),
]


@pytest.mark.parametrize(("method", "parameters"), METHODS)
def test_methods(method: str, parameters: list[str]) -> None:
    """Every method takes what the API says."""
    found = list(inspect.signature(getattr(YAMLEngine, method)).parameters)
    assert found == ["self", *parameters]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memory_backend", object()),
        ("ltm_backend", object()),
        ("graph_backend", object()),
        ("metadata_store", object()),
        ("blob_storage", object()),
        ("query_engine", object()),
        ("vector_index", object()),
        ("embedding_fn", lambda _text: [1.0]),
    ],
)
def test_given_stores(name: str, value: Any) -> None:
    """A store that is given is the one that is used, before and after a load."""
    engine = YAMLEngine(**{name: value})
    assert getattr(engine, name) is value
    engine.load_from_dict({"nodes": [{"name": "a"}]})
    assert getattr(engine, name) is value


@pytest.mark.parametrize(
    ("switch", "name"),
    [
        ("enable_ltm", "ltm_backend"),
        ("enable_graph", "graph_backend"),
        ("enable_metadata_store", "metadata_store"),
        ("enable_blob_storage", "blob_storage"),
        ("enable_query_engine", "query_engine"),
        ("enable_vector_index", "vector_index"),
    ],
)
def test_stores_can_be_switched_off(switch: str, name: str) -> None:
    """Without its store, the attribute is None."""
    off: dict[str, Any] = {switch: False}
    with engine_with(**off) as engine:
        assert getattr(engine, name) is None


def test_stores_that_are_there_by_default() -> None:
    """Both memories work without any setting."""
    with engine_with() as engine:
        assert engine.memory_backend.store("k", 1) is True
        assert engine.ltm_backend.store("k", 1)["success"] is True
        assert engine.observability_context is None
        assert engine.endpoint_config is None


def test_ltm_path(tmp_path: Path) -> None:
    """Long-term memory in a file is there for the next engine."""
    path = str(tmp_path / "memory.db")
    with engine_with(ltm_path=path) as engine:
        engine.ltm_backend.store("k", {"v": 1})
    with engine_with(ltm_path=path) as engine:
        assert engine.ltm_backend.retrieve("k")["value"] == {"v": 1}


def test_memory_state_goes_through_json() -> None:
    """What short-term memory holds can be put aside and brought back."""
    with engine_with() as engine:
        engine.memory_backend.store("a", [1], namespace="n")
        kept = json.loads(json.dumps(engine.get_memory_state()))
        assert kept["version"] == "1.0"
        assert engine.clear_memory("n") == 1
        assert engine.memory_backend.retrieve("a", "n") is None
        engine.restore_memory_state(kept)
        assert engine.memory_backend.retrieve("a", "n") == [1]
        assert engine.clear_memory() == 1


def test_registry_is_extended() -> None:
    """Own actions stand beside the built-in ones, and may replace them, also after a load."""
    with engine_with({"own": lambda state, **_: 1}) as engine:
        assert {"own", "json.parse", "llm.call", "memory.store"} <= set(engine.actions_registry)
        graph = engine.load_from_dict(
            {"nodes": [{"name": "a", "uses": "json.parse", "output": "k"}]}
        )
        engine.actions_registry["json.parse"] = lambda state, **_: "replaced"
        assert list(graph.invoke({}))[-1]["state"]["k"] == "replaced"


def test_second_file_leaves_the_first_alone() -> None:
    """A graph keeps the variables, settings and secrets it was loaded with."""
    text = """
    name: {name}
    variables: {{v: {name}}}
    settings: {{s: {name}, secrets: {{k: {name}-secret}}}}
    data: {{d: {name}}}
    nodes:
      - name: a
        uses: tell
        with: {{x: "{{{{ variables.v }}}} {{{{ settings.s }}}} {{{{ data.d }}}} {{{{ secrets.k }}}}"}}
        output: k
        goto: [{{if: "variables.v == '{name}'", to: b}}, {{to: __end__}}]
      - {{name: b, run: "return {{'v': variables['v']}}"}}
    """
    seen: list[str] = []
    with engine_with() as engine:

        def tell(state: State, x: str, **_: object) -> str:
            seen.append(engine.name)
            return x

        engine.actions_registry["tell"] = tell
        graphs = [engine.load_from_dict(parsed(text.format(name=name))) for name in ("one", "two")]
        states = [list(graph.invoke({}))[-1]["state"] for graph in (*graphs, graphs[0])]
        assert engine.name == "two"
    assert [s["k"] for s in states] == [f"{n} {n} {n} {n}-secret" for n in ("one", "two", "one")]
    assert [s["v"] for s in states] == ["one", "two", "one"]
    assert seen == ["one", "two", "one"]


ENVIRONMENT = [
    ("${SET_HERE}", "value"),
    ("${SET_HERE:-other}", "value"),
    ("${UNSET_HERE:-other}", "other"),
    ("${UNSET_HERE:-}", ""),
    ("a ${SET_HERE} b ${SET_HERE}", "a value b value"),
    (["${SET_HERE}", {"deep": "${SET_HERE}"}], ["value", {"deep": "value"}]),
    (3, 3),
]


@pytest.mark.parametrize(("setting", "expected"), ENVIRONMENT)
def test_environment_in_settings(
    setting: object, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`${VAR}` and `${VAR:-default}` expand in every text of the settings."""
    monkeypatch.setenv("SET_HERE", "value")
    monkeypatch.delenv("UNSET_HERE", raising=False)
    with engine_with() as engine:
        engine.load_from_dict({"settings": {"own": setting}, "nodes": []})
        assert engine.settings["own"] == expected


ENV_TEMPLATES = [
    ("{{ env.DECLARED_NAME }}", "here"),
    ("{{ env['DECLARED_NAME'] }}", "here"),
    ("{{ env.get('DECLARED_NAME', 'x') }}", "here"),
    ("{{ env[state.name] }}", None),
    ("{{ env.NOT_SET_ANYWHERE }}", None),
]


@pytest.mark.parametrize(("template", "expected"), ENV_TEMPLATES)
def test_env_is_only_what_the_file_names(
    template: str, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template reads names that the file spells out, never one that a state brings."""
    monkeypatch.setenv("DECLARED_NAME", "here")
    monkeypatch.setenv("HIDDEN_NAME", "hidden")
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
    definition = {"nodes": [{"name": "a", "uses": "t", "with": {"x": template}, "output": "k"}]}
    with engine_with({"t": lambda state, x=None, **_: x}) as engine:
        graph = engine.load_from_dict(definition)
        state = list(graph.invoke({"name": "HIDDEN_NAME"}))[-1]["state"]
    assert state["k"] == expected


def test_env_listed_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name listed under `settings.env` may be chosen by a state."""
    monkeypatch.setenv("LISTED_NAME", "here")
    text = """
    settings: {env: [LISTED_NAME]}
    nodes: [{name: a, uses: t, with: {x: "{{ env[state.name] }}"}, output: k}]
    """
    state = final(text, {"name": "LISTED_NAME"}, {"t": lambda state, x=None, **_: x})
    assert state["k"] == "here"


LLM = [
    ("{model: m, temperature: 0.5}", {}, {"model": "m", "temperature": 0.5}),
    ("{model: m}", {"model": "own"}, {"model": "own"}),
    ("{deployment: d}", {}, {"model": "d"}),
    ("{deployment: d, model: m}", {}, {"model": "m"}),
]


@pytest.mark.parametrize("action", ["llm.call", "llm.chat", "llm.stream", "llm.tools"])
@pytest.mark.parametrize(("settings", "own", "expected"), LLM)
def test_llm_defaults(action: str, settings: str, own: State, expected: State) -> None:
    """`settings.llm` fills in what a node does not say."""
    seen: State = {}

    def call(state: State, **params: Any) -> State:
        seen.update(params)
        return {}

    definition = parsed(f"settings: {{llm: {settings}}}\nnodes: []")
    definition["nodes"] = [{"name": "a", "uses": action, "with": own}]
    with engine_with({action: call}) as engine:
        list(engine.load_from_dict(definition).invoke({}))
    assert {key: seen[key] for key in expected} == expected
    assert set(seen) == set(expected)


def test_llm_defaults_are_for_models_only() -> None:
    """Other actions do not get them."""
    seen: State = {}
    text = "settings: {llm: {model: m}}\nnodes: [{name: a, uses: t}]"
    final(text, {}, {"t": lambda state, **params: seen.update(params) or {}})
    assert seen == {}


def test_shell_providers() -> None:
    """Those under `llm` win over those beside it."""
    text = """
    settings:
      shell_providers: {a: {command: one}, b: {command: two}}
      llm: {shell_providers: {b: {command: three}}}
    nodes: []
    """
    with engine_with() as engine:
        engine.load_from_dict(parsed(text))
        assert engine.shell_providers == {"a": {"command": "one"}, "b": {"command": "three"}}


SECRETS = [
    ("{backend: env, prefix: SEC_}", "{{ secrets.TOKEN }}", "t-4711-x"),
    ("{backend: env, env: {prefix: SEC_}}", "{{ secrets.token }}", "t-4711-x"),
    ("{backend: env}", "{{ secrets.SEC_TOKEN }}", "t-4711-x"),
    ("{api: '${SEC_TOKEN}'}", "{{ secrets.api }}", "t-4711-x"),
    ("{backend: env, prefix: SEC_}", "{{ secrets.NO_SUCH }}", None),
    ("{backend: env, prefix: SEC_}", "Bearer {{ secrets.TOKEN }}", "Bearer t-4711-x"),
]


@pytest.mark.parametrize(("settings", "template", "expected"), SECRETS)
def test_secrets(
    settings: str, template: str, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets come from the environment or the settings into templates."""
    monkeypatch.setenv("SEC_TOKEN", "t-4711-x")
    seen: list[object] = []
    definition = parsed(f"settings: {{secrets: {settings}}}\nnodes: []")
    definition["nodes"] = [{"name": "a", "uses": "t", "with": {"x": template}}]

    def take(state: State, x: object = None, **_: object) -> State:
        seen.append(x)
        return {}

    with engine_with({"t": take}) as engine:
        list(engine.load_from_dict(definition).invoke({}))
    assert seen == [expected]


@pytest.mark.parametrize(
    ("settings", "exists"), [("{backend: env, prefix: SEC_}", True), ("{backend: env}", False)]
)
def test_secrets_actions(
    settings: str,
    exists: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`secrets.has` and `secrets.get` ask the configured source."""
    monkeypatch.setenv("SEC_ONLY", "value-4711")
    text = f"""
    settings: {{secrets: {settings}}}
    nodes: [{{name: a, uses: secrets.has, with: {{key: ONLY}}}}]
    """
    assert final(text)["exists"] is exists


def test_given_secrets_come_first() -> None:
    """Secrets handed to the engine win over those of the file."""
    with engine_with({"t": lambda state, x, **_: x}) as engine:
        engine.given_secrets = {"k": "given-4711"}
        graph = engine.load_from_dict(
            parsed(
                "settings: {secrets: {k: own-4711}}\n"
                "nodes: [{name: a, uses: t, with: {x: '{{ secrets.k }}'}, output: o}]"
            )
        )
        assert list(graph.invoke({}))[-1]["state"]["o"] == "given-4711"


def test_checkpoint_in_templates(tmp_path: Path) -> None:
    """`checkpoint.dir` and `checkpoint.last` are what they were when the template ran."""
    text = f"""
    config: {{checkpoint_dir: '{tmp_path}'}}
    nodes:
      - {{name: a, uses: checkpoint.save, with: {{path: "{{{{ checkpoint.dir }}}}/mine.pkl"}}}}
      - {{name: b, uses: t, with: {{x: "{{{{ checkpoint.last }}}}"}}, output: last}}
    """
    state = final(text, {"n": 1}, {"t": lambda state, x, **_: x})
    assert state["saved"] is True
    assert state["last"] == str(tmp_path / "mine.pkl")


def test_checkpointer_is_used() -> None:
    """A checkpointer given at load keeps the interrupts."""
    kept = MemoryCheckpointer()
    with engine_with() as engine:
        graph = engine.load_from_dict(
            parsed("nodes: [{name: a}, {name: b, interrupt: before}]"), checkpointer=kept
        )
        (stop,) = graph.invoke({"x": 1})
    assert kept.list() == [stop["checkpoint_path"]]


def test_load_with_checkpoint(tmp_path: Path) -> None:
    """A file loaded with a checkpoint goes on from there when it is run without input."""
    path = tmp_path / "agent.yaml"
    path.write_text(
        f"config: {{checkpoint_dir: '{tmp_path}'}}\n"
        "nodes: [{name: a, run: 'return {\"a\": 1}'}, {name: b, interrupt: before, run: 'return {\"b\": 2}'}]\n"
    )
    with engine_with() as engine:
        (stop,) = engine.load_from_file(str(path)).invoke({})
        again = engine.load_from_file(str(path), checkpoint=stop["checkpoint_path"])
        assert list(again.invoke(None))[-1]["state"] == {"a": 1, "b": 2}
        resumed = engine.resume_from_checkpoint(str(path), stop["checkpoint_path"], config={})
        assert list(resumed)[-1]["state"] == {"a": 1, "b": 2}


def test_raise_exceptions_of_a_file() -> None:
    """`config.raise_exceptions` raises the failure of a node."""
    text = "config: {raise_exceptions: true}\nnodes: [{name: a, run: 'return 1 / 0'}]"
    with pytest.raises(RuntimeError, match="Error in node 'a': division by zero"):
        events(text)


def test_reducers_of_a_file() -> None:
    """`config.reducers` says how the updates of a key meet."""
    text = """
    config: {reducers: {log: append}}
    nodes:
      - {name: a, run: "return {'log': ['a']}"}
      - {name: b, run: "return {'log': ['b']}"}
    """
    assert final(text, {"log": []})["log"] in (["a", "b"], [["a"], ["b"]])


def test_close_may_be_called_twice() -> None:
    """A closed engine closes again without a word."""
    engine = YAMLEngine()
    engine.memory_backend.store("k", 1)
    engine.ltm_backend.store("k", 1)
    engine.close()
    engine.close()


def test_session_input_wins() -> None:
    """What is stored of a session is there, and the input wins over it."""
    text = """
    settings: {session: {backend: memory}}
    nodes: [{name: a, run: "return {'seen': state.get('x'), 'y': 2}"}]
    """
    with engine_with() as engine:
        graph = engine.load_from_dict(parsed(text))
        list(graph.stream({"session_id": "s", "x": 1}))
        states = [
            list(graph.invoke({"session_id": "s", **more}))[-1]["state"] for more in ({}, {"x": 5})
        ]
    assert [(s["seen"], s["y"]) for s in states] == [(1, 2), (5, 2)]


@pytest.mark.parametrize("name", ["YAMLEngine", "StateGraph", "START", "END"])
def test_root_names(name: str) -> None:
    """The root of the package has the name."""
    assert getattr(the_edge_agent, name) is not None


DOTTED = [
    ({"a": {"b": 1}}, "a.b", 1),
    ({"items": 3}, "items", 3),
    ({"a": 1}, "missing", None),
    ({"a": None}, "a", None),
]


@pytest.mark.parametrize(("given", "dotted", "expected"), DOTTED)
def test_dot_dict(given: State, dotted: str, expected: object) -> None:
    """A key is an attribute, and comes before a method of its name."""
    value: Any = DotDict(given)
    for name in dotted.split("."):
        value = getattr(value, name)
    assert value == expected
