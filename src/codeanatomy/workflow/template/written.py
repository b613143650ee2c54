"""Texts as an agent file has them, told apart from texts that came from a state or a model.

Some actions render a parameter themselves: later, or several times, or as code. They declare it
with `renders`, and get it as the file has it, its texts `Written`. A text that is not may hold
anything: `render_given` lets it see the state and no more, so that it cannot ask for secrets.
"""

# ruff: noqa: ANN401 - parameters of actions are of any type

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.host import Host

    State = dict[str, Any]

A = TypeVar("A")
_ATTRIBUTE = "renders"


class Written(str):
    """A text of the file, not rendered yet."""

    __slots__ = ()


def renders(action: A, *names: str) -> A:
    """Say which parameters an action renders itself; `generator.run` is a key of a mapping.

    With a `*` at its end a name stands for a list or mapping of texts; a text in its place is
    rendered as ever, and gives the list.
    """
    setattr(action, _ATTRIBUTE, names)
    return action


class Parted(NamedTuple):
    """Parameters of a node: those to be rendered before the call, and those left to the action."""

    now: dict[str, Any]
    later: dict[str, Any]  # by their names, a dot for a key of a mapping


def parted(params: Mapping[str, Any], action: Callable[..., Any]) -> Parted:
    """Part the parameters of a node as its action declares."""
    now, later = dict(params), {}
    for declared in getattr(action, _ATTRIBUTE, ()):
        name, whole = declared.removesuffix("*"), declared.endswith("*")
        outer, _, key = name.partition(".")
        place = now.get(outer) if key else now
        if not isinstance(place, dict):
            continue
        found = place.get(key or outer)
        if isinstance(found, (list, dict) if whole else str):
            later[name] = _marked(found)
            kept = {k: v for k, v in place.items() if k != (key or outer)}
            now = {**now, outer: kept} if key else kept
    return Parted(now, later)


def joined(rendered: State, later: Mapping[str, Any]) -> State:
    """Return rendered parameters together with those that are left to the action."""
    for name, value in later.items():
        outer, _, key = name.partition(".")
        rendered[outer] = {**rendered[outer], key: value} if key else value
    return rendered


def render_given(host: Host, template: Any, state: State, /, **names: Any) -> Any:
    """Render what an action was given: texts of the file with all it sees, others with the state.

    `names` are seen by both.
    """
    if isinstance(template, Written):
        return host.render(str(template), state, **names)
    if isinstance(template, str):
        from codeanatomy.workflow.template.environment import (  # noqa: PLC0415 - few actions need it
            Templates,
        )

        return Templates().render(template, {**names, "state": state})
    if isinstance(template, dict):
        return {key: render_given(host, value, state, **names) for key, value in template.items()}
    if isinstance(template, list):
        return [render_given(host, value, state, **names) for value in template]
    return template


def _marked(value: Any) -> Any:
    if isinstance(value, str):
        return Written(value)
    if isinstance(value, dict):
        return {key: _marked(inner) for key, inner in value.items()}
    return [_marked(inner) for inner in value] if isinstance(value, list) else value
