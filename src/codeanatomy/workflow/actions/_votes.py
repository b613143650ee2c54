"""How the responses of several agents become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

State = dict[str, Any]


def collect(answers: list[State]) -> State:
    """Return all responses."""
    kept = ("agent", "response", "success", "error")
    responses = [{key: one[key] for key in kept if key in one} for one in answers]
    return {"responses": responses, "count": len(responses)}


def vote(answers: list[State]) -> State:
    """Return the response that most agents gave, case and outer spaces aside."""
    counted, shown = _counted(answers)
    winner = max(counted, key=lambda text: counted[text], default=None)
    total = sum(counted.values())
    return {
        "result": None if winner is None else shown[winner],
        "votes": counted,
        "unanimous": len(counted) == 1,
        "total_votes": total,
    }


def first(answers: list[State]) -> State:
    """Return the first response that worked, in the order of the agents."""
    found = next((one for one in answers if one["success"]), None)
    if found is None:
        return {"result": None, "agent": None}
    return {"result": found["response"], "agent": found["agent"]}


def consensus(answers: list[State], threshold: float = 0.5) -> State:
    """Return the response that at least `threshold` of the agents gave, or None."""
    counted, shown = _counted(answers)
    winner = max(counted, key=lambda text: counted[text], default=None)
    total = sum(counted.values())
    agreement = counted[winner] / total if winner is not None else 0.0
    reached = winner is not None and agreement >= threshold
    return {
        "result": shown[winner] if winner is not None and reached else None,
        "agreement": agreement,
        "consensus_reached": reached,
        "threshold": threshold,
    }


WAYS: dict[str, Callable[[list[State]], State]] = {
    "collect": collect,
    "vote": vote,
    "first": first,
    "consensus": consensus,
}


def _counted(answers: list[State]) -> tuple[dict[str, int], dict[str, Any]]:
    counted: dict[str, int] = {}
    shown: dict[str, Any] = {}
    for one in answers:
        if one["success"]:
            text = str(one["response"]).strip().lower()
            counted[text] = counted.get(text, 0) + 1
            shown.setdefault(text, one["response"])
    return counted, shown
