"""Actions that divide a goal into subtasks, do them in order, and plan again when one fails."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _plan
from codeanatomy.workflow.actions._calls import call
from codeanatomy.workflow.actions._plan import Plan, PlanError, Subtask
from codeanatomy.workflow.actions._results import err, ok
from codeanatomy.workflow.actions._thinking import ThinkingError, ask, read_json, said
from codeanatomy.workflow.template.written import render_given, renders

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_STRATEGIES = {
    "flat": "List all subtasks on one level.",
    "hierarchical": "Nest subtasks in `subtasks` of a larger one, at most {depth} levels deep.",
    "iterative": "List only the next subtasks that can be planned for certain.",
}
_MODEL = ("model", "provider", "api_base", "deployment", "shell_provider")
_ON_FAILURE = ("abort", "skip", "retry", "replan")
_DIVIDE = (
    "Plan how to reach the goal with at most {most} subtasks. {how} Answer with one JSON object"
    ' and nothing else: {{"subtasks": [{{"id": "<short id>", "description": "<what to do>",'
    ' "dependencies": ["<ids that must be done before>"]}}]}}'
)


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by their names."""
    return {
        "plan.decompose": renders(partial(decompose, host), "prompt_template"),
        "plan.execute": renders(partial(execute, host), "subtask_executor.with*"),
        "plan.replan": partial(replan, host),
        "plan.status": status,
    }


def decompose(
    host: Host,
    /,
    state: State,
    goal: str,
    model: str = "gpt-4",
    strategy: str = "flat",
    max_depth: int = 3,
    max_subtasks: int = 15,
    prompt_template: str | None = None,
    temperature: float = 0.7,
    **_: object,
) -> State:
    """Have the model divide a goal into subtasks with their dependencies."""
    if strategy not in _STRATEGIES:
        return err(f"Unknown strategy: {strategy}. Must be one of {list(_STRATEGIES)}")
    how = _STRATEGIES[strategy].format(depth=max_depth)
    messages = said(_DIVIDE.format(most=max_subtasks, how=how), goal)
    if prompt_template:
        scope = {"goal": goal, "max_subtasks": max_subtasks, "strategy": strategy}
        messages[1]["content"] = str(render_given(host, prompt_template, state, **scope))
    subtasks = _planned(host, model, messages, temperature, max_subtasks)
    if isinstance(subtasks, dict):
        return subtasks
    plan = _plan.new_plan(goal, strategy, subtasks)
    plan["metadata"] = {"model": model, "created_at": _now()}
    trace = [_event("decompose", plan_id=plan["id"], subtask_count=len(subtasks))]
    facts = {"plan_id": plan["id"], "subtask_count": len(subtasks)}
    return ok(plan=plan, planning_trace=trace, **facts)


def execute(
    host: Host,
    /,
    state: State,
    plan: Plan | None = None,
    parallel: bool = False,
    max_concurrent: int = 3,
    subtask_executor: State | None = None,
    on_subtask_failure: str = "abort",
    max_retries: int = 2,
    retry_delay: float = 1.0,
    max_replans: int = 2,
    **_: object,
) -> State:
    """Do the subtasks of a plan, each after those it depends on."""
    found = _plan_of(plan, state)
    if "subtasks" not in found:
        return found
    if on_subtask_failure not in _ON_FAILURE:
        known = list(_ON_FAILURE)
        return err(f"Unknown on_subtask_failure: {on_subtask_failure}. Must be one of {known}")
    doing = _Doing(host, state, found, subtask_executor)
    doing.retries = max_retries if on_subtask_failure == "retry" else 0
    doing.retry_delay = retry_delay
    width = max(1, max_concurrent) if parallel else 1
    while doing.wave(width):
        failed = doing.failed_now()
        if not failed:
            continue
        if on_subtask_failure == "skip":
            for one in failed:
                _plan.skip_after(doing.plan, one["id"])
        elif on_subtask_failure != "replan" or not doing.plan_again(max_replans):
            break
    return doing.result()


def replan(
    host: Host,
    /,
    state: State,
    plan: Plan | None = None,
    model: str = "gpt-4",
    temperature: float = 0.7,
    **_: object,
) -> State:
    """Keep what is completed and have the model plan the rest anew."""
    found = _plan_of(plan, state)
    if "subtasks" not in found:
        return found
    kept = [one for one in found["subtasks"] if one["status"] == "completed"]
    rest = [one for one in found["subtasks"] if one["status"] != "completed"]
    shown = {
        "goal": found["goal"],
        "completed": [{"id": one["id"], "result": one["result"]} for one in kept],
        "not completed": [
            {"id": o["id"], "description": o["description"], "error": o["error"]} for o in rest
        ],
    }
    how = "Plan only what is left. Completed ids may be dependencies; do not use them again."
    messages = said(_DIVIDE.format(most=15, how=how), json.dumps(shown, default=str))
    done = [one["id"] for one in kept]
    subtasks = _planned(host, model, messages, temperature, 15, done)
    if isinstance(subtasks, dict):
        return subtasks
    strategy = found.get("strategy", "flat")
    again = _plan.new_plan(found["goal"], strategy, [*kept, *subtasks], "replan")
    again["metadata"] = {**found.get("metadata", {}), "replanned_from": found["id"]}
    facts = {"preserved_subtasks": len(kept), "new_subtasks": len(subtasks)}
    trace = [_event("replan", plan_id=again["id"], **facts)]
    return ok(plan=again, planning_trace=trace, **facts)


def status(
    state: State,
    plan: Plan | None = None,
    include_completed: bool = True,
    include_details: bool = False,
    **_: object,
) -> State:
    """Say how far a plan is."""
    found = _plan_of(plan, state)
    if "subtasks" not in found:
        return found
    counted = _plan.counts(found)
    progress = counted["completed"] / counted["total"] if counted["total"] else 0.0
    shown = ok(status=counted, progress=progress, plan_id=found.get("id"), goal=found.get("goal"))
    if not include_details:
        return shown
    listed = [o for o in found["subtasks"] if include_completed or o["status"] != "completed"]
    return {**shown, "subtasks": listed}


def _plan_of(given: Plan | None, state: State) -> State:
    """Return the plan that is given or in the state, or why there is none."""
    found = given or state.get("plan")
    if not found:
        return err("No plan found")
    try:
        return _plan.whole(found)
    except PlanError as error:
        return err(f"Invalid plan structure: {error}")


class _Doing:
    """A plan that is being done, and the trace of it."""

    def __init__(self, host: Host, state: State, plan: Plan, executor: State | None) -> None:
        self._host = host
        self._state = state
        self.plan = plan
        self._executor = executor or {}
        self._trace: list[State] = []
        self._replans = 0
        self.retries = 0
        self.retry_delay = 1.0
        self._seen: set[str] = set()

    def wave(self, width: int) -> bool:
        """Do what can be done now, `width` at once; False when nothing can."""
        waiting = _plan.ready(self.plan)[: width if width == 1 else None]
        if not waiting:
            return False
        if width == 1 or len(waiting) == 1:
            for one in waiting:
                self._do(one)
            return True
        with ThreadPoolExecutor(width) as pool:
            done = [pool.submit(copy_context().run, self._do, one) for one in waiting]
            for future in done:
                future.result()
        return True

    def failed_now(self) -> list[Subtask]:
        """List the subtasks that failed since the last call."""
        failed = [
            one
            for one in self.plan["subtasks"]
            if one["status"] == "failed" and one["id"] not in self._seen
        ]
        self._seen.update(one["id"] for one in failed)
        return failed

    def plan_again(self, most: int) -> bool:
        """Replace the plan by a new one for what is left; False when that is not possible."""
        if self._replans >= most:
            return False
        action = self._host.actions_registry.get("plan.replan", partial(replan, self._host))
        found = call(partial(action, plan=self.plan), self._state)
        self._trace += found.get("planning_trace", [])
        if not found.get("success"):
            self._trace.append(_event("replan_failed", error=found.get("error")))
            return False
        self._replans += 1
        self.plan = found["plan"]
        self._seen = set()
        return True

    def result(self) -> State:
        """Return what became of the plan."""
        counted = _plan.counts(self.plan)
        return {
            "plan": self.plan,
            "subtask_results": self._results(),
            "plan_status": counted,
            "replan_count": self._replans,
            "planning_trace": self._trace,
            "success": counted["failed"] == 0 and counted["pending"] == 0,
        }

    def _do(self, one: Subtask) -> None:
        one |= {"status": "in_progress", "started_at": _now(), "error": None}
        while True:
            try:
                one["result"] = self._answer(one)
            except Exception as error:
                one["error"] = str(error)
                if one["retry_count"] >= self.retries:
                    one["status"] = "failed"
                    break
                one["retry_count"] += 1
                time.sleep(self.retry_delay)
            else:
                one |= {"status": "completed", "error": None}
                break
        one["completed_at"] = _now()
        self._trace.append(_event("subtask", id=one["id"], status=one["status"]))

    def _answer(self, one: Subtask) -> Any:
        name = self._executor.get("action", "llm.call")
        action = self._host.actions_registry.get(name)
        if action is None:
            raise ThinkingError(f"Action '{name}' not found in registry")
        before = self._results()
        needed = {key: before[key] for key in one["dependencies"] if key in before}
        scope = {**self._state, "subtask": one, "dependencies": needed}
        given = self._executor.get("with")
        if given is None:  # what a model wrote is never a template
            common = (self._host.settings or {}).get("llm") or {}
            model = {key: common[key] for key in _MODEL if common.get(key)} or {"model": "gpt-4"}
            params = {**model, "prompt": _task(self.plan["goal"], one, needed)}
        else:
            seen = {"subtask": one, "dependencies": needed}
            params = render_given(self._host, given, scope, **seen)
        answer = call(partial(action, **params), scope)
        if isinstance(answer, dict) and (answer.get("error") or answer.get("success") is False):
            raise ThinkingError(str(answer.get("error") or "subtask failed"))
        return answer

    def _results(self) -> State:
        """Return the results of what is completed: the content of an answer, or all of it."""
        return {
            one["id"]: _content(one["result"])
            for one in self.plan["subtasks"]
            if one["status"] == "completed"
        }


def _planned(
    host: Host,
    model: str,
    messages: list[dict[str, str]],
    temperature: float,
    most: int,
    known: list[str] | None = None,
) -> list[Subtask] | State:
    try:
        text = ask(host, model, messages, temperature)
    except Exception as error:
        return err(f"LLM call failed: {error}")
    try:
        found = read_json(text)
    except ThinkingError as error:
        return err(f"Failed to parse plan: {error}")
    listed = found.get("subtasks") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed:
        return err("No subtasks returned from LLM")
    try:
        subtasks = _plan.read_subtasks(listed)[:most]
        _plan.check(subtasks, known or ())
    except PlanError as error:
        return err(f"Invalid plan structure: {error}")
    return subtasks


def _task(goal: str, one: Subtask, needed: State) -> str:
    before = "".join(f"\n- {name}: {result}" for name, result in needed.items())
    known = f"\n\nKnown from earlier subtasks:{before}" if before else ""
    return f"Goal: {goal}\n\nDo this part of it: {one['description']}{known}"


def _content(result: Any) -> Any:
    return result["content"] if isinstance(result, dict) and "content" in result else result


def _event(kind: str, **facts: Any) -> State:
    return {"type": kind, "timestamp": _now(), **facts}


def _now() -> str:
    return datetime.now(UTC).isoformat()
