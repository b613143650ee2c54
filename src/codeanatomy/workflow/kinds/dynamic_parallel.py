"""A node that runs its body once for each item that an expression gives, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.kinds import steps
from codeanatomy.workflow.kinds._branches import (
    AT_ONCE,
    Branches,
    counts,
    items_of,
    positive,
    settled,
    trace,
)
from codeanatomy.workflow.parallel.declared import declared_config
from codeanatomy.workflow.parallel.setup import Parallel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from codeanatomy.workflow.host import Host
    from codeanatomy.workflow.kinds._branches import Body
    from codeanatomy.workflow.parallel.result import ParallelFlowResult

    State = dict[str, Any]

MODES: Final = ("action", "steps", "subgraph")
WIDTH: Final = 80  # characters of a line of a message
SEE: Final = "See docs/shared/YAML_REFERENCE.md#dynamic-parallel"


def findings(node: Mapping[str, Any], declared: Collection[str]) -> Iterator[tuple[str, str]]:
    """Give the code and the message of everything that is wrong with such a node.

    Messages are plain ASCII, of lines that fit a terminal, and repeat no value of the node.
    """
    where = _where(node)
    if node.get("items") is None:
        yield (
            "DYN_PARALLEL_MISSING_ITEMS",
            _message(
                f"{where} missing required key 'items'.",
                "Hint: add 'items' with an expression that gives a list.",
            ),
        )
    modes = [mode for mode in MODES if node.get(mode) is not None]
    if not modes:
        yield (
            "DYN_PARALLEL_MODE",
            _message(
                f"{where} missing branch-body key.",
                "Hint: add exactly one of 'action', 'steps', 'subgraph'.",
            ),
        )
    if len(modes) > 1:
        yield (
            "DYN_PARALLEL_MODE",
            _message(
                f"{where} conflicting branch-body keys.",
                f"Conflicting keys: {', '.join(map(repr, modes))}.",
                "Hint: keep exactly one of 'action', 'steps', 'subgraph'.",
            ),
        )
    yield from _fan_in(node, declared, where)


def make(node: Mapping[str, Any], host: Host, body: Body) -> Callable[[State], State]:
    """Return what a node of type `dynamic_parallel` runs; it gives `parallel_results`."""
    name = str(node["name"])
    where = f"dynamic_parallel node '{name}'"
    for _, message in findings(node, [str(node.get("fan_in"))]):
        raise SpecError(message, node=name)
    item_var, index_var = node.get("item_var", "item"), node.get("index_var", "index")
    config = declared_config(node.get("parallel_config") or {})
    config.fail_fast = bool(node.get("fail_fast", config.fail_fast))
    most = node.get("max_concurrency")
    if not isinstance(most, str):
        positive(most, where, "max_concurrency")
    run, parallel = _body(node, host, body, where), Parallel(config, name=host.name)
    output = node.get("output", node.get("output_key"))

    def call(state: State) -> State:
        items = items_of(host, node["items"], state, where, "items expression")

        def own(index: int) -> State:
            return {item_var: items[index], index_var: index}

        def traced(branch: State) -> State:
            at = branch[index_var]
            trace(host, "DynamicParallelBranchStart", node=name, index=at)
            try:
                update = run(branch)
            except BaseException:
                trace(host, "DynamicParallelBranchEnd", node=name, index=at, success=False)
                raise
            trace(host, "DynamicParallelBranchEnd", node=name, index=at, success=True)
            return update

        def shape(index: int, _branch: State, update: State) -> State:
            return {**update, **own(index)}

        branches = Branches(name, parallel, config, traced, own=own, shape=shape, lost=own)
        trace(host, "DynamicParallelStart", node=name, item_count=len(items))
        results = branches.results(len(items), state, _limit(host, most, state))
        trace(host, "DynamicParallelEnd", node=name, item_count=len(items), **counts(results))
        return _update(host, output, results, state)

    return call


def _where(node: Mapping[str, Any]) -> str:
    name = str(node.get("name"))
    room = WIDTH - len("dynamic_parallel node '': missing required key 'fan_in'.")
    return f"dynamic_parallel node '{_plain(name, room)}':"


def _fan_in(
    node: Mapping[str, Any], declared: Collection[str], where: str
) -> Iterator[tuple[str, str]]:
    fan_in = node.get("fan_in")
    if not fan_in:
        yield (
            "DYN_PARALLEL_MISSING_FAN_IN",
            _message(
                f"{where} missing required key 'fan_in'.",
                "Hint: add 'fan_in' with the name of the node where branches meet.",
            ),
        )
    elif fan_in not in declared:
        target = _plain(str(fan_in), WIDTH - len(where) - len(" fan_in target ''"))
        yield (
            "DYN_PARALLEL_FAN_IN_UNDEFINED",
            _message(
                f"{where} fan_in target '{target}'",
                "is not a defined node.",
                f"Declared nodes: {sorted(declared)}",
            ),
        )


def _message(*lines: str) -> str:
    return "\n".join(_plain(line, WIDTH) for line in (*lines, SEE))


def _plain(text: str, room: int) -> str:
    told = text.encode("ascii", "backslashreplace").decode("ascii").replace("\n", " ")
    return told if len(told) <= max(8, room) else f"{told[: max(5, room - 3)]}..."


def _body(node: Mapping[str, Any], host: Host, body: Body, where: str) -> Callable[[State], State]:
    """Return what a branch runs, from the one of the three keys that is there."""
    name = str(node["name"])
    if node.get("steps") is not None:
        after = steps.make({"name": name, "steps": node["steps"]}, host, body)
        return lambda state: {**state, **after(state)}
    inner: Mapping[str, Any]
    if node.get("subgraph") is not None:
        inner = {"name": name, "subgraph": node["subgraph"]}
        inner = inner | {k: node[k] for k in ("input",) if node.get(k) is not None}
    else:
        action = node["action"]
        if not isinstance(action, dict) or not action.get("uses"):
            raise SpecError(f"{where}: action requires 'uses' field", node=name)
        inner = {"name": name, **action}
    run = body(inner)
    return lambda state: settled(run(state))


def _limit(host: Host, most: Any, state: State) -> int:  # noqa: ANN401 - a number or a template
    """Return how many branches run at once; a template that gives no such number sets no limit."""
    if isinstance(most, str):
        try:
            most = int(host.render(most, state))
        except Exception:  # noqa: BLE001 - promised: an invalid one is no limit
            return AT_ONCE
    return most if most is not None and most > 0 else AT_ONCE


def _update(host: Host, output: Any, results: list[ParallelFlowResult], state: State) -> State:  # noqa: ANN401 - a key or a mapping of templates
    update: State = {"parallel_results": results}
    if isinstance(output, str):
        update[output] = results
    elif isinstance(output, dict):
        told = host.render(output, state, result=results)
        update.update({k: "" if v is None else v for k, v in told.items()})
    return update
