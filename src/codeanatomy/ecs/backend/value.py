"""Values beside the columns (resources, commands, declarations) as bytes, and back; never pickle.

Sequences come back as tuples; arrays, moments, components and commands as what they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from codeanatomy.ecs.column import REQUIRED, Column
from codeanatomy.ecs.components import Component
from codeanatomy.ecs.errors import InvalidResourceError

if TYPE_CHECKING:
    from collections.abc import Callable

_WIDE, _ARRAY, _ARROW, _TABLE, _MOMENT, _DAY, _SPAN, _PAIRS, _NUMBER, _RECORD, _MARK = range(1, 12)
_KINDS: dict[str, type] = {}
_SMALL = 1 << 63

_packer = msgspec.msgpack.Encoder()


def encode(value: object) -> bytes:
    """Give the bytes of a value; raises `InvalidResourceError` for what cannot be stored."""
    return _packer.encode(_plain(value))


def decode(data: bytes | memoryview) -> Any:  # noqa: ANN401 - whatever was encoded
    """Give the value back."""
    return _frozen(msgspec.msgpack.decode(data, ext_hook=_ext))


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | float | str | bytes):
        return value
    if isinstance(value, int):
        return value if -_SMALL <= value < _SMALL else msgspec.msgpack.Ext(_WIDE, str(value).encode())
    if isinstance(value, Mapping):
        return _mapping(value)
    if type(value).__name__ in _records() and type(value) is _records()[type(value).__name__]:
        return _record(value)
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    for kind, code, pack in _LEAVES:
        if isinstance(value, kind):
            return msgspec.msgpack.Ext(code, pack(value))
    if value is REQUIRED:
        return msgspec.msgpack.Ext(_MARK, b"")
    raise InvalidResourceError(
        f"a {type(value).__name__} cannot be stored: use plain values, sequences, mappings, arrays",
        kind=type(value).__name__,
    )


def _mapping(value: Mapping[Any, Any]) -> object:
    if all(isinstance(key, str) for key in value):
        return {key: _plain(inner) for key, inner in value.items()}
    pairs = [[_plain(key), _plain(inner)] for key, inner in value.items()]
    return msgspec.msgpack.Ext(_PAIRS, _packer.encode(pairs))


def _record(value: object) -> object:
    names = getattr(value, "_fields", None) or tuple(
        f.name for f in fields(value) if f.init and f.name != "python"  # type: ignore[arg-type] # one of _records
    )
    told = {name: _plain(getattr(value, name)) for name in names}
    return msgspec.msgpack.Ext(_RECORD, _packer.encode([type(value).__name__, told]))


def _array(value: np.ndarray[Any, np.dtype[Any]]) -> bytes:
    flat = np.ascontiguousarray(value).reshape(-1)
    raw = memoryview(flat.view(np.uint8)) if flat.size else b""
    return _packer.encode([value.dtype.str, list(value.shape), raw])


def _stream(value: pa.Table | pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, value.schema) as out:
        out.write(value)
    return bytes(memoryview(sink.getvalue()))


def _chunked(value: pa.Array | pa.ChunkedArray) -> bytes:
    return _stream(pa.table({"v": value}))


_LEAVES: tuple[tuple[Any, int, Callable[[Any], bytes]], ...] = (
    (np.ndarray, _ARRAY, _array),
    (np.generic, _NUMBER, lambda value: _array(np.asarray(value))),
    ((pa.Array, pa.ChunkedArray), _ARROW, _chunked),
    ((pa.Table, pa.RecordBatch), _TABLE, _stream),
    (datetime, _MOMENT, lambda value: value.isoformat().encode()),
    (date, _DAY, lambda value: value.isoformat().encode()),
    (timedelta, _SPAN, lambda v: _packer.encode([v.days, v.seconds, v.microseconds])),
    (pa.DataType, _ARROW + 100, lambda value: pa.schema([("v", value)]).serialize().to_pybytes()),
)


def _frozen(value: Any) -> Any:  # noqa: ANN401 - whatever was encoded
    if isinstance(value, list):
        return tuple(_frozen(inner) for inner in value)
    if isinstance(value, dict):
        return {key: _frozen(inner) for key, inner in value.items()}
    return value


def _ext(code: int, data: memoryview) -> object:
    if code == _ARRAY or code == _NUMBER:
        return _of_array(data, scalar=code == _NUMBER)
    if code in (_ARROW, _TABLE):
        found = pa.ipc.open_stream(pa.py_buffer(bytes(data))).read_all()
        return found if code == _TABLE else pa.concat_arrays(found["v"].chunks)
    if code == _ARROW + 100:
        return pa.ipc.read_schema(pa.py_buffer(bytes(data))).field(0).type
    if code == _MARK:
        return REQUIRED
    if code == _RECORD:
        name, told = msgspec.msgpack.decode(data, ext_hook=_ext)
        return _records()[name](**_frozen(told))
    if code == _PAIRS:
        return dict(_frozen(msgspec.msgpack.decode(data, ext_hook=_ext)))
    if code == _SPAN:
        return timedelta(*msgspec.msgpack.decode(data))
    text = bytes(data).decode()
    makers: dict[int, Callable[[str], object]] = {
        _WIDE: int,
        _MOMENT: datetime.fromisoformat,
        _DAY: date.fromisoformat,
    }
    return makers[code](text)


def _of_array(data: memoryview, *, scalar: bool) -> object:
    dtype, shape, raw = msgspec.msgpack.decode(data)
    found = np.frombuffer(raw, np.dtype(dtype)).reshape(shape)
    found.flags.writeable = False
    return found[()] if scalar else found


def _records() -> dict[str, type]:
    """Name the classes of ours that are stored field by field."""
    if not _KINDS:
        from codeanatomy.ecs import command  # noqa: PLC0415 - commands know the store's values

        own = {n: k for n, k in vars(command).items() if _is_record(k, command.__name__)}
        _KINDS.update(own | {"Component": Component, "Column": Column})
    return _KINDS


def _is_record(found: object, module: str) -> bool:
    return (
        isinstance(found, type)
        and found.__module__ == module
        and (is_dataclass(found) or hasattr(found, "_fields"))
    )
