"""A plan as data: its subtasks, what they depend on, and how far they are."""

from __future__ import annotations

import copy
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Plan = dict[str, Any]
Subtask = dict[str, Any]
STATUSES = ("pending", "in_progress", "completed", "failed", "skipped")


class PlanError(ValueError):
    """The subtasks do not make a plan; the text says which one and why."""


def new_plan(goal: str, strategy: str, subtasks: list[Subtask], prefix: str = "plan") -> Plan:
    """Return a plan with a new id."""
    return {
        "id": f"{prefix}_{uuid.uuid4().hex[:8]}",
        "goal": goal,
        "strategy": strategy,
        "subtasks": subtasks,
        "metadata": {},
    }


def read_subtasks(listed: Iterable[Any]) -> list[Subtask]:
    """Return subtasks from what a model listed, nested ones after each other."""
    found: list[Subtask] = []
    for number, given in enumerate(listed, 1):
        about = given if isinstance(given, dict) else {"description": str(given)}
        name = str(about.get("id") or f"task_{len(found) + 1 if found else number}")
        inner = read_subtasks(about.get("subtasks") or [])
        needed = [str(one) for one in about.get("dependencies") or []]
        found += inner
        found.append(_subtask(name, about, [*needed, *(one["id"] for one in inner)]))
    return found


def whole(plan: Any) -> Plan:
    """Return a copy of a plan in which each subtask has all its fields; raises PlanError.

    People write plans by hand, with no more than an id and what to do.
    """
    listed = plan.get("subtasks") if isinstance(plan, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise PlanError("a plan is a mapping with a list of 'subtasks'")
    subtasks = []
    for number, given in enumerate(copy.deepcopy(listed), 1):
        name = str(given.get("id") or f"task_{number}")
        needed = [str(one) for one in given.get("dependencies") or []]
        subtasks.append({**_subtask(name, given, needed), **given, "id": name})
        subtasks[-1]["dependencies"] = needed
    first: Plan = {"id": None, "goal": "", "strategy": "flat"}
    return {**first, **plan, "subtasks": subtasks}


def check(subtasks: list[Subtask], known: Iterable[str] = ()) -> None:
    """Raise `PlanError` for an id twice, an unknown dependency or a cycle."""
    names = [one["id"] for one in subtasks]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise PlanError(f"Subtask ids are not unique: {twice}")
    there = {*names, *known}
    for one in subtasks:
        for needed in one["dependencies"]:
            if needed not in there:
                raise PlanError(f"Subtask '{one['id']}' depends on unknown subtask '{needed}'")
    _no_cycle({one["id"]: one["dependencies"] for one in subtasks})


def ready(plan: Plan) -> list[Subtask]:
    """List the pending subtasks all of whose dependencies are completed."""
    done = {one["id"] for one in plan["subtasks"] if one["status"] == "completed"}
    return [
        one
        for one in plan["subtasks"]
        if one["status"] == "pending" and done.issuperset(one["dependencies"])
    ]


def skip_after(plan: Plan, failed: str) -> None:
    """Mark as skipped what directly or indirectly depends on a failed subtask."""
    gone = {failed}
    changed = True
    while changed:
        changed = False
        for one in plan["subtasks"]:
            if one["status"] == "pending" and gone.intersection(one["dependencies"]):
                one["status"] = "skipped"
                gone.add(one["id"])
                changed = True


def counts(plan: Plan) -> dict[str, int]:
    """Count the subtasks by their status."""
    found = [one["status"] for one in plan["subtasks"]]
    return {**{status: found.count(status) for status in STATUSES}, "total": len(found)}


def _subtask(name: str, about: dict[str, Any], needed: list[str]) -> Subtask:
    return {
        "id": name,
        "description": str(about.get("description") or about.get("task") or name),
        "dependencies": list(dict.fromkeys(needed)),
        "status": "pending",
        "result": None,
        "error": None,
        "retry_count": 0,
        "started_at": None,
        "completed_at": None,
    }


def _no_cycle(needs: dict[str, list[str]]) -> None:
    done: set[str] = set()
    for start in needs:
        if start not in done:
            _walk(start, needs, done)


def _walk(start: str, needs: dict[str, list[str]], done: set[str]) -> None:
    path, ways = [start], [iter(needs[start])]
    while path:
        below = next((n for n in ways[-1] if n in needs and n not in done), None)
        if below is None:
            done.add(path.pop())
            ways.pop()
        elif below in path:
            circle = [*path[path.index(below) :], below]
            raise PlanError(f"Cycle detected: {' -> '.join(circle)}")
        else:
            path.append(below)
            ways.append(iter(needs[below]))
