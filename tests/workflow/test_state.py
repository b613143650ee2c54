"""What a state may hold comes back exactly as it was; what it may not is named."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from codeanatomy.workflow.errors import StateBytesError, UnstorableError
from codeanatomy.workflow.secrecy import Secrets
from codeanatomy.workflow.state import decode, digest, encode, is_native, register
from codeanatomy.workflow.template.dotdict import DotDict


@register
@dataclass(frozen=True, slots=True)
class Point:
    """A dataclass that cannot be changed."""

    x: int
    names: tuple[str, ...] = ()


@register
@dataclass
class Basket:
    """A dataclass with something made and something kept out of `__init__`."""

    items: list[Any]
    total: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Count; what was stored must not be counted again."""
        self.total += len(self.items)


@register
class Letter(msgspec.Struct, frozen=True):
    """A struct."""

    to: str
    weight: Decimal = Decimal(1)


@register
class Colour(enum.Enum):
    """An enum."""

    RED = 1
    BLUE = "b"


class Stranger:
    """A class that no state may hold."""


ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.text(st.characters(categories=["Cs", "L"]))
    | st.binary()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.datetimes(timezones=st.timezones(), allow_imaginary=False)
    | st.dates()
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.sampled_from([Path("a/b"), PurePosixPath("/x"), PureWindowsPath("c:\\y"), *Colour])
    | st.builds(Point, st.integers(), st.lists(st.text()).map(tuple))
    | st.builds(Letter, st.text(), st.decimals(allow_nan=False, allow_infinity=False))
)
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.tuples(st.text(), st.dates())
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.builds(Basket, st.lists(inner, max_size=3))
        | st.sets(st.integers() | st.text() | st.dates(), max_size=4)
        | st.frozensets(st.integers() | st.tuples(st.text()), max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_a_state_comes_back_as_it_was(state: dict[str, Any]) -> None:
    """Values and their types, nested as they were."""
    found = decode(encode(state))
    assert found == state
    assert _types(found) == _types(state)


@pytest.mark.parametrize(
    "value",
    [
        float("inf"),
        -0.0,
        2**64,
        -(2**63) - 1,
        "\ud800",
        b"",
        datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
        datetime(2026, 1, 2, 3),  # noqa: DTZ001 - a time without a zone is stored without one
        date(1, 1, 1),
        Decimal("1.10"),
        Decimal("NaN"),
        UUID(int=0),
        {1: "a", None: "b", (1, 2): "c"},
        {(1, frozenset({2})): {1, 2}},
    ],
    ids=repr,
)
def test_a_value_comes_back_to_the_last_bit(value: object) -> None:
    """What equality would not tell apart shows in its text."""
    found = decode(encode({"key": value}))["key"]
    assert repr(found) == repr(value)
    assert type(found) is type(value)


def test_a_time_keeps_its_zone_and_its_fold() -> None:
    """The second half past two of a night in October stays the second."""
    zone = ZoneInfo("Europe/Berlin")
    found = decode(encode({"t": datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=zone)}))["t"]
    assert (found.fold, found.tzinfo, found.utcoffset()) == (1, zone, timedelta(hours=1))


def test_not_a_number_stays_what_it_is() -> None:
    """NaN is no JSON, and is stored all the same."""
    assert repr(decode(encode({"x": [float("nan")]}))) == "{'x': [nan]}"


def test_a_registered_class_is_not_made_again_but_put_back() -> None:
    """`__post_init__` has run when the object was made, and only then."""
    found = decode(encode({"b": Basket([1, 2])}))["b"]
    assert (found.items, found.total) == ([1, 2], 2)


def test_equal_sets_have_equal_bytes() -> None:
    """The order in which a set was filled does not show."""
    one, other = set(range(0, 900, 30)), set(range(870, -1, -30))
    assert encode({"s": one}) == encode({"s": other})
    assert digest(encode({"s": one})) == digest(encode({"s": other}))


def test_what_templates_make_is_stored_as_what_it_stands_for() -> None:
    """Markup is a text, a dict with dots is a dict; inside other values, too."""
    state = {"m": Markup("<b>"), "d": DotDict({"a": {"b": [Markup("x")]}, "items": 1})}
    found = decode(encode(state))
    assert found == {"m": "<b>", "d": {"a": {"b": ["x"]}, "items": 1}}
    assert [type(x) for x in (found["m"], found["d"], found["d"]["a"]["b"][0])] == [str, dict, str]


class Text(str):  # noqa: SLOT000 - a text of another class is what is refused
    """A text that is more than a text."""


@pytest.mark.parametrize(
    ("state", "key", "kind"),
    [
        ({"a": object()}, "a", "object"),
        ({"a": {"b": [1, Stranger()]}}, "a['b'][1]", f"{__name__}.Stranger"),
        ({"fn": print}, "fn", "builtin_function_or_method"),
        ({"a": lambda: 1}, "a", "function"),
        ({"a": (1, {2: bytearray(b"x")})}, "a[1][2]", "bytearray"),
        ({"t": Text("x")}, "t", f"{__name__}.Text"),
        ({"c": 1j}, "c", "complex"),
        ({1: "a"}, "1", "int"),
        ({"g": (x for x in [1])}, "g", "generator"),
    ],
)
def test_what_is_no_data_is_named(state: dict[Any, Any], key: str, kind: str) -> None:
    """The error has the path to the value, and says what it is."""
    with pytest.raises(UnstorableError) as caught:
        encode(state)
    assert caught.value.facts == {"key": key, "kind": kind}
    assert key in str(caught.value)


@pytest.mark.parametrize("deep", [150, 5000])
def test_a_state_that_holds_itself_or_is_too_deep_is_named(deep: int) -> None:
    """It is an error, whatever the depth of Python's own stack."""
    value: list[Any] = []
    value.append(value)
    with pytest.raises(UnstorableError, match="'a' nests deeper than 100 levels, or holds itself"):
        encode({"a": value})
    nest: Any = ()
    for _ in range(deep):
        nest = [nest]
    with pytest.raises(UnstorableError, match="'b' nests deeper"):
        encode({"b": nest})


def test_a_class_can_only_be_registered_if_it_is_data() -> None:
    """A class with behaviour and no fields is refused."""
    with pytest.raises(UnstorableError, match="Stranger is no dataclass"):
        register(Stranger)


def test_bytes_of_a_class_that_is_not_registered_are_refused() -> None:
    """Nothing is imported because stored bytes name it."""
    data = encode({"p": Point(1)}).replace(b".Point", b".Paint")
    with pytest.raises(StateBytesError, match="Paint, which is not registered here"):
        decode(data)


def test_a_field_that_a_class_no_longer_has_is_named() -> None:
    """The stored value is not silently made smaller."""
    data = encode({"p": Point(1)}).replace(b"names", b"nomen")
    with pytest.raises(StateBytesError, match="fields that it does not have: nomen"):
        decode(data)


@given(st.binary(max_size=200))
def test_hostile_bytes_are_an_error_or_a_state(data: bytes) -> None:
    """Whatever they are, nothing else comes of them."""
    _try(data)


@given(
    st.dictionaries(st.text(max_size=3), VALUES, max_size=3).map(encode),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_bytes_are_an_error_or_a_state(data: bytes, hits: list[tuple[int, int]]) -> None:
    """Bytes of a real state with some of them changed."""
    damaged = bytearray(data)
    for place, value in hits:
        damaged[place % len(damaged)] = value
    _try(bytes(damaged))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xdf\xff\xff\xff\xff",
        b"\x81\xa1a\xdd\xff\xff\xff\xff",
        b"\x81\xa1a\xc9\xff\xff\xff\xff\x02",
        b"\x81\xa1a" + b"\x91" * 100_000,
        b"\x81\xa1a" + b"\xc7\xff\x02" * 300,
        b"\x90",
        b"\x81\x01\x02",
        b"\x81\xa1a\xc7\x01\x63\xc0",
        b"\x81\xa1a\xd4\x09\xa0",
        b"\x81\xa1a\xc7\x02\x03\x91\x90",
    ],
)
def test_what_claims_too_much_is_refused(data: bytes) -> None:
    """Lengths without content, depth without end, unknown extensions, members that cannot be."""
    with pytest.raises(StateBytesError):
        decode(data)


def test_plain_values_are_stored_as_they_are() -> None:
    """JSON types and bytes need no second look."""
    assert is_native({"a": [1, 2.5, None, True, "x", b"y", {"z": []}]})
    assert not is_native({"a": [(1,)]})
    assert encode({"a": [1, "x"]}) == msgspec.msgpack.encode({"a": [1, "x"]})


def test_a_secret_is_not_in_the_bytes_and_comes_back_where_it_is_known() -> None:
    """A marker with its name stands for it: in texts, in keys, deep inside."""
    secrets = Secrets({"KEY": "hunter22", "DB": {"password": "pa$$word"}})
    state = {"a": "hunter22", "b": ["see hunter22!"], "c": {"k": ("pa$$word", 1)}, "d": "hunter"}
    data = encode(state, secrets)
    assert b"hunter22" not in data
    assert b"pa$$word" not in data
    assert decode(data) == {
        "a": "[secret:KEY]",
        "b": ["see [secret:KEY]!"],
        "c": {"k": ("[secret:DB.password]", 1)},
        "d": "hunter",
    }
    assert decode(data, secrets) == state


def test_a_text_that_looks_like_a_marker_is_only_a_text() -> None:
    """Nobody can write the name of a secret and get its value."""
    secrets = Secrets({"KEY": "hunter22"})
    state = {"a": "[secret:KEY]"}
    assert decode(encode(state, secrets), secrets) == state


def test_a_short_secret_is_hidden_where_it_stands_alone() -> None:
    """`ab` is not taken out of every word that has it."""
    secrets = Secrets({"PIN": "ab"})
    assert decode(encode({"a": "ab", "b": "about"}, secrets)) == {"a": "[secret:PIN]", "b": "about"}


def test_the_identity_of_a_uuid_survives() -> None:
    """A random one, since the bits are all there is to it."""
    value = uuid4()
    assert decode(encode({"u": value}))["u"] == value


def _try(data: bytes) -> None:
    try:
        found = decode(data)
    except StateBytesError:
        return
    assert all(type(key) is str for key in found)


def _types(value: object) -> object:
    if isinstance(value, dict):
        return dict, sorted((repr(k), _types(v)) for k, v in value.items())
    if isinstance(value, list | tuple):
        return type(value), [_types(x) for x in value]
    return type(value)
