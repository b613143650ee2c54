"""What the actions that give tasks to agents answer."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.workflow.contract.engines import actions_of
from tests.workflow.contract.thinking import Told, thinking

AGENTS = {
    "ann": {"model": "m1", "system_prompt": "You are Ann", "temperature": 0.1},
    "bob": {"model": "m2"},
    "cat": {"model": "m3", "role": "a cat", "goal": "milk"},
}
SETTINGS = {"agents": AGENTS}


def by_model(**replies: Any) -> Any:  # noqa: ANN401 - a reply for each model
    """Return a reply that depends on the model that is asked."""
    return lambda asked: replies[asked["model"]]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the seconds that are slept, without sleeping."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


# ------------------------------------------------------------------ one
def test_a_task_is_given_to_an_agent() -> None:
    """It is a template of the state and its keys."""
    with thinking("done", settings=SETTINGS) as (ask, told, _):
        answer = ask(
            "agent.dispatch", {"q": "tea"}, agent="ann", task="make {{ q }}, {{ state.q }}"
        )
    assert told.asked == [
        {
            "model": "m1",
            "temperature": 0.1,
            "messages": [
                {"role": "system", "content": "You are Ann"},
                {"role": "user", "content": "make tea, tea"},
            ],
        }
    ]
    assert answer.pop("elapsed_ms") >= 0
    assert answer == {
        "content": "done",
        "response": "done",
        "usage": {"total_tokens": 1},
        "agent": "ann",
        "success": True,
        "attempts": 1,
    }


def test_a_state_may_have_any_keys() -> None:
    """Also those that rendering uses itself, and those that are no names."""
    state = {"template": "t", "state": "s", "self": 1, "a b": 2, "q": "{{ 7 * 7 }}"}
    with thinking("done", settings=SETTINGS) as (ask, told, _):
        ask("agent.dispatch", state, agent="bob", task="{{ q }} {{ state.template }}")
    assert told.texts() == ["{{ 7 * 7 }} t"]


@pytest.mark.parametrize(
    ("agent", "system"), [("bob", None), ("cat", "You are a cat\nYour goal: milk")]
)
def test_who_an_agent_is(agent: str, system: str | None) -> None:
    """Its role and goal, or nothing."""
    with thinking("done", settings=SETTINGS) as (ask, told, _):
        ask("agent.dispatch", agent=agent, task="go")
    said = [m["content"] for m in told.asked[0]["messages"] if m["role"] == "system"]
    assert said == ([] if system is None else [system])


def test_an_unknown_agent() -> None:
    """The text names those there are; nobody is asked."""
    with thinking("done", settings=SETTINGS) as (ask, told, _):
        answer = ask("agent.dispatch", agent="dan", task="go")
    text = "Agent 'dan' not found. Available agents: ['ann', 'bob', 'cat']"
    assert (answer["error"], answer["agent"], answer["success"]) == (text, "dan", False)
    assert (answer["attempts"], told.asked) == (0, [])


@pytest.mark.parametrize(
    ("given", "attempts", "waited"),
    [({}, 4, [1.0, 2.0, 4.0]), ({"max_retries": 1}, 2, [1.0]), ({"max_retries": 0}, 1, [])],
)
def test_an_agent_that_fails(
    given: dict[str, Any], attempts: int, waited: list[float], waits: list[float]
) -> None:
    """Is asked again, with longer and longer waits."""
    with thinking(ValueError("no"), settings=SETTINGS) as (ask, _, _):
        answer = ask("agent.dispatch", agent="ann", task="go", **given)
    assert set(answer) == {"error", "agent", "success", "attempts", "elapsed_ms"}
    assert (answer["error"], answer["success"], answer["attempts"]) == ("no", False, attempts)
    assert waits == waited


def test_an_answer_that_is_an_error_counts_as_failure() -> None:
    """The next one may work."""
    with thinking("unused", settings=SETTINGS) as (ask, _, engine):
        answers = [{"error": "no", "success": False}, {"content": "yes", "usage": {}}]
        actions_of(engine)["llm.call"] = lambda **_: answers.pop(0)
        answer = ask("agent.dispatch", agent="ann", task="go")
    assert (answer["response"], answer["attempts"]) == ("yes", 2)


@pytest.mark.parametrize(
    ("agent", "text"),
    [
        ({}, "model is required"),
        ({"model": "m", "temperature": 2.1}, "temperature must be between 0 and 2, got 2.1"),
        ({"model": "m", "temperature": -1}, "temperature must be between 0 and 2, got -1"),
    ],
)
def test_an_agent_that_cannot_be(agent: dict[str, Any], text: str) -> None:
    """Is a ValueError."""
    with (
        thinking("x", settings={"agents": {"a": agent}}) as (ask, _, _),
        pytest.raises(ValueError, match=text),
    ):
        ask("agent.dispatch", agent="a", task="go")


def test_the_settings_of_models_are_the_defaults() -> None:
    """An agent's own come first."""
    settings = {"llm": {"model": "common", "temperature": 0.3}, "agents": {"a": {"model": "own"}}}
    with thinking("x", settings={**settings, "agents": {"a": {}, "b": {"model": "own"}}}) as (
        ask,
        told,
        _,
    ):
        ask("agent.dispatch", agent="a", task="go")
        ask("agent.dispatch", agent="b", task="go", timeout=9)
    assert [(one["model"], one["temperature"]) for one in told.asked] == [
        ("common", 0.3),
        ("own", 0.3),
    ]
    assert told.asked[1]["timeout"] == 9


def test_an_agent_with_tools_may_use_them() -> None:
    """It is asked through the action for that."""
    tools = [{"name": "t", "action": "my.t"}]
    settings = {"agents": {"a": {"model": "m", "tools": tools}}}
    with thinking("x", settings=settings) as (ask, _, engine):
        told = Told("with tools")
        actions_of(engine)["llm.tools"] = told
        answer = ask("agent.dispatch", agent="a", task="go")
    assert (answer["response"], told.asked[0]["tools"]) == ("with tools", tools)


# ------------------------------------------------------------------ several
ALL = ["ann", "bob", "cat"]


@pytest.mark.parametrize(
    ("aggregation", "replies", "expected"),
    [
        (
            "collect",
            ("a", "b", "c"),
            {
                "responses": [
                    {"agent": "ann", "response": "a", "success": True},
                    {"agent": "bob", "response": "b", "success": True},
                    {"agent": "cat", "response": "c", "success": True},
                ],
                "count": 3,
            },
        ),
        (
            "vote",
            ("Yes", "no", " yes "),
            {"result": "Yes", "votes": {"yes": 2, "no": 1}, "unanimous": False, "total_votes": 3},
        ),
        (
            "vote",
            ("a", "a", "A"),
            {"result": "a", "votes": {"a": 3}, "unanimous": True, "total_votes": 3},
        ),
        ("first", (ValueError("no"), "b", "c"), {"result": "b", "agent": "bob"}),
        (
            "consensus",
            ("a", "a", "b"),
            {
                "result": "a",
                "agreement": 2 / 3,
                "consensus_reached": True,
                "threshold": 0.5,
                "rounds": 1,
            },
        ),
        (
            "consensus",
            ("a", "b", "c"),
            {
                "result": None,
                "agreement": 1 / 3,
                "consensus_reached": False,
                "threshold": 0.5,
                "rounds": 3,
            },
        ),
    ],
)
def test_several_answers_become_one(
    aggregation: str, replies: tuple[Any, ...], expected: dict[str, Any]
) -> None:
    """Collected, counted, the first, or what enough agree on."""
    reply = by_model(m1=replies[0], m2=replies[1], m3=replies[2])
    with thinking(reply, settings=SETTINGS) as (ask, _, _):
        answer = ask("agent.parallel", agents=ALL, task="go", aggregation=aggregation)
    assert {key: answer[key] for key in expected} == expected
    assert (answer["aggregation"], answer["success"]) == (aggregation, True)
    assert answer["agents_called"] == ALL
    assert ("raw_results" in answer) == (aggregation != "collect")
    assert answer["elapsed_ms"] >= 0


def test_agents_hear_what_the_others_said() -> None:
    """In the next round, as it was said: an answer is no template."""
    replies = {"m1": "{{ 1/0 }}", "m2": "b"}

    def reply(asked: dict[str, Any]) -> str:
        again = "The others answered" in asked["messages"][-1]["content"]
        return "agreed" if again else replies[asked["model"]]

    with thinking(reply, settings=SETTINGS) as (ask, told, _):
        params = {"aggregation": "consensus", "consensus_threshold": 0.9}
        answer = ask("agent.parallel", agents=["ann", "bob"], task="go", **params)
    assert (answer["result"], answer["rounds"], answer["agreement"]) == ("agreed", 2, 1.0)
    assert "- {{ 1/0 }}\n- b" in told.texts()[-1]


def test_agents_work_at_the_same_time() -> None:
    """Each waits until all are there."""
    gate = threading.Barrier(3, timeout=5)

    def reply(asked: dict[str, Any]) -> str:
        gate.wait()
        return str(asked["model"])

    with thinking(reply, settings=SETTINGS) as (ask, _, _):
        answer = ask("agent.parallel", agents=ALL, task="go")
    assert [one["response"] for one in answer["responses"]] == ["m1", "m2", "m3"]


def test_only_known_agents_are_asked() -> None:
    """None is an error; so is an unknown way to aggregate."""
    with thinking("x", settings=SETTINGS) as (ask, _, _):
        some = ask("agent.parallel", agents=["bob", "dan"], task="go")
        none = ask("agent.parallel", agents=["dan"], task="go")
        way = ask("agent.parallel", agents=ALL, task="go", aggregation="shout")
    assert some["agents_called"] == ["bob"]
    assert (none["error"], none["success"]) == ("No valid agents found", False)
    assert way["error"].startswith("Unknown aggregation: shout")


def test_one_failure_among_several() -> None:
    """Is collected with its error; all failing is no success."""
    with thinking(by_model(m1=ValueError("no"), m2="b"), settings=SETTINGS) as (ask, _, _):
        some = ask("agent.parallel", agents=["ann", "bob"], task="go")
        none = ask("agent.parallel", agents=["ann"], task="go", aggregation="vote")
    failed = {"agent": "ann", "success": False, "error": "no"}
    assert (some["responses"][0], some["success"]) == (failed, True)
    assert (none["result"], none["votes"], none["success"]) == (None, {}, False)


# ------------------------------------------------------------------ in a chain
def test_a_chain_hands_on_the_response() -> None:
    """Each task may use it, and its place."""
    tasks = ["start", "{{ previous_response }} {{ chain_index }}/{{ chain_length }}"]
    with thinking("one", "two", settings=SETTINGS) as (ask, told, _):
        params = {"agents": ["ann", "bob"], "tasks": tasks, "output_key": "mine"}
        answer = ask("agent.sequential", **params)
    assert told.texts() == ["start", "one 1/2"]
    assert answer.pop("elapsed_ms") >= 0
    assert answer == {
        "result": "two",
        "mine": "two",
        "chain": [
            {"agent": "ann", "response": "one", "success": True},
            {"agent": "bob", "response": "two", "success": True},
        ],
        "success": True,
        "agents_called": ["ann", "bob"],
    }


def test_one_task_for_all_and_a_transformation() -> None:
    """The transformation is a template of the response."""
    with thinking("one", "two", settings=SETTINGS) as (ask, told, _):
        params = {"agents": ["ann", "bob"], "task": "go", "transform": "<{{ response }}>"}
        answer = ask("agent.sequential", **params)
    assert (answer["result"], answer["sequential_result"]) == ("<two>", "<two>")
    assert told.texts() == ["go", "go"]


@pytest.mark.parametrize(("early", "called", "result"), [(True, 2, "a"), (False, 3, "c")])
def test_a_chain_that_breaks(*, early: bool, called: int, result: str) -> None:
    """Says where; it goes on only if told to."""
    reply = by_model(m1="a", m2=ValueError("no"), m3="c")
    with thinking(reply, settings=SETTINGS) as (ask, _, _):
        params = {"agents": ALL, "task": "go", "early_exit_on_failure": early}
        answer = ask("agent.sequential", **params)
    assert (answer["success"], answer["failed_at"], answer["error"]) == (False, 1, "no")
    assert (len(answer["agents_called"]), answer["result"]) == (called, result)


@pytest.mark.parametrize("params", [{}, {"tasks": ["one"]}])
def test_a_chain_needs_tasks(params: dict[str, Any]) -> None:
    """One for all, or one for each."""
    with thinking("x", settings=SETTINGS) as (ask, _, _):
        answer = ask("agent.sequential", agents=["ann", "bob"], **params)
    assert answer["success"] is False


# ------------------------------------------------------------------ under a leader
@pytest.mark.parametrize("at_once", [True, False])
def test_a_leader_divides_and_judges(*, at_once: bool) -> None:
    """Round by round, until it says that all is complete."""
    leader = [
        {"assignments": {"bob": "part one", "cat": "part two", "dan": "nothing"}},
        {"complete": False, "result": None, "assignments": {"cat": "part two again"}},
        {"complete": True, "result": "whole"},
    ]
    heard: list[str] = []

    def reply(asked: dict[str, Any]) -> Any:  # noqa: ANN401 - by who is asked
        if asked["model"] == "m1":
            return leader.pop(0)
        heard.append(asked["messages"][-1]["content"])
        return f"did {heard[-1]}"

    with thinking(reply, settings=SETTINGS) as (ask, told, _):
        params = {"leader": "ann", "workers": ["bob", "cat"], "task": "{{ q }}"}
        answer = ask("agent.coordinate", {"q": "all"}, **params, parallel_workers=at_once)
    assert answer.pop("elapsed_ms") >= 0
    assert answer == {
        "result": "whole",
        "rounds": 2,
        "worker_results": {"bob": "did part one", "cat": "did part two again"},
        "success": True,
        "leader": "ann",
        "workers": ["bob", "cat"],
    }
    assert sorted(heard) == ["part one", "part two", "part two again"]
    assert told.texts()[0].endswith("Task:\nall")


def test_a_leader_that_speaks_plainly() -> None:
    """Every worker gets the whole task; its last word is the result."""
    replies = by_model(m1="fine", m2="work")
    with thinking(replies, settings=SETTINGS) as (ask, told, _):
        params = {"leader": "ann", "workers": ["bob"], "task": "all", "validation_prompt": "Check!"}
        answer = ask("agent.coordinate", **params)
    assert (answer["result"], answer["rounds"]) == ("fine", 1)
    assert told.texts()[1] == "all"
    assert told.texts()[2].startswith("Check!")


def test_rounds_of_a_leader_have_a_limit() -> None:
    """The result is the last it had."""
    verdict = {"complete": False, "result": "half"}
    with thinking(by_model(m1=verdict, m2="w"), settings=SETTINGS) as (ask, _, _):
        params = {"leader": "ann", "workers": ["bob"], "task": "t", "max_rounds": 2}
        answer = ask("agent.coordinate", **params)
    assert (answer["result"], answer["rounds"]) == ("half", 2)


def test_a_leader_that_fails() -> None:
    """Is the failure of the whole."""
    with thinking(ValueError("no"), settings=SETTINGS) as (ask, _, _):
        answer = ask("agent.coordinate", leader="ann", workers=["bob"], task="t")
    assert (answer["success"], answer["error"], answer["rounds"]) == (False, "no", 0)


@pytest.mark.parametrize(
    ("params", "key"),
    [({}, "chain"), ({"backend": "crewai"}, "chain"), ({"process": "hierarchical"}, "leader")],
)
def test_a_crew_is_a_chain_or_has_a_leader(params: dict[str, Any], key: str) -> None:
    """Without the other library."""
    with thinking("done", settings=SETTINGS) as (ask, _, _):
        answer = ask("agent.crewai_delegate", agents=["ann", "bob"], task="go", **params)
    assert (answer["success"], answer["backend"]) == (True, "native")
    assert key in answer


def test_a_crew_that_must_not_fall_back() -> None:
    """Is an error."""
    params = {"backend": "crewai", "fallback_to_native": False}
    with thinking("done", settings=SETTINGS) as (ask, told, _):
        answer = ask("agent.crewai_delegate", agents=["ann"], task="go", **params)
    assert (answer["success"], told.asked) == (False, [])
    assert "CrewAI" in answer["error"]
