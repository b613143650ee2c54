"""Values and texts of actions as users of the first implementation met them."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import SQLiteBackend

from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def engine() -> Iterator[Any]:
    """Open an engine with a long-term memory."""
    memory = SQLiteBackend(":memory:")
    with open_engine(ltm_backend=memory) as opened:
        yield opened
    memory.close()


def test_a_program_without_arguments_reads_no_file(engine: Engine) -> None:
    """`stdin_mode: file` works for a program that has no arguments."""
    engine.shell_providers = {"quiet": {"command": "true", "stdin_mode": "file"}}
    call = actions_of(engine)["llm.call"]
    answer = call(state={}, prompt="x", provider="shell", shell_provider="quiet")
    assert answer == {"content": "", "usage": {}, "provider": "shell", "shell_provider": "quiet"}


def test_an_unknown_action_sets_no_limit(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """The first call that is made configures a limiter, not one that could not be."""
    actions = actions_of(engine)
    actions["my.one"] = lambda **_: 1
    wrap = actions["ratelimit.wrap"]
    assert wrap(state={}, action="nope", args={}, limiter="l")["error_type"] == "action_not_found"
    with caplog.at_level(logging.WARNING):
        assert wrap(state={}, action="my.one", args={}, limiter="l", rps=1000)["result"] == 1
    assert caplog.records == []


@pytest.mark.parametrize("form", ["text", "zulu", "seconds"])
@pytest.mark.parametrize(("hours", "expired"), [(-1, True), (1, False)])
def test_moments_in_the_cache(engine: Engine, form: str, hours: int, *, expired: bool) -> None:
    """An entry's end is a text in ISO 8601; entries of users may hold seconds."""
    moment = datetime.now(UTC) + timedelta(hours=hours)
    end = {
        "text": moment.isoformat(),
        "zulu": moment.isoformat().replace("+00:00", "Z"),
        "seconds": moment.timestamp(),
    }[form]
    facts = {"_cache_type": "action_result", "_cache_expires_at": end}
    engine.ltm_backend.store("cache:k", {"result": 7}, metadata=facts)
    found = actions_of(engine)["cache.get"](state={}, key="k")
    assert (found["found"], found["expired"]) == (not expired, expired)


def test_the_cache_writes_moments_as_texts(engine: Engine) -> None:
    """Both moments of an entry are texts in ISO 8601, as far apart as its life is long."""
    actions = actions_of(engine)
    actions["my.one"] = lambda **_: 1
    made = actions["cache.wrap"](state={}, action="my.one", args={}, ttl_hours=2)
    facts = engine.ltm_backend.retrieve(made["_cache_key"])["metadata"]
    begun, over = (facts[f"_cache_{name}_at"] for name in ("created", "expires"))
    lived = datetime.fromisoformat(over) - datetime.fromisoformat(begun)
    assert lived == timedelta(hours=2)


def test_steps_of_react_in_their_order(engine: Engine) -> None:
    """A step's keys come in the promised order."""
    actions = actions_of(engine)
    said = '{"thought": "t", "action": "final_answer", "action_input": "F"}'
    actions["llm.call"] = lambda **_: {"content": said}
    (step,) = actions["reason.react"](state={}, goal="g")["steps"]
    assert list(step) == ["step", "thought", "action", "action_input", "timestamp", "observation"]


@pytest.mark.parametrize("role", ["generator", "evaluator", "corrector"])
def test_unknown_actions_of_a_reflection(engine: Engine, role: str) -> None:
    """An action that is not there is said before anything is generated."""
    actions, made = actions_of(engine), list[int]()

    def make(**_: object) -> dict[str, int]:
        made.append(1)
        return {"n": 1}

    actions["my.make"] = make
    known: dict[str, Any] = {
        "generator": {"action": "my.make"},
        "evaluator": {"type": "custom", "action": "my.make"},
        "corrector": {"action": "my.make"},
    }
    known[role] = {**known[role], "action": "nope"}
    with pytest.raises(ValueError, match=f"reflection.loop: Unknown {role} action: nope"):
        actions["reflection.loop"](state={}, **known)
    assert made == []


def test_graph_actions_by_position(engine: Engine) -> None:
    """The parameters of a graph's actions may be given by position."""
    actions = actions_of(engine)
    assert actions["graph.store_entity"]({}, "e1", "Person", {"age": 3})["created"] is True
    found = actions["graph.query"]({}, "MATCH (n:Person) RETURN n.age AS age")
    assert found["results"] == [{"age": 3}]


BY_HAND = {"id": "p", "goal": "g", "subtasks": [{"id": "a", "description": "A"}, {"id": "b"}]}


def test_plans_written_by_hand(engine: Engine) -> None:
    """A plan may leave out what has not happened to its subtasks yet."""
    actions = actions_of(engine)
    actions["llm.call"] = lambda **_: {"content": "done"}
    done = actions["plan.execute"](state={}, plan=BY_HAND)
    assert (done["success"], done["subtask_results"]) == (True, {"a": "done", "b": "done"})
    (first, _) = done["plan"]["subtasks"]
    assert (first["status"], first["retry_count"], first["error"]) == ("completed", 0, None)
    assert BY_HAND["subtasks"] == [{"id": "a", "description": "A"}, {"id": "b"}]
    shown = actions["plan.status"](state={"plan": BY_HAND})
    assert (shown["status"]["pending"], shown["progress"]) == (2, 0.0)
    actions["llm.call"] = lambda **_: {"content": '{"subtasks": [{"id": "c"}]}'}
    again = actions["plan.replan"](state={"plan": BY_HAND})
    assert (again["preserved_subtasks"], again["new_subtasks"]) == (0, 1)


@pytest.mark.parametrize("action", ["plan.execute", "plan.status", "plan.replan"])
@pytest.mark.parametrize("plan", ["x", {"subtasks": 5}, {"subtasks": [1]}, {"id": "p"}])
def test_what_is_no_plan(engine: Engine, action: str, plan: object) -> None:
    """Anything else is answered, not raised."""
    answer = actions_of(engine)[action](state={}, plan=plan)
    assert answer["success"] is False
    assert answer["error"].startswith("Invalid plan structure: ")


@pytest.mark.parametrize("text", ["", "no heading", "- [ ] a task\n", "> quote"])
def test_markdown_without_headings(engine: Engine, text: str) -> None:
    """A text without headings has no sections."""
    found = actions_of(engine)["markdown.parse"](state={}, content=text)
    assert (found["success"], found["title"], found["sections"]) == (True, None, [])


def test_markdown_without_its_parser(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser is named when it is not there, also after it was."""
    parse = actions_of(engine)["markdown.parse"]
    assert parse(state={}, content="# T")["title"] == "T"
    monkeypatch.setitem(sys.modules, "markdown_it", None)
    assert parse(state={}, content="# T")["error_type"] == "import"


class Broken:
    """A backend of sessions that cannot be reached."""

    def load(self, session_id: str, *_: object) -> None:
        """Fail."""
        raise OSError(f"{session_id}: gone")

    delete = exists = save = load


def test_sessions_that_cannot_be_reached(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """Are answered, not raised; what cannot be loaded is the default, with a warning."""
    engine.session_backend = Broken()
    actions, state = actions_of(engine), {"session_id": "s"}
    assert actions["session.load"](state, default={"a": 1}) == {"a": 1}
    assert "s: gone" in caplog.text
    assert actions["session.save"](state) == {"success": False, "error": "s: gone"}
    assert actions["session.delete"](state) == {"success": False, "error": "s: gone"}
    assert actions["session.exists"](state) == {"exists": False, "error": "s: gone"}


def test_numbers_are_sessions(engine: Engine) -> None:
    """The id of a session may be a number."""
    file = {
        "settings": {"session": {"backend": "memory", "auto_save": True}},
        "nodes": [{"name": "a", "run": "return {'n': state.get('n', 0) + 1}"}],
    }
    graph = engine.load_from_dict(file)
    counted = [[*graph.invoke({"session_id": 5})][-1]["state"]["n"] for _ in range(2)]
    assert counted == [1, 2]
    assert actions_of(engine)["session.exists"]({}, session_id=5) == {"exists": True}
