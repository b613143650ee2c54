"""Actions that give tasks to named agents: one, several at once, in a chain, under a leader."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.actions import _votes
from codeanatomy.workflow.actions._calls import call
from codeanatomy.workflow.actions._thinking import ThinkingError, read_json
from codeanatomy.workflow.template.written import render_given, renders

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_RETRIES, _WAIT, _BACKOFF = 3, 1.0, 2.0
_HOTTEST = 2.0
_OWN = ("self", "state", "template")  # what rendering itself is told
_NOT_ASKED = frozenset(
    "system_prompt system role goal backstory description max_retries shell_providers".split()
)
_ASSIGN = (
    "You lead these workers: {workers}. Divide the task among them. Answer with one JSON object"
    ' and nothing else: {{"assignments": {{"<worker>": "<what it is to do>"}}}}\n\nTask:\n{task}'
)
_JUDGE = (
    "{how}\n\nTask:\n{task}\n\nResults of the workers:\n{results}\n\nAnswer with one JSON object"
    ' and nothing else: {{"complete": <true or false>, "result": "<the final answer>",'
    ' "assignments": {{"<worker>": "<what is still to be done>"}}}}'
)
_VALIDATE = "Check whether the results together fulfil the task, and combine them."


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "agent.dispatch": renders(partial(dispatch, host), "task"),
        "agent.parallel": renders(partial(parallel, host), "task"),
        "agent.sequential": renders(partial(sequential, host), "task", "tasks*", "transform"),
        "agent.coordinate": renders(partial(coordinate, host), "task"),
        "agent.crewai_delegate": renders(partial(crewai_delegate, host), "task"),
    }


def dispatch(
    host: Host,
    /,
    state: State,
    agent: str,
    task: str,
    timeout: float | None = None,
    max_retries: int | None = None,
    **_: object,
) -> State:
    """Give one agent a task, a template of the state."""
    return _told(host, state, agent, _rendered(host, task, state), timeout, max_retries)


def parallel(
    host: Host,
    /,
    state: State,
    agents: Sequence[str],
    task: str,
    aggregation: str = "collect",
    max_concurrent: int | None = None,
    timeout: float | None = None,
    consensus_threshold: float = 0.5,
    consensus_max_rounds: int = 3,
    **_: object,
) -> State:
    """Give several agents the same task at once, and make one answer of theirs."""
    start = time.perf_counter()
    if aggregation not in _votes.WAYS:
        text = f"Unknown aggregation: {aggregation}. Must be one of {list(_votes.WAYS)}"
        return {"error": text, "success": False}
    valid = [name for name in agents if name in _agents(host)]
    if not valid:
        return {"error": "No valid agents found", "success": False, "agents_called": []}

    whole = _rendered(host, task, state)

    def once(text: str) -> list[State]:
        return _all(host, state, [(name, text) for name in valid], max_concurrent, timeout)

    if aggregation == "consensus":
        answer, raw = _consensus(once, whole, consensus_threshold, consensus_max_rounds)
    else:
        raw = once(whole)
        answer = _votes.WAYS[aggregation](raw)
    more = {} if aggregation == "collect" else {"raw_results": raw}
    return {
        **answer,
        "aggregation": aggregation,
        "success": any(one["success"] for one in raw),
        "elapsed_ms": _since(start),
        "agents_called": valid,
        **more,
    }


def sequential(
    host: Host,
    /,
    state: State,
    agents: Sequence[str],
    task: str | None = None,
    tasks: Sequence[str] | None = None,
    transform: str | None = None,
    early_exit_on_failure: bool = True,
    output_key: str = "sequential_result",
    **_: object,
) -> State:
    """Give agents tasks one after another; each sees the response of the one before."""
    start = time.perf_counter()
    todo: list[Any] = list(tasks) if tasks else [task] * len(agents)
    if not agents or len(todo) != len(agents) or None in todo:
        return {"error": "Give 'task', or as many 'tasks' as agents", "success": False}
    chain: list[State] = []
    previous: Any = None
    failed: State = {}
    for index, (name, about) in enumerate(zip(agents, todo, strict=True)):
        place = {"previous_response": previous, "chain_index": index, "chain_length": len(agents)}
        answer = dispatch(host, {**state, **place}, name, about)
        response = answer.get("response")
        if answer["success"] and transform:
            scope = {**state, **place, "response": response}
            keys = {key: value for key, value in scope.items() if key not in _OWN}
            response = render_given(host, transform, scope, **keys)
        chain.append({"agent": name, "response": response, "success": answer["success"]})
        if not answer["success"]:
            failed = failed or {"failed_at": index, "error": answer["error"]}
            if early_exit_on_failure:
                break
        else:
            previous = response
    return {
        "result": previous,
        output_key: previous,
        "chain": chain,
        "success": not failed,
        "agents_called": [one["agent"] for one in chain],
        "elapsed_ms": _since(start),
        **failed,
    }


def coordinate(
    host: Host,
    /,
    state: State,
    leader: str,
    workers: Sequence[str],
    task: str,
    validation_prompt: str | None = None,
    max_rounds: int = 3,
    parallel_workers: bool = True,
    **_: object,
) -> State:
    """Have a leader divide a task among workers and judge what they bring, round by round."""
    start = time.perf_counter()
    whole = _rendered(host, task, state)
    told = _told(host, state, leader, _ASSIGN.format(workers=", ".join(workers), task=whole))
    results: dict[str, Any] = {}
    rounds, verdict = 0, {"complete": False, "result": None}
    assigned = _assignments(told, workers) or dict.fromkeys(workers, whole)
    while told["success"] and rounds < max_rounds and not verdict["complete"]:
        rounds += 1
        width = None if parallel_workers else 1
        pairs = list(assigned.items())
        for one in _all(host, state, pairs, width):
            results[one["agent"]] = one.get("response") if one["success"] else one
        shown = "\n".join(f"- {name}: {result}" for name, result in results.items())
        how = validation_prompt or _VALIDATE
        told = _told(host, state, leader, _JUDGE.format(how=how, task=whole, results=shown))
        verdict = _verdict(told)
        assigned = _assignments(told, workers) or assigned
    more = {} if told["success"] else {"error": told["error"]}
    return {
        "result": verdict["result"],
        "rounds": rounds,
        "worker_results": results,
        "success": bool(told["success"]),
        "leader": leader,
        "workers": list(workers),
        "elapsed_ms": _since(start),
        **more,
    }


def crewai_delegate(
    host: Host,
    /,
    state: State,
    agents: Sequence[str],
    task: str,
    process: str = "sequential",
    backend: str = "native",
    fallback_to_native: bool = True,
    verbose: bool = False,
    **_: object,
) -> State:
    """Give a crew a task: in sequence, or the first agent leading the others."""
    if backend == "crewai" and not fallback_to_native:
        text = "CrewAI is not used here; backend 'native' does the same"
        if find_spec("crewai") is None:
            text = "CrewAI not installed. Install with: pip install crewai, or use backend 'native'"
        return {"error": text, "success": False}
    if process == "hierarchical" and len(agents) > 1:
        answer = coordinate(host, state, agents[0], list(agents[1:]), task)
    else:
        answer = sequential(host, state, agents, task)
    return {**answer, "backend": "native", "process": process}


def _agents(host: Host) -> dict[str, State]:
    return (host.settings or {}).get("agents") or {}


def _checked(host: Host, name: str, about: State) -> State:
    common = (host.settings or {}).get("llm") or {}
    model = about.get("model") or common.get("model") or common.get("deployment")
    if not model:
        raise SpecError(f"Agent '{name}': model is required (or set settings.llm.model)")
    temperature = about.get("temperature", common.get("temperature", 0.7))
    if not 0 <= temperature <= _HOTTEST:
        raise SpecError(f"Agent '{name}': temperature must be between 0 and 2, got {temperature}")
    return {**common, **about, "model": model, "temperature": temperature}


def _rendered(host: Host, task: str, state: State) -> str:
    keys = {key: value for key, value in state.items() if key not in _OWN}
    return str(render_given(host, task, state, **keys))


def _question(about: State, task: str) -> State:
    system = about.get("system_prompt") or about.get("system") or _character(about)
    before = [{"role": "system", "content": system}] if system else []
    asked = {key: value for key, value in about.items() if key not in _NOT_ASKED}
    if not asked.get("tools"):
        asked.pop("tools", None)
    return {**asked, "messages": [*before, {"role": "user", "content": task}]}


def _character(about: State) -> str:
    named = (("role", "You are"), ("goal", "Your goal:"), ("backstory", "Background:"))
    return "\n".join(f"{text} {about[key]}" for key, text in named if about.get(key))


def _asked(host: Host, state: State, agent: str, asked: State, retries: int, start: float) -> State:
    name = "llm.tools" if asked.get("tools") else "llm.call"
    action = host.actions_registry.get(name)
    if action is None:
        return _refused(f"Action '{name}' not found in registry", agent, 0, start)
    for attempt in range(1, retries + 2):
        try:
            answer = call(partial(action, **asked), state)
            if not answer.get("error"):
                break
            wrong = str(answer["error"])
        except Exception as error:
            wrong = str(error)
        if attempt <= retries:
            time.sleep(_WAIT * _BACKOFF ** (attempt - 1))
    else:
        return _refused(wrong, agent, attempt, start)
    facts = {"agent": agent, "success": True, "attempts": attempt, "elapsed_ms": _since(start)}
    return {**answer, **facts, "response": answer.get("content")}


def _refused(text: str, agent: str, attempts: int, start: float) -> State:
    return {
        "error": text,
        "agent": agent,
        "success": False,
        "attempts": attempts,
        "elapsed_ms": _since(start),
    }


def _all(
    host: Host,
    state: State,
    pairs: Sequence[tuple[str, str]],
    width: int | None,
    timeout: float | None = None,
) -> list[State]:
    """Give each agent its text at once; the answers come in the order asked."""

    def one(name: str, text: str) -> State:
        try:
            return _told(host, state, name, text, timeout)
        except Exception as error:
            return _refused(str(error), name, 0, time.perf_counter())

    with ThreadPoolExecutor(width or max(1, len(pairs))) as pool:
        waiting = [pool.submit(copy_context().run, partial(one, *pair)) for pair in pairs]
        return [future.result() for future in waiting]


def _consensus(
    once: Callable[[str], list[State]], task: str, threshold: float, most: int
) -> tuple[State, list[State]]:
    raw = once(task)
    answer = _votes.consensus(raw, threshold)
    rounds = 1
    while not answer["consensus_reached"] and rounds < most:
        said = "\n".join(f"- {o['response']}" for o in raw if o["success"])
        raw = once(f"{task}\n\nThe others answered:\n{said}\n\nAnswer again.")
        answer = _votes.consensus(raw, threshold)
        rounds += 1
    return {**answer, "rounds": rounds}, raw


def _told(
    host: Host,
    state: State,
    agent: str,
    text: str,
    timeout: float | None = None,
    max_retries: int | None = None,
) -> State:
    """Give an agent a text that is no template any more."""
    start = time.perf_counter()
    agents = _agents(host)
    if agent not in agents:
        known = f"Available agents: {sorted(agents)}"
        return _refused(f"Agent '{agent}' not found. {known}", agent, 0, start)
    about = _checked(host, agent, agents[agent])
    retries = about.get("max_retries", _RETRIES) if max_retries is None else max_retries
    asked = _question(about, text)
    waits = {} if timeout is None else {"timeout": timeout}
    return _asked(host, state, agent, {**asked, **waits}, retries, start)


def _assignments(told: State, workers: Sequence[str]) -> dict[str, str]:
    """Return who is to do what, of those the leader has."""
    try:
        found = read_json(str(told.get("response") or ""))
        given = found.get("assignments", found)
        return {name: str(given[name]) for name in workers if given.get(name)}
    except (ThinkingError, AttributeError, TypeError):
        return {}


def _verdict(told: State) -> State:
    """Return what the leader says of the results; plain text is the final answer."""
    text = told.get("response")
    try:
        found = read_json(str(text or ""))
        return {"complete": bool(found["complete"]), "result": found.get("result")}
    except (ThinkingError, KeyError, TypeError):
        return {"complete": True, "result": text}


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
