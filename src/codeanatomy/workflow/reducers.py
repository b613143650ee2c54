"""How an update of a key meets the value that is there: by name, or any function of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.errors import ReducerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Reducer = Callable[[Any, Any], Any]

_ABSENT: Final[Any] = object()  # what a key holds before its first update


def append(old: Any, new: Any) -> Any:  # noqa: ANN401 - a list of anything
    """Put a value at the end of a list; a list of new values is put there one by one."""
    return [*(old or ()), *(new if isinstance(new, list) else (new,))]


def add(old: Any, new: Any) -> Any:  # noqa: ANN401 - whatever adds up
    """Add with `+`: numbers, texts, lists."""
    return new if old is None else old + new


def merge(old: Any, new: Any) -> Any:  # noqa: ANN401 - dicts of anything
    """Put the items of a dict over those of another; dicts inside them meet in the same way."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{k: merge(old[k], v) if k in old else v for k, v in new.items()}}


def replace(_old: Any, new: Any) -> Any:  # noqa: ANN401 - anything
    """Take the new value: what happens to a key without a reducer."""
    return new


BY_NAME: Final[dict[str, Reducer]] = {
    "append": append,
    "add": add,
    "merge": merge,
    "replace": replace,
    "last": replace,
}


def reducers_of(declared: Mapping[str, Reducer | str] | None) -> dict[str, Reducer]:
    """Look up the reducers that are given by name; what only replaces is left out."""
    found: dict[str, Reducer] = {}
    for key, given in (declared or {}).items():
        reducer = BY_NAME.get(given) if isinstance(given, str) else given
        if not callable(reducer):
            raise ReducerError(
                f"reducer of state key {key!r} is {given!r}; "
                f"name one of {sorted(BY_NAME)}, or give a function of the old and new value",
                key=key,
            )
        if reducer is not replace:
            found[key] = reducer
    return found


def updater(
    state: dict[str, Any],
    reducers: Mapping[str, Reducer],
    check: Callable[[Mapping[str, Any]], None] | None,
) -> Callable[[Mapping[str, Any]], None]:
    """Make the function that puts updates into one state: all of an update, or none of it."""
    if not reducers and check is None:
        return state.update

    def update(changes: Mapping[str, Any]) -> None:
        values = met(state, reducers, changes)
        if check is not None:
            check(values)
        state.update(values)

    return update


def met(
    state: Mapping[str, Any], reducers: Mapping[str, Reducer], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the new value of every key of an update.

    A first value is taken as it is, but by `append`, which begins a list with it. A node that
    gives back the very list, dict or set it was given has no news of it.
    """
    values = dict(changes)
    for key in reducers.keys() & changes.keys():
        reducer, old, new = reducers[key], state.get(key, _ABSENT), changes[key]
        if old is _ABSENT:
            values[key] = reducer(None, new) if reducer is append else new
        elif old is not new or not isinstance(new, list | dict | set):
            values[key] = reducer(old, new)
    return values
