"""A column as bytes: numpy arrays as they lie in memory, everything else as an Arrow stream."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from codeanatomy.store.errors import StoreReadError

if TYPE_CHECKING:
    from codeanatomy.ecs.arrays import Array, Numbers

ARROW, BYTES = "arrow", "bytes"


class Chunk(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One column: how to read it, and where it lies (`file` counts in the list of its segment).

    `kind` is a numpy dtype or `arrow`; `at` and `length` are bytes in the file; `size` is their
    number before compression, `check` the checksum of what is stored.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    file: int
    at: int
    length: int
    check: int
    codec: str = ""
    size: int = 0


def encode(name: str, array: Array, at: int, codec: str = "") -> tuple[Chunk, memoryview]:
    """Give the description of a column that will lie at `at`, and its bytes."""
    if isinstance(array, np.ndarray):
        kind, shape, raw = array.dtype.str, array.shape, _raw(array)
    else:
        kind, shape, raw = ARROW, (len(array),), memoryview(_stream(array))
    size = len(raw)
    if codec and size:
        packed = memoryview(pa.compress(pa.py_buffer(raw), codec=codec))
        raw, codec = (packed, codec) if len(packed) < size else (raw, "")
    else:
        codec = ""
    return Chunk(name, kind, shape, 0, at, len(raw), zlib.crc32(raw), codec, size), raw


def of_bytes(name: str, raw: bytes, at: int) -> tuple[Chunk, bytes]:
    """Give the description of bytes that are no column, and them."""
    return Chunk(name, BYTES, (), 0, at, len(raw), zlib.crc32(raw), "", len(raw)), raw


def decode(chunk: Chunk, raw: Any) -> Array:  # noqa: ANN401 - whatever has a buffer
    """Give the array back; it is read-only and lies in `raw` where nothing was compressed."""
    if chunk.codec:
        raw = pa.decompress(pa.py_buffer(raw), chunk.size, codec=chunk.codec)
    if chunk.kind == ARROW:
        found = pa.ipc.open_stream(pa.py_buffer(raw)).read_all().column(0).combine_chunks()
        if isinstance(found, pa.ChunkedArray):
            found = pa.concat_arrays(found.chunks) if found.num_chunks else found
        return found
    array = np.frombuffer(raw, np.dtype(chunk.kind)).reshape(chunk.shape)
    array.flags.writeable = False
    return array


def check(chunk: Chunk, raw: Any, where: str) -> None:  # noqa: ANN401 - whatever has a buffer
    """Raise `StoreReadError` if these are not the bytes that were written."""
    if len(raw) != chunk.length or zlib.crc32(raw) != chunk.check:
        raise StoreReadError(
            f"{where}: the column {chunk.name} at byte {chunk.at} is damaged: its checksum does "
            "not match; restore the file from a copy, or read other ticks",
            path=where,
            column=chunk.name,
            offset=chunk.at,
        )


def _raw(array: Numbers) -> memoryview:
    flat = np.ascontiguousarray(array).reshape(-1)
    if not flat.size:
        return memoryview(b"")
    return memoryview(flat.view(np.uint8))  # type: ignore[arg-type] # arrays have buffers


def _stream(array: pa.Array) -> pa.Buffer:
    batch = pa.record_batch([array], names=["v"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as out:
        out.write_batch(batch)
    return sink.getvalue()
