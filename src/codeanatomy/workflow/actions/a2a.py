"""Actions by which agents talk: messages, tasks for another, a roll of who is there."""

from __future__ import annotations

import re
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import AnatomyError, SpecError
from codeanatomy.workflow.actions._bus import SHARED, Bus, Message
from codeanatomy.workflow.actions._results import err, ok

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_PART = "a2a"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|)\s*\Z")


class DelegationTimeoutError(AnatomyError, TimeoutError):
    """The agent that was given a task did not answer in time; facts: `agent`, `timeout`."""

    code = "delegation-timeout"
    exit_status = 1


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "a2a.send": partial(send, host),
        "a2a.receive": partial(receive, host),
        "a2a.broadcast": partial(broadcast, host),
        "a2a.delegate": partial(delegate, host),
        "a2a.register": partial(register, host),
        "a2a.unregister": partial(unregister, host),
        "a2a.discover": partial(discover, host),
        "a2a.heartbeat": partial(heartbeat, host),
        "a2a.state.get": partial(state_get, host),
        "a2a.state.set": partial(state_set, host),
    }


def send(
    host: Host,
    /,
    state: State,
    to: str,
    message: Any,
    confirm: bool = False,
    correlation_id: str | None = None,
    ttl: Any = None,
    **_: object,
) -> State:
    """Leave a message in an agent's mailbox; with `confirm` the agent must be registered."""
    member = _member(host)
    kind, body = _kind(message)
    if confirm and to not in {one["agent_id"] for one in member.bus.members()}:
        return err(f"Agent '{to}' is not registered", "agent_not_found")
    posted = member.bus.message(member.agent, to, kind, body, correlation_id)
    member.bus.post(posted, _seconds(ttl))
    facts = {"to": to, "correlation_id": correlation_id}
    return ok(message_id=posted.id, sent=True, confirmed=confirm, **facts)


def receive(
    host: Host,
    /,
    state: State,
    from_agents: Any = None,
    type: str | None = None,
    timeout: Any = "0s",
    require_all: bool = False,
    **_: object,
) -> State:
    """Take messages out of one's mailbox; with `require_all` wait for one from each agent."""
    member = _member(host)
    senders = {from_agents} if isinstance(from_agents, str) else set(from_agents or ())

    def fits(message: Message) -> bool:
        named = not senders or message.sender in senders
        return named and type in {None, message.kind}

    wanted = len(senders) if require_all else 1
    found = member.bus.wait(member.agent, fits, _seconds(timeout) or 0.0, wanted)
    missing = sorted(senders - {one.sender for one in found})
    facts = {"messages": [_shown(one) for one in found], "count": len(found)}
    if require_all and missing:
        text = f"No message in time from: {', '.join(missing)}"
        return err(text, "timeout", **facts, missing=missing)
    return ok(**facts)


def broadcast(
    host: Host,
    /,
    state: State,
    message: Any,
    agent_type_filter: str | None = None,
    ttl: Any = None,
    **_: object,
) -> State:
    """Leave a message with every other agent on the roll."""
    member = _member(host)
    kind, body = _kind(message)
    names = [
        one["agent_id"]
        for one in member.bus.members()
        if one["agent_id"] != member.agent and agent_type_filter in {None, one["agent_type"]}
    ]
    for name in names:
        posted = member.bus.message(member.agent, name, kind, body)
        member.bus.post(posted, _seconds(ttl))
    return ok(recipients=names, recipient_count=len(names))


def delegate(
    host: Host,
    /,
    state: State,
    to: str,
    task: Any,
    timeout: Any = "60s",
    on_timeout: str = "raise",
    fallback: Any = None,
    **_: object,
) -> State:
    """Give an agent a task and wait for the message that answers it.

    The other side answers with `a2a.send` and the task's `correlation_id`. `on_timeout` is
    `raise`, `fallback` (another agent is asked once) or `return`.
    """
    member = _member(host)
    asked = uuid.uuid4().hex
    seconds = _seconds(timeout) or 0.0
    for name in [to, *([fallback] if on_timeout == "fallback" and fallback else [])]:
        member.bus.post(member.bus.message(member.agent, name, "task", task, asked))
        found = member.bus.wait(member.agent, lambda m: m.correlation == asked, seconds)
        if found:
            facts = {"correlation_id": asked, "agent_id": name, "fallback_used": name != to}
            return ok(result=found[0].body, **facts)
    text = f"Agent '{to}' did not answer within {timeout}"
    if on_timeout == "raise":
        raise DelegationTimeoutError(text, agent=to, timeout=timeout)
    return err(text, "timeout", correlation_id=asked, agent_id=to)


def register(
    host: Host,
    /,
    state: State,
    agent_id: str | None = None,
    capabilities: list[str] | None = None,
    agent_type: str | None = None,
    metadata: State | None = None,
    **_: object,
) -> State:
    """Put this agent on the roll, so that others find it."""
    member = _member(host)
    member.agent = agent_id or member.agent
    member.bus.join(member.agent, agent_type, capabilities or [], metadata or {})
    return ok(agent_id=member.agent, registered=True, namespace=member.space)


def unregister(host: Host, /, state: State, agent_id: str | None = None, **_: object) -> State:
    """Take an agent off the roll."""
    member = _member(host)
    name = agent_id or member.agent
    return ok(agent_id=name, unregistered=member.bus.leave(name))


def discover(
    host: Host,
    /,
    state: State,
    capability: str | None = None,
    agent_type: str | None = None,
    status: str | None = None,
    **_: object,
) -> State:
    """List the other agents on the roll that can do something, or are of a type or status."""
    member = _member(host)
    found = [
        one
        for one in member.bus.members()
        if one["agent_id"] != member.agent
        and (capability is None or capability in one["capabilities"])
        and agent_type in {None, one["agent_type"]}
        and status in {None, one["status"]}
    ]
    return ok(agents=found, count=len(found))


def heartbeat(host: Host, /, state: State, **_: object) -> State:
    """Tell the others that this agent is alive."""
    member = _member(host)
    return ok(agent_id=member.agent, timestamp=member.bus.beat(member.agent))


def state_get(host: Host, /, state: State, key: str, default: Any = None, **_: object) -> State:
    """Return a value that all agents share, with its version."""
    found = _member(host).bus.value(key)
    if found is None:
        return ok(key=key, value=default, found=False, version=0)
    return ok(key=key, value=found[0], found=True, version=found[1])


def state_set(
    host: Host,
    /,
    state: State,
    key: str,
    value: Any,
    ttl: Any = None,
    expected_version: int | None = None,
    **_: object,
) -> State:
    """Set a value that all agents share; with `expected_version` only if nobody else did."""
    bus = _member(host).bus
    version = bus.put(key, value, _seconds(ttl), expected_version)
    if version is None:
        found = bus.value(key)
        current = found[1] if found else 0
        text = f"'{key}' has version {current}, expected {expected_version}"
        return err(text, "version_conflict", key=key, version=current)
    return ok(key=key, version=version)


class _Member:
    """This engine on a bus."""

    def __init__(self, where: str, space: str, agent: str) -> None:
        self._where = where
        self.space = space
        self.agent = agent
        self.bus = Bus(SHARED.take(where), space)

    def close(self) -> None:
        """Leave the database to the others."""
        SHARED.give_back(self._where)


class _Members(dict[tuple[str, str, str], _Member]):
    """The buses that the files of one engine are on."""

    def close(self) -> None:
        """Leave them all."""
        while self:
            self.popitem()[1].close()


def _member(host: Host) -> _Member:
    settings = (host.settings or {}).get("a2a") or {}
    where = str(settings.get("bus") or settings.get("url") or "memory")
    space = str(settings.get("namespace") or "default")
    agent = str(settings.get("agent_id") or host.name or "agent")
    members: _Members = host.parts.setdefault(_PART, _Members())
    key = (where, space, agent)
    if key not in members:
        members[key] = _Member(*key)
    return members[key]


def _kind(message: Any) -> tuple[str, Any]:
    """Return the type of a message, and what it says."""
    if isinstance(message, dict) and "type" in message:
        return str(message["type"]), message.get("payload", message)
    return "message", message


def _shown(message: Message) -> State:
    return {
        "id": message.id,
        "from": message.sender,
        "to": message.recipient,
        "type": message.kind,
        "payload": message.body,
        "correlation_id": message.correlation,
        "timestamp": message.sent,
    }


def _seconds(given: Any) -> float | None:
    """Return a number of seconds from a number or a text such as 500ms, 60s, 5m, 1h."""
    if given is None or isinstance(given, int | float):
        return given
    found = _DURATION.match(str(given))
    if not found:
        raise SpecError(f"{given!r} is no duration; write 500ms, 60s, 5m or 1h")
    return float(found[1]) * _UNITS[found[2]]
