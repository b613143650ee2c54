"""Copies of a state: what `copy.deepcopy` gives, with immutable values shared."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.workflow.parallel.copying import StateCopyError, copy_state

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.binary(max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=4)
        | st.tuples(inner, inner)
        | st.sets(st.integers(), max_size=3)
        | st.lists(inner, max_size=1).map(lambda one: one * 3)
    ),
    max_leaves=20,
)


def shape(value: Any, seen: dict[int, int]) -> Any:  # noqa: ANN401 - any value
    """Describe a value and which containers in it are one object."""
    if isinstance(value, list | dict | tuple | set):
        if id(value) in seen and value:
            return ("again", seen[id(value)])
        seen[id(value)] = len(seen)
    if isinstance(value, dict):
        return ("dict", [(shape(k, seen), shape(v, seen)) for k, v in value.items()])
    if isinstance(value, list | tuple):
        return (type(value).__name__, [shape(v, seen) for v in value])
    return value


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=5))
def test_a_copy_is_the_one_that_deepcopy_makes(state: dict[str, Any]) -> None:
    """Equal, and with the same objects standing in several places."""
    copied = copy_state(state)
    assert copied == state
    assert shape(copied, {}) == shape(copy.deepcopy(state), {})


@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=1, max_size=5))
def test_a_copy_shares_no_container(state: dict[str, Any]) -> None:
    """Nothing that can change is in both."""

    def containers(value: Any) -> set[int]:  # noqa: ANN401 - any value
        inner = value.values() if isinstance(value, dict) else value
        if isinstance(value, list | dict | tuple):
            below = set().union(*map(containers, inner)) if inner else set()
            return below | ({id(value)} if isinstance(value, list | dict) else set())
        return {id(value)} if isinstance(value, set) else set()

    copied = copy_state(state)
    assert not containers(state) & containers(copied)


def test_values_that_cannot_change_are_shared() -> None:
    """A long text is not there twice."""
    text = "x" * 1000
    state = {"text": text, "list": [text], "tuple": (1, text)}
    copied = copy_state(state)
    assert copied["list"][0] is text
    assert copied["tuple"] is state["tuple"]
    assert copied["list"] is not state["list"]


def test_a_state_that_holds_itself() -> None:
    """Circles are circles in the copy."""
    state: dict[str, Any] = {"list": []}
    state["list"].append(state["list"])
    state["self"] = state
    held: tuple[list[Any]] = ([],)
    held[0].append(held)
    state["tuple"] = held
    copied = copy_state(state)
    assert copied["self"] is copied
    assert copied["list"][0] is copied["list"]
    assert copied["tuple"][0][0] is copied["tuple"]
    assert copied["tuple"] is not held


@dataclass
class Own:
    """A class of a person."""

    values: list[int] = field(default_factory=list)


def test_objects_are_copied_with_what_they_hold() -> None:
    """An object that stands in two places stays one, also between keys."""
    own = Own([1])
    state = {"a": own, "b": [own], "c": own.values, "d": defaultdict(list, {"x": own.values})}
    copied = copy_state(state)
    assert copied["a"] == own
    assert copied["a"] is copied["b"][0]
    assert copied["a"] is not own
    assert copied["a"].values is copied["c"] is copied["d"]["x"]


def test_other_kinds_of_dicts_stay_what_they_are() -> None:
    """A subclass of dict is copied as `copy.deepcopy` copies it."""
    copied = copy_state({"o": OrderedDict(a=[1])})
    assert type(copied["o"]) is OrderedDict
    assert copied["o"] == OrderedDict(a=[1])


def test_what_cannot_be_copied_is_named() -> None:
    """The error says at which key it is."""
    with pytest.raises(StateCopyError, match="State key 'lock' cannot be copied"):
        copy_state({"x": 1, "lock": [threading.Lock()]})
