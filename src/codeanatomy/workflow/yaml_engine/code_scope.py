"""The names that the code of a `run:` block sees beside the state."""

# ruff: noqa: ANN401 - actions and what they give are of any type

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.yaml_engine.calls import digest_of

if TYPE_CHECKING:
    from codeanatomy.workflow.host import Host

    State = dict[str, Any]
    Action = Callable[..., Any]


def code_scope(
    host: Host, find: Callable[[str], Action | None], state: State, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the globals of a block: variables, actions, a few modules, what the loop injects."""
    scope: dict[str, Any] = {
        "state": state,
        "variables": host.variables,
        "secrets": host.secrets,
        "settings": host.settings,
        "data": host.data,
        "actions": Actions(find, host.actions_registry),
        "json": json,
        "datetime": DATETIME,
        "requests": REQUESTS,
        "parallel_results": state.get("parallel_results", []),
        "config": None,
        "node": None,
        "graph": host.current_graph,
    }
    scope.update(extra)
    return scope


class Actions(Mapping[str, Any]):
    """The actions as code calls them: `actions["llm.call"](...)`, `actions.llm_call(...)`.

    In a journaled run a call is an effect: it is recorded, and never repeated.
    """

    def __init__(self, find: Callable[[str], Action | None], names: Mapping[str, Action]) -> None:
        self._find = find
        self._names = names

    def __getitem__(self, name: str) -> Action:
        action = self._find(name)
        if action is None:
            raise KeyError(name)
        return recorded(name, action)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for full in (name, f"actions.{name}"):
            action = self._find(full)
            if action is not None:
                return recorded(full, action)
        return _Namespace(self, name)


class _Namespace:
    """A part of a dotted name: `actions.llm` of `actions.llm.call`."""

    def __init__(self, actions: Actions, prefix: str) -> None:
        self._actions = actions
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        full = f"{self._prefix}.{name}"
        if full in self._actions:
            return self._actions[full]
        if any(known.startswith(f"{full}.") for known in self._actions):
            return _Namespace(self._actions, full)
        raise AttributeError(f"Unknown action: {full}")


def recorded(name: str, action: Action) -> Action:
    """Return the action itself, or in a journaled run one whose calls are recorded."""
    from codeanatomy.workflow.journal.effects import current_step  # noqa: PLC0415 - only with code

    return action if current_step.get() is None else partial(_perform, name, action)


def _perform(name: str, action: Action, *args: Any, **kwargs: Any) -> Any:
    from codeanatomy.workflow.journal.effects import perform  # noqa: PLC0415 - as above

    told = {key: value for key, value in kwargs.items() if key != "state"}
    return perform(name, partial(action, *args, **kwargs), digest=digest_of(name, told))


class _Datetime:
    """`datetime` as the class and as the module, whichever a block takes it for."""

    def __getattr__(self, name: str) -> Any:
        own = getattr(dt, name, None)
        return own if own is not None else getattr(dt.datetime, name)

    def __call__(self, *args: Any, **kwargs: Any) -> dt.datetime:
        return dt.datetime(*args, **kwargs)  # noqa: DTZ001 - the block says which zone

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, dt.datetime)


class _Requests:
    """`requests`, imported when a block first uses it."""

    def __getattr__(self, name: str) -> Any:
        import requests  # noqa: PLC0415 - most blocks never use it

        return getattr(requests, name)


DATETIME = _Datetime()
REQUESTS = _Requests()
