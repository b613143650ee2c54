"""A loop: its body runs again while a condition holds, up to a number of times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import AnatomyError, SpecError
from codeanatomy.workflow.kinds._branches import settled, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.host import Host
    from codeanatomy.workflow.kinds._branches import Body

    State = dict[str, Any]

MOST: Final = 1000  # iterations that a loop may ask for
NEEDED: Final = ("condition", "max_iterations", "body")


class LoopBodyError(AnatomyError, RuntimeError):
    """A node in the body of a loop failed."""

    code = "loop-body"


def make(node: Mapping[str, Any], host: Host, body: Body) -> Callable[[State], State]:
    """Return what a node of type `while_loop` runs; it gives the whole state."""
    name = str(node["name"])
    _check(node, name)
    runs = [
        (str(inner.get("name", f"body[{index}]")), body({"name": f"{name}.body[{index}]", **inner}))
        for index, inner in enumerate(node["body"])
    ]
    condition, most = node["condition"], node["max_iterations"]

    def run(state: State) -> State:
        current = dict(state)
        trace(host, "LoopStart", node=name, max_iterations=most)
        done, reason = 0, "max_iterations_reached"
        while done < most:
            holds = host.evaluate(condition, current)
            trace(host, "LoopIteration", node=name, iteration=done, condition_result=holds)
            if not holds:
                reason = "condition_false"
                break
            for inner, call in runs:
                current.update(_called(call, current, name, inner, done))
            done += 1
        trace(host, "LoopEnd", node=name, iterations_completed=done, exit_reason=reason)
        return current

    return run


def _called(
    call: Callable[[State], Any], state: State, name: str, inner: str, iteration: int
) -> State:
    try:
        return settled(call(state))
    except Exception as error:
        raise LoopBodyError(
            f"Error in while_loop '{name}' body node '{inner}' at iteration {iteration}: {error}",
            node=name,
            iteration=iteration,
        ) from error


def _check(node: Mapping[str, Any], name: str) -> None:
    for key in NEEDED:
        if node.get(key) is None or node[key] in ("", []):
            raise SpecError(f"while_loop node '{name}' requires '{key}'", node=name)
    most = node["max_iterations"]
    if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= MOST:
        raise SpecError(
            f"while_loop node '{name}': max_iterations must be integer between 1-{MOST}, "
            f"got {most}",
            node=name,
        )
    body = node["body"]
    if not isinstance(body, list) or not all(isinstance(inner, dict) for inner in body):
        raise SpecError(f"while_loop node '{name}' requires 'body' to be a list of nodes")
    for inner in body:
        if inner.get("type") == "while_loop":
            raise SpecError(
                f"Nested while-loops not supported: '{inner.get('name', 'unnamed')}' "
                f"inside while_loop node '{name}'",
                node=name,
            )
