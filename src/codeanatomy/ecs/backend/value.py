"""Values beside the columns (resources, commands, declarations) as bytes, and back; never pickle.

Sequences come back as tuples, mappings read-only; arrays, moments, components and commands as
what they were.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.msgpack import Ext

from codeanatomy.ecs.column import REQUIRED, Column
from codeanatomy.ecs.command import Command
from codeanatomy.ecs.components import Component
from codeanatomy.ecs.errors import InvalidResourceError
from codeanatomy.store.errors import StoreReadError

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.ecs.arrays import Numbers

_HALF = 1 << 63  # what a 64-bit integer holds on either side of zero
_PLAIN = (bool, float, str, bytes, type(None))

_packer = msgspec.msgpack.Encoder()


def encode(value: object) -> bytes:
    """Give the bytes of a value; raises `InvalidResourceError` for what cannot be stored."""
    return _packer.encode(_plain(value))


def decode(data: bytes | memoryview) -> Any:  # noqa: ANN401 - whatever was encoded
    """Give the value back."""
    return _frozen(msgspec.msgpack.decode(data, ext_hook=_restored))


class _Kind(NamedTuple):
    """How values of some types are stored; the first row that fits is used."""

    code: int
    types: tuple[type, ...]
    pack: Callable[[Any], bytes]
    restore: Callable[[memoryview], object]


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.name
    small = isinstance(value, int) and -_HALF <= value < _HALF
    if small or isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    for kind in _KINDS:
        if isinstance(value, kind.types):
            return Ext(kind.code, kind.pack(value))
    inner = getattr(value, "__component_fields__", None) or getattr(
        value, "__dataclass_fields__", None
    )
    if inner is None:
        raise InvalidResourceError(
            f"a {type(value).__name__} cannot be stored: use plain values, sequences, mappings or "
            "arrays",
            kind=type(value).__name__,
        )
    return {name: _plain(getattr(value, name)) for name in inner}


def _frozen(value: Any) -> Any:  # noqa: ANN401 - whatever was encoded
    if isinstance(value, list):
        return tuple(_frozen(inner) for inner in value)
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    return value


def _restored(code: int, data: memoryview) -> object:
    if code not in _BY_CODE:
        raise StoreReadError(f"a value of kind {code} was stored by another program", kind=code)
    return _BY_CODE[code].restore(data)


def _of_array(value: Numbers | np.generic) -> bytes:
    array = np.asarray(value)
    flat = np.ascontiguousarray(array).reshape(-1)
    raw = memoryview(flat.view(np.uint8)).cast("B") if flat.size else b""  # type: ignore[arg-type] # arrays have buffers
    return _packer.encode([array.dtype.str, list(array.shape), raw])


def _array(data: memoryview) -> Numbers:
    dtype, shape, raw = msgspec.msgpack.decode(data)
    found = np.frombuffer(raw, np.dtype(dtype)).reshape(shape)
    found.flags.writeable = False
    return found


def _of_table(value: pa.Table | pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, value.schema) as out:
        out.write(value)
    return bytes(memoryview(sink.getvalue()))


def _table(data: memoryview) -> pa.Table:
    return pa.ipc.open_stream(pa.py_buffer(bytes(data))).read_all()


def _column(data: memoryview) -> pa.Array:
    found = _table(data)["v"]
    return pa.concat_arrays(found.chunks) if found.num_chunks else pa.array([], found.type)


def _of_type(value: pa.DataType) -> bytes:
    return bytes(memoryview(pa.schema([("v", value)]).serialize()))


def _type(data: memoryview) -> pa.DataType:
    return pa.ipc.read_schema(pa.py_buffer(bytes(data))).field(0).type


def _of_record(value: Command | Component | Column) -> bytes:
    """Store one of our own classes by field; the Python class of a component is not stored."""
    names = [f.name for f in fields(value) if f.init and f.name != "python"]
    told = {name: _plain(getattr(value, name)) for name in names}
    return _packer.encode([type(value).__name__, told])


def _record(data: memoryview) -> object:
    name, told = msgspec.msgpack.decode(data, ext_hook=_restored)
    return _RECORDS[name](**_frozen(told))


def _of_pairs(value: Mapping[Any, Any]) -> bytes:
    return _packer.encode([[_plain(key), _plain(inner)] for key, inner in value.items()])


def _pairs(data: memoryview) -> dict[Any, Any]:
    return dict(_frozen(msgspec.msgpack.decode(data, ext_hook=_restored)))


def _text(value: date) -> bytes:
    return value.isoformat().encode()


_RECORDS: dict[str, Callable[..., object]] = {
    "Command": Command,
    "Component": Component,
    "Column": Column,
}
_KINDS = (
    _Kind(1, (int,), lambda v: str(v).encode(), lambda d: int(bytes(d))),
    _Kind(2, (np.ndarray,), _of_array, _array),
    _Kind(3, (np.generic,), _of_array, lambda d: _array(d)[()]),
    _Kind(4, (pa.Table, pa.RecordBatch), _of_table, _table),
    _Kind(5, (pa.Array, pa.ChunkedArray), lambda v: _of_table(pa.table({"v": v})), _column),
    _Kind(6, (datetime,), _text, lambda d: datetime.fromisoformat(bytes(d).decode())),
    _Kind(7, (date,), _text, lambda d: date.fromisoformat(bytes(d).decode())),
    _Kind(
        8,
        (timedelta,),
        lambda v: _packer.encode([v.days, v.seconds, v.microseconds]),
        lambda d: timedelta(*msgspec.msgpack.decode(d)),
    ),
    _Kind(9, (pa.DataType,), _of_type, _type),
    _Kind(10, (Command, Component, Column), _of_record, _record),
    _Kind(11, (type(REQUIRED),), lambda _: b"", lambda _: REQUIRED),
    _Kind(12, (Mapping,), _of_pairs, _pairs),
)
_BY_CODE = {kind.code: kind for kind in _KINDS}
