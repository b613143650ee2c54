"""Agent files of the kinds that people have, each run to the state it is expected to end in."""

# ruff: noqa: ARG001, ARG005, ANN401 - actions take a state; an agent is a line

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AGENTS = Path(__file__).parent.parent / "agents"
State = dict[str, Any]


def answers(*contents: str) -> Callable[..., State]:
    """Return a model that gives these contents one after the other."""
    waiting = list(contents)

    def call(state: State, **_: object) -> State:
        return {"content": waiting.pop(0), "usage": {"total_tokens": 7}}

    return call


def flaky(failures: int) -> Callable[..., State]:
    """Return an action that fails so often before it works."""
    left = [failures]

    def fetch(state: State, url: str, **_: object) -> State:
        left[0] -= 1
        if left[0] >= 0:
            raise ConnectionError("no route")
        return {"title": f"page of {url}"}

    return fetch


@pytest.fixture
def engines() -> Iterator[Callable[..., YAMLEngine]]:
    """Make engines, and close them at the end."""
    made: list[YAMLEngine] = []

    def make(**actions: Callable[..., Any]) -> YAMLEngine:
        registry = {name.replace("__", "."): action for name, action in actions.items()}
        made.append(YAMLEngine(actions_registry=registry))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def last(graph: Any, state: State | None, **more: Any) -> State:
    """Run a graph and return its last event."""
    events: list[State] = list(graph.invoke(state, **more))
    return events[-1]


PLAIN: list[tuple[str, State, State, dict[str, Callable[..., Any]]]] = [
    (
        "research",
        {"topic": "owls"},
        {"questions": ["a?", "bc?"], "sources": 2, "facts": {"a?": "a? -> 2", "bc?": "bc? -> 3"}},
        {"llm__call": answers('["a?", "bc?"]', "done")},
    ),
    (
        "map_reduce",
        {"text": "one two three. four. five six."},
        {"counts": [3, 1, 2], "total": 6, "summary": "6 words in 3 sentences"},
        {},
    ),
    ("retry_fallback", {"url": "u"}, {"title": "page of u"}, {"web__flaky": flaky(2)}),
    (
        "retry_fallback",
        {"url": "u"},
        {"title": "from the cache", "why": "ConnectionError"},
        {"web__flaky": flaky(3)},
    ),
    ("while_loop", {"n": 20}, {"value": 1, "answer": "20 is halved 4 times"}, {}),
    ("while_loop", {"n": 1}, {"steps": 0}, {}),
    (
        "csv_pipeline",
        {"csv": "name,amount\na,5\nb,10\nc,30\n"},
        {"total": 40, "columns": ["name", "amount"]},
        {},
    ),
    (
        "tools_loop",
        {"messages": []},
        {"answer": 14, "calls": 2},
        {
            "llm__call": answers(
                '{"tool": "add", "args": [3, 4]}',
                '{"tool": "mul", "args": [7, 2]}',
                '{"answer": 14}',
            )
        },
    ),
    (
        "subgraph_main",
        {"quantity": 30, "unit_price": 4.0},
        {"total": 108.0, "discounted": True, "invoice": "30 pieces: 108.00"},
        {},
    ),
    (
        "subgraph_map",
        {"orders": [{"quantity": 1, "unit_price": 2.0}, {"quantity": 100, "unit_price": 2.0}]},
        {"totals": [2.0, 180.0]},
        {},
    ),
    ("matrix", {}, {"best": [8, 2, "blue"], "tried": 4}, {}),
    ("parallel_each", {"images": ["a.png", "b.png"]}, {"thumbnails": ["a_s.png", "b_s.png"]}, {}),
    (
        "rag",
        {"question": "the stock price?", "documents": ["a cat and a dog", "the stock price rose"]},
        {"context": "the stock price rose", "answer": "it rose"},
        {"llm__call": answers("it rose")},
    ),
    (
        "extraction",
        {"text": "Ann of Acme"},
        {"accepted": True, "entities": ["Ann", "Acme"], "tries": 1},
        {
            "llm__call": answers(
                '[{"name": "Ann"}]',
                '[{"name": "Ann", "type": "Person"}, {"name": "Acme", "type": "Company"}]',
            )
        },
    ),
    (
        "extraction",
        {"text": "x"},
        {"accepted": False, "tries": 2},
        {"llm__call": answers(*['[{"name": "x", "type": "Planet"}]'] * 3)},
    ),
    ("goto_routing", {"ticket": "My invoice"}, {"closed": "billing -> billing"}, {}),
    ("goto_routing", {"ticket": "crash!"}, {"closed": "bug -> on-call"}, {}),
    ("goto_routing", {"ticket": "a crash"}, {"closed": "bug -> engineering"}, {}),
    ("goto_routing", {"ticket": "hello"}, {"closed": "other -> general"}, {}),
    ("edges_conditional", {"score": 9}, {"said": "excellent"}, {}),
    ("edges_conditional", {"score": 6}, {"said": "good"}, {}),
    ("edges_conditional", {"score": 2}, {"said": "no"}, {}),
    ("end_when_done", {"until": 5}, {"n": 5}, {}),
    (
        "parallel_edges",
        {"text": " teh end "},
        {"reviews": {"spelling": 1, "length": 0}, "text": "teh end"},
        {},
    ),
    ("nested_parallel", {}, {"total": 35}, {}),
    ("imports_local", {"words": "hi"}, {"loud": "HI!!", "letters": 2, "agent": "own-actions"}, {}),
    (
        "memory_notes",
        {"id": 1, "note": "take the umbrella"},
        {"recalled": "take the umbrella", "hits": 1},
        {},
    ),
    ("steps_node", {"raw": " [1, 2, 3] "}, {"parsed": [1, 2, 3], "total": 6, "double": 12}, {}),
    ("graceful", {"a": 1, "b": 0}, {"answer": "risky: ZeroDivisionError", "traced": True}, {}),
    ("graceful", {"a": 6, "b": 3}, {"answer": "2.0"}, {}),
    (
        "iterate_quality",
        {"topic": "t", "attempt": 1},
        {"attempt": 2, "score": 8, "good": True},
        {"llm__call": answers("12", "12")},
    ),
]


@pytest.mark.parametrize(
    ("file", "given", "expected", "actions"),
    PLAIN,
    ids=[f"{row[0]}-{number}" for number, row in enumerate(PLAIN)],
)
def test_agent_ends_as_expected(
    file: str,
    given: State,
    expected: State,
    actions: dict[str, Callable[..., Any]],
    engines: Callable[..., YAMLEngine],
) -> None:
    """The file, run from its input, ends in a state that holds what is expected."""
    graph = engines(**actions).load_from_file(str(AGENTS / f"{file}.yaml"))
    event = last(graph, given)
    assert event["type"] == "final", event
    state = event["state"]
    assert {key: state.get(key) for key in expected} == expected


def test_csv_is_written_again(engines: Callable[..., YAMLEngine]) -> None:
    """The rows that were kept are written in the order of the headers."""
    graph = engines().load_from_file(str(AGENTS / "csv_pipeline.yaml"))
    state = last(graph, {"csv": "name,amount\na,5\nb,10\n"})["state"]
    assert state["out"].splitlines() == ["name,amount", "b,10"]


def test_settings_of_the_model_are_defaults(engines: Callable[..., YAMLEngine]) -> None:
    """What `settings.llm` says reaches every call that does not say otherwise."""
    seen: list[State] = []

    def call(state: State, **params: Any) -> State:
        seen.append(params)
        return {"content": "[]"}

    graph = engines(llm__call=call).load_from_file(str(AGENTS / "research.yaml"))
    last(graph, {"topic": "owls"})
    assert [(one["model"], one["temperature"]) for one in seen] == [("fake-model", 0.1)] * 2
    assert seen[0]["messages"][0]["content"] == "Write in a brief style."
    assert seen[1]["prompt"] == "Report on owls: {}"


def test_approval_waits_and_goes_on(engines: Callable[..., YAMLEngine]) -> None:
    """The run stops before the approval, and goes on with what the person says."""
    graph = engines().load_from_file(str(AGENTS / "approval.yaml"))
    stopped = last(graph, {"customer": "Ann"})
    assert (stopped["type"], stopped["node"]) == ("interrupt", "approve")
    yes = last(graph, {"approved": True}, checkpoint=stopped["checkpoint_path"])
    assert yes["state"]["sent"] == "Dear Ann, we agree."
    no = last(graph, {"approved": False, "remark": "Soon."}, checkpoint=stopped["checkpoint_path"])
    assert no["state"]["sent"] == "Dear Ann, we agree. Soon."


def test_approval_in_another_engine(engines: Callable[..., YAMLEngine]) -> None:
    """A checkpoint is enough for another engine to go on."""
    path = str(AGENTS / "approval.yaml")
    stopped = last(engines().load_from_file(path), {"customer": "Bob", "approved": True})
    events = engines().resume_from_checkpoint(path, stopped["checkpoint_path"])
    assert list(events)[-1]["state"]["sent"] == "Dear Bob, we agree."


def test_chat_remembers_its_session(engines: Callable[..., YAMLEngine]) -> None:
    """The second message of a session finds the first; another session does not."""
    engine = engines(llm__call=lambda state, messages, **_: {"content": str(len(messages))})
    graph = engine.load_from_file(str(AGENTS / "session_chat.yaml"))
    turn = {"session_id": "s1", "message": "hello"}
    assert [last(graph, turn)["state"]["answer"] for _ in range(3)] == ["1", "3", "5"]
    assert last(graph, {"session_id": "s2", "message": "hi"})["state"]["answer"] == "1"
    assert set(engine.session_backend.load("s1")) == {"history"}


@pytest.mark.parametrize("view", ["invoke", "stream"])
def test_schemas_shape_both_ends(engines: Callable[..., YAMLEngine], view: str) -> None:
    """Text becomes a number on the way in; the output has its own shape, whatever the view."""
    graph = engines().load_from_file(str(AGENTS / "schemas.yaml"))
    events = getattr(graph, view)({"name": "Ann", "weight": "80", "height": 1.6, "more": 1})
    final = list(events)[-1]
    assert final["output"] == {"who": "Ann", "bmi": 31.2, "warning": "above the range"}
    assert final["state"]["unit"] == "metric"
    assert "more" not in final["state"]


@pytest.mark.parametrize("view", ["invoke", "stream"])
def test_schemas_refuse(engines: Callable[..., YAMLEngine], view: str) -> None:
    """A wrong input is one event with every error, and no node runs."""
    graph = engines().load_from_file(str(AGENTS / "schemas.yaml"))
    (event,) = getattr(graph, view)({"name": "", "height": 9, "unit": "cubits"})
    assert (event["type"], event["status_code"]) == ("validation_error", 422)
    told = {(error["field"], error["error"]) for error in event["errors"]}
    assert told == {
        ("name", "min_length"),
        ("weight", "required"),
        ("height", "max"),
        ("unit", "choices"),
    }


def test_endpoint_is_read(engines: Callable[..., YAMLEngine]) -> None:
    """The route of a file has its defaults filled in."""
    engine = engines()
    engine.load_from_file(str(AGENTS / "schemas.yaml"))
    endpoint = engine.endpoint_config
    assert (endpoint.path, endpoint["method"], endpoint.tags) == ("/bmi/{name}", "POST", ["health"])


@pytest.mark.parametrize(
    ("given", "status", "body"),
    [("1", 200, {"item": "one"}), ("2", 404, {"error": "no 2"})],
)
def test_http_answer(
    engines: Callable[..., YAMLEngine], given: str, status: int, body: State
) -> None:
    """An answer ends the run with its status, its body and its headers."""
    graph = engines().load_from_file(str(AGENTS / "http_answer.yaml"))
    event = last(graph, {"id": given})
    assert (event["type"], event["status"], event["body"]) == ("http_response", status, body)
    assert event["headers"]["Content-Type"] == "application/json"


def test_journaled_effects_are_not_repeated(
    engines: Callable[..., YAMLEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failure the run goes on, and what was paid is not paid again."""
    monkeypatch.setenv("AGENT_JOURNAL", f"sqlite:///{tmp_path / 'journal.db'}")
    paid: list[int] = []
    broken = [True]

    def charge(state: State, amount: int, **_: object) -> State:
        paid.append(amount)
        return {"id": f"r{len(paid)}"}

    def ship(state: State, receipt: str, **_: object) -> str:
        if broken[0]:
            raise KeyboardInterrupt
        return f"parcel of {receipt}"

    config = {"thread_id": "order-1"}
    first = engines(pay__charge=charge, pay__ship=ship)
    with pytest.raises(KeyboardInterrupt):
        last(first.load_from_file(str(AGENTS / "journaled.yaml")), {"amount": 5}, config=config)
    first.close()
    broken[0] = False
    second = engines(pay__charge=charge, pay__ship=ship)
    graph = second.load_from_file(str(AGENTS / "journaled.yaml"))
    final = last(graph, {"amount": 5}, config=config)
    assert final["state"]["parcel"] == "parcel of r1"
    assert paid == [5]


def test_secrets_reach_actions_and_nothing_else(
    engines: Callable[..., YAMLEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret comes from the environment to the action; the trace does not have it."""
    monkeypatch.setenv("AGENT_TEST_API_KEY", "hush-hush-4711")
    seen: list[str] = []

    def sign(state: State, key: str, text: str, **_: object) -> str:
        seen.append(key)
        return f"{text} signed with {key}"

    trace = tmp_path / "trace.jsonl"
    definition = yaml.safe_load((AGENTS / "secrets.yaml").read_text())
    definition["settings"]["auto_trace"] = True
    definition["settings"]["journal"] = f"sqlite:///{tmp_path / 'journal.db'}"
    definition["nodes"].append({"name": "fail", "run": "raise ValueError(state['signed'])"})
    engine = YAMLEngine(actions_registry={"crypt.sign": sign}, trace_file=str(trace))
    graph = engine.load_from_dict(definition)
    ended = last(graph, {"text": "hello"})
    engine.close()
    assert ended["state"]["signed"] == "hello signed with hush-hush-4711"
    assert seen == ["hush-hush-4711"]
    assert len(trace.read_text().splitlines()) == 2
    for path in tmp_path.iterdir():
        assert b"hush-hush-4711" not in path.read_bytes()


def test_every_file_is_run() -> None:
    """No agent file of the folder is left out here."""
    named = json.dumps([row[0] for row in PLAIN]) + Path(__file__).read_text()
    assert [path.name for path in AGENTS.glob("*.yaml") if path.stem not in named] == []
