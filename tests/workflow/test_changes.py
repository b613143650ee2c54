"""What a step changed is found, also where a value was changed in place, and is stored small."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from codeanatomy.workflow.changes import (
    NO_CHANGE,
    Image,
    Tracker,
    apply,
    changed_values,
    gone_keys,
    make_patch,
    patch_bytes,
)
from codeanatomy.workflow.errors import StateBytesError, UnstorableError
from codeanatomy.workflow.secrecy import Secrets
from codeanatomy.workflow.state import decode_value, encode_values
from codeanatomy.workflow.template.dotdict import DotDict

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

State = dict[str, Any]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.dates()
    | st.tuples(st.integers(), st.text(max_size=3))
    | st.sets(st.integers(), max_size=3)
)
VALUES = st.recursive(
    LEAVES,
    lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(max_size=3), v, max_size=4),
    max_leaves=8,
)
STATES = st.dictionaries(st.sampled_from("abcdef"), VALUES)


@given(st.lists(STATES, min_size=2, max_size=6))
def test_changes_lead_from_state_to_state(states: list[State]) -> None:
    """The first state and the changes give every later one, to its types."""
    tracker = Tracker(states[0])
    image = encode_values(states[0])
    for state in states[1:]:
        apply(image, _changed(tracker, state))
        assert image == encode_values(state) == tracker.image()


@given(STATES, st.randoms(use_true_random=False))
def test_what_is_changed_in_place_is_found(state: State, chance: random.Random) -> None:
    """A list that grew, a dict that lost a key, deep inside, and nobody said so."""
    tracker = Tracker(state)
    image = encode_values(state)
    for _ in range(5):
        _mutate(state, chance)
        apply(image, _changed(tracker, state))
        assert image == encode_values(state)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        ("a", b"a"),
        ([1], (1,)),
        ("2026-01-01", date(2026, 1, 1)),
        ([1, 2], {1, 2}),
        ([[1]], [(1,)]),
        ({"a": {"b": [1]}}, {"a": {"b": (1,)}}),
        (None, False),
    ],
)
def test_equal_looks_of_another_type_are_a_change(before: object, after: object) -> None:
    """Types are compared, not only values."""
    tracker = Tracker({"k": before})
    change = _changed(tracker, {"k": after})
    assert change != NO_CHANGE
    image = encode_values({"k": before})
    apply(image, change)
    assert type(decode_value(image["k"])) is type(after)


def test_the_same_again_is_no_change() -> None:
    """Neither another object with the same value, nor a value put back."""
    state: State = {"a": [1, {"b": (1, 2)}], "t": "x" * 100, "f": 0.1, "d": date(2026, 1, 1)}
    tracker = Tracker(state)
    assert _changed(tracker, deepcopy(state)) == NO_CHANGE
    assert _changed(tracker, {**state, "f": float("0.1")}) == NO_CHANGE


def test_a_change_says_what_was_set_and_what_went() -> None:
    """As the history of a run shows it."""
    tracker = Tracker({"a": 1, "b": [1] * 1000, "c": 3})
    change = _changed(tracker, {"a": 1, "b": [1] * 1000 + [2], "d": 4})
    assert changed_values(change, tracker.image()) == {"b": [1] * 1000 + [2], "d": 4}
    assert gone_keys(change) == ["c"]


def grow(state: State, number: int) -> None:
    """Put one more at the end of a list."""
    state["big"].append({"n": number})


def grow_inside(state: State, number: int) -> None:
    """Put one more at the end of a list inside a dict."""
    state["tree"]["items"].append({"n": number})


def count(state: State, number: int) -> None:
    """Set one number among many."""
    state["table"]["k500"] = number


def replaced(state: State, number: int) -> None:
    """Return another list with one more at its end."""
    state["big"] = [*state["big"], {"n": number}]


@pytest.mark.parametrize("step", [grow, grow_inside, count, replaced], ids=lambda f: f.__name__)
def test_a_small_change_of_a_large_value_is_stored_small(
    step: Callable[[State, int], None],
) -> None:
    """A hundred kilobytes stay where they are; the row has a few dozen bytes."""
    state: State = {
        "big": [{"role": "user", "text": "x" * 80} for _ in range(1000)],
        "tree": {"name": "t", "items": [["y" * 90] for _ in range(1000)], "end": 1.5},
        "table": {f"k{n}": n for n in range(1000)},
    }
    tracker, image = Tracker(state), encode_values(state)
    for number in range(200):
        step(state, number)
        change = _changed(tracker, state)
        assert len(change) < 100
        apply(image, change)
    assert {key: decode_value(data) for key, data in image.items()} == state


def test_what_templates_make_is_compared_as_what_it_stands_for() -> None:
    """A text that becomes Markup of the same letters is no change; other letters are one."""
    tracker = Tracker({"m": "<b>", "d": DotDict({"a": 1})})
    assert _changed(tracker, {"m": Markup("<b>"), "d": {"a": 1}}) == NO_CHANGE
    change = _changed(tracker, {"m": Markup("<i>"), "d": DotDict({"a": 2})})
    assert changed_values(change, tracker.image()) == {"m": "<i>", "d": {"a": 2}}


def test_trackers_that_part_do_not_see_each_other() -> None:
    """A branch begins where the line stood, and each goes its own way."""
    state: State = {"a": 1, "l": [1]}
    line = Tracker(state)
    branch = line.fork()
    assert _changed(branch, {"a": 2, "l": [1, 2]}) != NO_CHANGE
    assert _changed(line, state) == NO_CHANGE
    assert _changed(branch, {"a": 2, "l": [1, 2]}) == NO_CHANGE


def test_what_is_no_data_is_named_where_it_appears() -> None:
    """The step that puts it there fails, also deep in a value that was fine before."""
    state: State = {"a": {"b": [1]}}
    tracker = Tracker(state)
    state["a"]["b"].append(object())
    with pytest.raises(UnstorableError, match=r"a\['b'\]\[1\]"):
        tracker.compare(state)


def test_a_secret_is_in_no_change() -> None:
    """Not where it is set, not where it is appended, not in pieces of a patch."""
    secrets = Secrets({"K": "hunter22"})
    state: State = {"a": "", "l": [f"line {n}" for n in range(500)], "t": "x" * 1000 + "hunt"}
    tracker, image = Tracker(state, secrets), encode_values(state)
    state["a"] = "hunter22"
    state["l"].append("my hunter22")
    state["t"] += "er22"
    change = _changed(tracker, state)
    apply(image, change)
    found = {key: decode_value(data) for key, data in image.items()}
    assert (found["a"], found["l"][-1], found["t"][-12:]) == (
        "[secret:K]",
        "my [secret:K]",
        "x[secret:K]"[-12:].rjust(12, "x"),
    )
    assert {k: decode_value(v, secrets) for k, v in image.items()} == state


@given(st.binary(max_size=3000), st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=9))))
def test_a_patch_makes_the_other_bytes(before: bytes, edits: list[tuple[int, bytes]]) -> None:
    """Whatever was overwritten, put in or taken out."""
    after = bytearray(before)
    for number, (place, data) in enumerate(edits):
        after[place : place + (0, len(data), 5)[number % 3]] = data
    patch = make_patch(before, bytes(after))
    if patch is not None:
        assert patch_bytes(before, patch) == after


@given(st.binary(max_size=100))
def test_hostile_changes_are_an_error_or_a_change(data: bytes) -> None:
    """Bytes that are no change are refused by name."""
    image: Image = {"a": b"\x01" * 50}
    try:
        apply(image, data)
    except StateBytesError:
        return
    assert all(isinstance(value, bytes) for value in image.values())


def _changed(tracker: Tracker, state: State) -> bytes:
    found = tracker.compare(state)
    tracker.take(found)
    return found.data


def _mutate(value: Any, chance: random.Random) -> None:  # noqa: ANN401 - a list or a dict
    inner = [x for x in (value.values() if isinstance(value, dict) else value) if _holds(x)]
    if inner and chance.random() < 0.6:
        _mutate(chance.choice(inner), chance)
    elif isinstance(value, list):
        if value and chance.random() < 0.4:
            value.pop(chance.randrange(len(value)))
        else:
            value.insert(chance.randint(0, len(value)), chance.randint(0, 9))
    elif value and chance.random() < 0.3:
        value.pop(chance.choice(sorted(value)))
    else:
        value[chance.choice("abcxyz")] = chance.choice([1, "one", [1.5], {"k": None}])


def _holds(value: object) -> bool:
    return isinstance(value, list | dict)
