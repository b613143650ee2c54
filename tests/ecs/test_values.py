"""Values beside the columns come back as what they were, and nothing else is taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.ecs.backend import chunk, value
from codeanatomy.ecs.errors import InvalidResourceError
from codeanatomy.store.errors import StoreReadError
from tests.ecs.history import COMPONENTS

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
    | st.timedeltas(),
    lambda inner: st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_values_come_back(found: object) -> None:
    """Numbers of any size, moments with and without a zone, nested as they please."""
    assert value.decode(value.encode(found)) == found


class Colour(Enum):
    """An enum."""

    RED = 1


OTHERS: dict[str, tuple[object, object]] = {
    "lists become tuples": ([1, [2]], (1, (2,))),
    "members become names": ({"c": Colour.RED}, {"c": "RED"}),
    "numbers of numpy": (np.float32(1.5), np.float32(1.5)),
    "a day": (date(2026, 1, 2), date(2026, 1, 2)),
    "a moment": (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
    "a span": (timedelta(days=-1, microseconds=5), timedelta(days=-1, microseconds=5)),
    "a wide number": (1 << 200, 1 << 200),
    "a type": (pa.list_(pa.int8(), 3), pa.list_(pa.int8(), 3)),
    "declarations": (COMPONENTS, COMPONENTS),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_values_come_back(name: str) -> None:
    """Each as the table says."""
    given_, wanted = OTHERS[name]
    found = value.decode(value.encode(given_))
    assert found == wanted
    assert type(found) is type(wanted) or isinstance(found, MappingProxyType)


def test_arrays_come_back_read_only() -> None:
    """Of any shape and type, empty ones too; Arrow's as well."""
    for array in (np.eye(3), np.array([], "M8[us]"), np.array(["a", "bc"]), np.array(5)):
        found: Any = value.decode(value.encode(array))
        assert found.dtype == array.dtype
        assert found.shape == array.shape
        assert found.tolist() == array.tolist()
        assert not found.flags.writeable
    for arrow in (pa.array(["a", None]), pa.array([], pa.list_(pa.int8())), pa.table({"a": [1]})):
        assert value.decode(value.encode(arrow)).equals(arrow)


def test_mappings_come_back_read_only() -> None:
    """A recorded value cannot be changed in place."""
    found = value.decode(value.encode({"a": {"b": 1}}))
    with pytest.raises(TypeError):
        found["a"]["b"] = 2


def test_what_is_no_value_is_refused() -> None:
    """Nothing is pickled; a kind from another program is named."""
    with pytest.raises(InvalidResourceError, match="function cannot be stored"):
        value.encode({"f": test_what_is_no_value_is_refused})
    import msgspec

    strange = msgspec.msgpack.encode(msgspec.msgpack.Ext(77, b""))
    with pytest.raises(StoreReadError, match="kind 77"):
        value.decode(strange)


COLUMNS: dict[str, Any] = {
    "floats": np.random.default_rng(0).random(5000),
    "three a row": np.ones((100, 3), np.float32),
    "truths": np.array([True, False]),
    "moments": np.array([1, 2], "M8[us]"),
    "none at all": np.empty(0, np.int64),
    "no rows of three": np.empty((0, 3)),
    "every second": np.arange(10)[::2],
    "texts": pa.array(["a", None, "b" * 100]),
    "a slice": pa.array(["a", "b", "c"])[1:],
    "members": pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), pa.array(["RED"])),
    "lists": pa.array([[1], [], None]),
    "structs": pa.array([{"a": 1, "b": "x"}]),
    "no texts": pa.array([], pa.string()),
}


@pytest.mark.parametrize("codec", ["", "lz4", "zstd"])
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_come_back(name: str, codec: str) -> None:
    """Same type, same shape, same values; a changed byte is told."""
    array = COLUMNS[name]
    told, raw = chunk.encode("c", array, 640, codec)
    assert (told.at, told.length) == (640, len(raw))
    data = bytes(raw)
    chunk.check(told, data, "here")
    found: Any = chunk.decode(told, data)
    if isinstance(array, np.ndarray):
        assert (found.dtype, found.shape) == (array.dtype, array.shape)
        assert np.array_equal(found, array)
        assert not found.flags.writeable
    else:
        assert found.type == array.type
        assert found.equals(array)
    if data:
        broken = bytes([data[0] ^ 1]) + data[1:]
        with pytest.raises(StoreReadError, match="the column c at byte 640 is damaged"):
            chunk.check(told, broken, "here")
