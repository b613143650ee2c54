"""Agents that talk: messages, delegated tasks, the roll, shared values."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.actions._bus import SHARED, Bus
from codeanatomy.workflow.actions.a2a import DelegationTimeoutError
from codeanatomy.workflow.memory.database import open_database
from tests.workflow.plain_host import PlainHost, host_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Ask = Any  # Callable[..., dict]: calls an action of one agent


@pytest.fixture(params=["memory", "sqlite"])
def agents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Ask]]:
    """Return a function that makes an agent on a bus of this test."""
    hosts: list[PlainHost] = []
    bus = "memory" if request.param == "memory" else f"sqlite:///{tmp_path}/bus.db"

    def make(name: str, space: str = str(tmp_path)) -> Ask:
        settings = {"a2a": {"agent_id": name, "bus": bus, "namespace": space}}
        host = host_with("a2a", settings=settings)
        hosts.append(host)

        def ask(verb: str, **params: object) -> Any:  # noqa: ANN401 - an answer
            return host.actions_registry[f"a2a.{verb}"](state={}, **params)

        return ask

    yield make
    for host in hosts:
        for part in host.parts.values():
            part.close()
    assert SHARED._open == {}


def test_a_message_arrives_once(agents: Callable[[str], Ask]) -> None:
    """With who sent it, and what it is about."""
    ann, bob = agents("ann"), agents("bob")
    sent = ann("send", to="bob", message={"x": [1]}, correlation_id="c")
    assert (sent["success"], sent["sent"], sent["to"]) == (True, True, "bob")
    got = bob("receive")
    (message,) = got["messages"]
    assert got["count"] == 1
    assert message["id"] == sent["message_id"]
    found = [message[key] for key in ("from", "to", "type", "payload", "correlation_id")]
    assert found == ["ann", "bob", "message", {"x": [1]}, "c"]
    assert bob("receive") == {"success": True, "messages": [], "count": 0}


def test_messages_come_in_order_and_by_choice(agents: Callable[[str], Ask]) -> None:
    """What was not asked for stays in the mailbox."""
    ann, bob, cat = agents("ann"), agents("bob"), agents("cat")
    ann("send", to="cat", message={"type": "news", "payload": 1})
    bob("send", to="cat", message=2)
    ann("send", to="cat", message=3)
    assert [m["payload"] for m in cat("receive", type="news")["messages"]] == [1]
    assert [m["payload"] for m in cat("receive", from_agents=["bob"])["messages"]] == [2]
    assert [m["payload"] for m in cat("receive")["messages"]] == [3]


def test_waiting_for_a_message(agents: Callable[[str], Ask]) -> None:
    """Until it is there."""
    ann, bob = agents("ann"), agents("bob")
    bob("receive")  # both are on the bus before the clock runs
    later = threading.Timer(0.05, lambda: ann("send", to="bob", message="late"))
    later.start()
    got = bob("receive", timeout="5s")
    later.join()
    assert [m["payload"] for m in got["messages"]] == ["late"]


def test_waiting_for_all(agents: Callable[[str], Ask]) -> None:
    """Who did not answer in time is named; what came is there."""
    ann, bob = agents("ann"), agents("bob")
    ann("send", to="bob", message=1)
    params = {"from_agents": ["ann", "cat"], "require_all": True, "timeout": "20ms"}
    got = bob("receive", **params)
    assert (got["success"], got["error_type"], got["missing"]) == (False, "timeout", ["cat"])
    assert got["count"] == 1


def test_a_confirmed_message_needs_a_known_agent(agents: Callable[[str], Ask]) -> None:
    """One that is registered."""
    ann, bob = agents("ann"), agents("bob")
    failed = ann("send", to="bob", message=1, confirm=True)
    assert (failed["success"], failed["error_type"]) == (False, "agent_not_found")
    bob("register")
    assert ann("send", to="bob", message=1, confirm=True)["confirmed"] is True


def test_the_roll(agents: Callable[[str], Ask]) -> None:
    """Who is there, by what they can do; oneself is not among the others."""
    ann, bob, cat = agents("ann"), agents("bob"), agents("cat")
    made = ann("register", capabilities=["read"], agent_type="worker", metadata={"m": 1})
    assert (made["agent_id"], made["registered"]) == ("ann", True)
    bob("register", agent_id="bobby", capabilities=["read", "write"], agent_type="boss")
    assert [a["agent_id"] for a in cat("discover")["agents"]] == ["ann", "bobby"]
    assert [a["agent_id"] for a in bob("discover")["agents"]] == ["ann"]
    assert [a["agent_id"] for a in cat("discover", capability="write")["agents"]] == ["bobby"]
    (found,) = cat("discover", agent_type="worker", status="active")["agents"]
    assert (found["capabilities"], found["metadata"]) == (["read"], {"m": 1})
    assert ann("heartbeat")["agent_id"] == "ann"
    assert ann("unregister") == {"success": True, "agent_id": "ann", "unregistered": True}
    assert cat("discover", capability="nothing")["count"] == 0


def test_a_broadcast_reaches_the_others(agents: Callable[[str], Ask]) -> None:
    """Those on the roll, of one type if asked."""
    names = {name: agents(name) for name in ("ann", "bob", "cat")}
    for name, ask in names.items():
        ask("register", agent_type="odd" if name == "bob" else "even")
    assert names["ann"]("broadcast", message="all")["recipients"] == ["bob", "cat"]
    assert names["ann"]("broadcast", message="odd", agent_type_filter="odd")["recipient_count"] == 1
    heard = [m["payload"] for m in names["bob"]("receive")["messages"]]
    assert sorted(heard) == ["all", "odd"]


def test_a_task_is_delegated_and_answered(agents: Callable[[str], Ask]) -> None:
    """By a message with the same correlation."""
    ann, bob = agents("ann"), agents("bob")
    bob("receive")

    def work() -> None:
        (task,) = bob("receive", type="task", timeout=5)["messages"]
        result = {"type": "result", "payload": task["payload"] * 2}
        bob("send", to=task["from"], message=result, correlation_id=task["correlation_id"])

    worker = threading.Thread(target=work)
    worker.start()
    answer = ann("delegate", to="bob", task=21, timeout="5s")
    worker.join()
    assert (answer["result"], answer["agent_id"], answer["fallback_used"]) == (42, "bob", False)


def test_a_task_that_nobody_answers(agents: Callable[[str], Ask]) -> None:
    """Raises, or is an answer; another agent may be asked."""
    ann, cat = agents("ann"), agents("cat")
    with pytest.raises(DelegationTimeoutError, match="'bob' did not answer within 10ms"):
        ann("delegate", to="bob", task=1, timeout="10ms")
    failed = ann("delegate", to="bob", task=1, timeout="10ms", on_timeout="return")
    assert (failed["success"], failed["error_type"]) == (False, "timeout")
    both = {"on_timeout": "fallback", "fallback": "cat", "timeout": "10ms"}
    assert ann("delegate", to="bob", task=2, **both)["success"] is False
    assert [m["payload"] for m in cat("receive")["messages"]] == [2]


def test_shared_values_have_versions(agents: Callable[[str], Ask]) -> None:
    """Who expects another one is told."""
    ann, bob = agents("ann"), agents("bob")
    missing = {"success": True, "key": "k", "value": 0, "found": False, "version": 0}
    assert ann("state.get", key="k", default=0) == missing
    assert ann("state.set", key="k", value=[1]) == {"success": True, "key": "k", "version": 1}
    found = bob("state.get", key="k")
    assert (found["value"], found["found"], found["version"]) == ([1], True, 1)
    assert bob("state.set", key="k", value=2, expected_version=1)["version"] == 2
    conflict = ann("state.set", key="k", value=3, expected_version=1)
    assert (conflict["error_type"], conflict["version"]) == ("version_conflict", 2)
    assert ann("state.get", key="k")["value"] == 2


def test_spaces_are_apart(agents: Any) -> None:  # noqa: ANN401 - takes a space too
    """Nothing is heard across."""
    ann, bob = agents("ann"), agents("bob", "elsewhere")
    ann("send", to="bob", message=1)
    assert bob("receive")["count"] == 0


def test_what_has_its_time_goes() -> None:
    """Messages, values, and members that are silent."""
    now = [100.0]
    bus = Bus(open_database(":memory:"), "s", clock=lambda: now[0])
    bus.join("ann", None, [], {})
    bus.post(bus.message("ann", "bob", "k", 1), ttl=5)
    bus.post(bus.message("ann", "bob", "k", 2), ttl=50)
    bus.put("key", "value", 5, None)
    now[0] = 110
    assert [m.body for m in bus.take("bob", lambda _: True)] == [2]
    assert bus.value("key") is None
    assert [one["status"] for one in bus.members()] == ["active"]
    now[0] = 200
    assert [one["status"] for one in bus.members()] == ["away"]
    bus._database.close()


@pytest.mark.parametrize("text", ["soon", "5 days", "", "-1s"])
def test_what_is_no_duration(agents: Callable[[str], Ask], text: str) -> None:
    """Is refused, with how to write one."""
    with pytest.raises(ValueError, match="is no duration; write 500ms"):
        agents("ann")("receive", timeout=text)
