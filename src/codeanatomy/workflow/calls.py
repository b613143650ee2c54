"""From the signature of a node's function to a call of it: read once, before anything runs.

What a function may ask for by name: `state`, `config`, `node`, `graph`, `parallel_results`. Other
parameters keep their defaults, `**kwargs` takes the rest.
"""

from __future__ import annotations

from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from inspect import Parameter

    State = dict[str, Any]
    Call = Callable[[State, Mapping[str, Any]], Any]

_RESULTS = "parallel_results"
_OWN = ("state", "config", "node", "graph")
_ABSENT: Any = object()
_VARARGS, _VARKEYWORDS = 4, 8  # flags of a code object


def takes_state_alone(function: Any) -> bool:  # noqa: ANN401 - anything that can be called
    """Say whether `function(state)` is the whole call: the common case, at no further cost."""
    if type(function) is not FunctionType or function.__dict__:
        return False  # what wraps another function has its signature, and must be asked
    code = function.__code__
    return (
        code.co_argcount == 1
        and not code.co_kwonlyargcount
        and not code.co_flags & (_VARARGS | _VARKEYWORDS)
        and code.co_varnames[0] == "state"
    )


def call_plan(
    function: Callable[..., Any],
    name: str,
    graph: Any = None,  # noqa: ANN401 - the graph as its own functions see it
    *,
    fan_in: bool = False,
) -> Call:
    """Make the call of a function as node `name`; a parameter nobody provides fails when called."""
    if takes_state_alone(function):
        return lambda state, _config: function(state)
    parameters = _parameters(function)
    if parameters is None:
        return lambda state, _config: function(state)
    rest = any(p.kind is p.VAR_KEYWORD for p in parameters)
    named = [p for p in parameters if p.kind not in {p.VAR_KEYWORD, p.VAR_POSITIONAL}]
    known = {*_OWN, _RESULTS}
    for parameter in named:
        if parameter.name not in known and parameter.default is parameter.empty:
            return partial(_refuse, parameter.name, function)
    wanted = [p for p in named if p.name in known]
    if any(p.kind is p.POSITIONAL_ONLY for p in named):
        return _positional(function, named, {"node": name, "graph": graph}, fan_in=fan_in)
    asked = {p.name: p.default for p in wanted}
    if rest:
        asked = {n: asked.get(n, _ABSENT) for n in (*_OWN, _RESULTS)}
    return _by_name(function, asked, {"node": name, "graph": graph}, rest=rest, fan_in=fan_in)


def _parameters(function: Callable[..., Any]) -> list[Parameter] | None:
    import inspect  # noqa: PLC0415 - only where a signature is not the common one

    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None  # written in C without a signature: it is called with the state


def _refuse(parameter: str, function: Any, *_: object) -> Any:  # noqa: ANN401 - stands for any call
    called = getattr(function, "__name__", None) or type(function).__name__
    raise ValueError(f"Required parameter '{parameter}' not provided for function '{called}'")


def _by_name(
    function: Callable[..., Any],
    asked: dict[str, Any],
    constants: dict[str, Any],
    *,
    rest: bool,
    fan_in: bool,
) -> Call:
    fixed = {n: v for n, v in constants.items() if n in asked}
    state_too, config_too = "state" in asked, "config" in asked
    if _RESULTS not in asked:
        if state_too and not config_too:
            return lambda state, _config: function(state=state, **fixed)
        if state_too:
            return lambda state, config: function(state=state, config=config, **fixed)
        if not config_too:
            return lambda _state, _config: function(**fixed)
        return lambda _state, config: function(config=config, **fixed)
    empty: Any = [] if fan_in else _ABSENT

    def call(state: State, config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the node returns
        values = dict(fixed)
        if state_too:
            values["state"] = state
        if config_too:
            values["config"] = config
        results = state.get(_RESULTS, empty)
        if results is not _ABSENT:
            values[_RESULTS] = results
        elif not rest and not _has_default(asked[_RESULTS]):
            _refuse(_RESULTS, function)
        return function(**values)

    return call


def _has_default(default: object) -> bool:
    from inspect import Parameter  # noqa: PLC0415 - as above

    return default is not Parameter.empty


def _positional(
    function: Callable[..., Any],
    named: list[Parameter],
    constants: dict[str, Any],
    *,
    fan_in: bool,
) -> Call:
    def call(state: State, config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the node returns
        values = {**constants, "state": state, "config": config}
        if fan_in or _RESULTS in state:
            values[_RESULTS] = state.get(_RESULTS, [])
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for p in named:
            if p.name not in values and p.default is p.empty:
                _refuse(p.name, function)
            value = values.get(p.name, p.default)
            if p.kind is p.POSITIONAL_ONLY:
                args.append(value)
            else:
                kwargs[p.name] = value
        return function(*args, **kwargs)

    return call
