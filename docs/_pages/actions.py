"""The reference of the built-in actions: what each is given, does, and gives."""

from __future__ import annotations

import ast
import inspect
from functools import partial
from itertools import groupby
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from docs._pages.writing import code, page, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Action = Callable[..., Any]

_SENTENCE = (
    "Every built-in action, by namespace. A node calls one with `uses`, gives it parameters with "
    "`with`, and Python calls it as `actions_registry[name](state, ...)`: the state comes first "
    "and is left out below, and so are keywords that no action reads. `a_b` in `actions.a_b` "
    "stands for the dot. Keys of a result are those that the action itself writes; a failure is "
    "a result with `success` false and an `error`, except where an action raises."
)
_GIVEN = ("self", "cls", "state", "host", "graph", "_", "trace", "_host")
_DEEPEST = 4  # calls from an action down to what writes its result


def actions_page() -> str:
    """Return the page: a heading for every namespace and every action."""
    sections = []
    for namespace, names in groupby(action_names(), key=namespace_of):
        sections.append(f"## {namespace}")
        sections += [_action(name) for name in names]
    return page("Actions", _SENTENCE, sections)


def action_names() -> list[str]:
    """Name every built-in action, other names for the same one left out."""
    seen: dict[int, str] = {}
    for name, action in _registry().items():
        if not name.startswith("actions."):
            seen.setdefault(id(action), name)
    return sorted(seen.values(), key=lambda name: (namespace_of(name), name))


def namespace_of(name: str) -> str:
    """Return what stands before the first dot."""
    return name.partition(".")[0]


def described(name: str) -> str:
    """Return the first line of what an action says of itself."""
    return (inspect.getdoc(_work(_registry()[name])) or "").partition("\n")[0]


def result_keys(name: str) -> list[str]:
    """Name the keys of an action's result, as far as its own code writes them."""
    return list(dict.fromkeys(_keys(_work(_registry()[name]), _DEEPEST)))


def _registry() -> dict[str, Action]:
    from codeanatomy.workflow.yaml_engine.engine import YAMLEngine  # noqa: PLC0415 - loads much

    registry: dict[str, Action] = YAMLEngine().actions_registry
    return registry


def _action(name: str) -> str:
    registry = _registry()
    work = _work(registry[name])
    others = [
        f"`{other}`"
        for other, action in registry.items()
        if action is registry[name] and other != name
    ]
    call, _, given = signature(work, _GIVEN).rpartition(" -> ")
    facts = [f"- also: {', '.join(others)}"] if others else []
    keys = result_keys(name)
    if keys:
        facts.append(f"- result: {', '.join(f'`{key}`' for key in keys)}")
    else:
        facts.append(f"- result: `{given}`")
    call = call.replace("(/, ", "(").replace("(/)", "()").replace(", /", "")
    return "\n\n".join([f"### {name}", described(name), code(f"{name}{call}"), "\n".join(facts)])


def _work(action: Any) -> Any:  # noqa: ANN401 - a function, partly applied or wrapped
    """Return the function with the words and parameters of an action, out of what wraps it."""
    while isinstance(action, partial):
        inner = [
            given for given in action.args if inspect.isroutine(given) or isinstance(given, partial)
        ]
        action = inner[-1] if inner else action.func
    return action


def _keys(function: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - as above
    """Yield the keys of the dicts that a function returns, and those that functions it calls do."""
    function = inspect.unwrap(function)
    try:
        tree = ast.parse(dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return
    made = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _of(node.value, made, function, depth)


def _of(
    value: ast.expr,
    made: dict[str, ast.expr],
    function: Any,  # noqa: ANN401 - as above
    depth: int,
) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(value, ast.IfExp):
        yield from _of(value.body, made, function, depth)
        yield from _of(value.orelse, made, function, depth)
    elif isinstance(value, ast.Name) and value.id in made:
        yield from _of(made[value.id], made, function, depth - 1)
    elif isinstance(value, ast.Dict):
        for key, inner in zip(value.keys, value.values, strict=True):
            if key is None:
                yield from _of(inner, made, function, depth - 1)
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        yield from _called(value, value.func.id, function, depth)


def _called(call: ast.Call, name: str, function: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - as above
    if name in ("ok", "err"):
        yield "success"
        yield from ("error", "error_type") if name == "err" else ()
        yield from (word.arg for word in call.keywords if word.arg)
        return
    target = getattr(function, "__globals__", {}).get(name)
    if inspect.isfunction(target) and target.__module__.startswith("codeanatomy.workflow."):
        yield from _keys(target, depth - 1)
