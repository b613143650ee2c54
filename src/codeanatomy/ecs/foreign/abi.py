"""The structs of `processor.h` as ctypes has them, and the two that carry Arrow over the border."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from codeanatomy.ecs.foreign.failure import OutputNotEmptyError, SchemaMismatchError

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = 1
MESSAGE_BYTES = 1024


class ArrowSchema(ctypes.Structure):
    """Arrow's C schema: what the columns are."""


class ArrowArray(ctypes.Structure):
    """Arrow's C array: where the rows lie."""


_SchemaRelease = ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowSchema))
_ArrayRelease = ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowArray))

ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowSchema))),
    ("dictionary", ctypes.POINTER(ArrowSchema)),
    ("release", _SchemaRelease),
    ("private_data", ctypes.c_void_p),
]
ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrowArray))),
    ("dictionary", ctypes.POINTER(ArrowArray)),
    ("release", _ArrayRelease),
    ("private_data", ctypes.c_void_p),
]


class AnatomyTick(ctypes.Structure):
    """Which tick, which chance, how many rows, whose table."""

    _fields_: ClassVar[Sequence[tuple[str, Any]]] = [
        ("tick", ctypes.c_int64),
        ("chance", ctypes.c_uint64),
        ("rows", ctypes.c_int64),
        ("archetype", ctypes.c_char_p),
    ]


class Slot:
    """A schema and an array at the border: empty, or owning what lies in them.

    Whoever holds a full slot releases it, once: `take` hands the rows to Arrow, which does.
    """

    def __init__(self) -> None:
        self.schema = ArrowSchema()
        self.array = ArrowArray()

    @property
    def empty(self) -> bool:
        """Whether nothing is held here."""
        return not self.schema.release and not self.array.release

    def put(self, batch: pa.RecordBatch) -> None:
        """Let Arrow lay a batch here; raises `OutputNotEmptyError` if something lies here."""
        self.require_empty("rows")
        batch._export_to_c(ctypes.addressof(self.array), ctypes.addressof(self.schema))  # noqa: SLF001 - Arrow's way over the C border

    def put_schema(self, schema: pa.Schema) -> None:
        """Let Arrow lay a schema here, without rows."""
        self.require_empty("schema")
        schema._export_to_c(ctypes.addressof(self.schema))  # noqa: SLF001 - Arrow's way over the C border

    def take(self, where: str) -> pa.RecordBatch:
        """Give the rows to Arrow; the slot is empty afterwards, whatever happens."""
        try:
            if not self.schema.release or not self.array.release:
                raise SchemaMismatchError(f"{where} gave no rows back", processor=where)
            found = pa.RecordBatch._import_from_c(  # noqa: SLF001 - Arrow's way over the C border
                ctypes.addressof(self.array), ctypes.addressof(self.schema)
            )
            found.validate()
        except pa.ArrowException as error:
            raise SchemaMismatchError(
                f"{where} gave back what is no batch of rows: {error}", processor=where
            ) from error
        finally:
            self.release()
        return found

    def take_schema(self, where: str) -> pa.Schema:
        """Give the schema to Arrow."""
        try:
            if not self.schema.release:
                raise SchemaMismatchError(f"{where} gave no schema back", processor=where)
            return pa.Schema._import_from_c(ctypes.addressof(self.schema))  # noqa: SLF001 - Arrow's way over the C border
        except pa.ArrowException as error:
            raise SchemaMismatchError(
                f"{where} gave back what is no schema: {error}", processor=where
            ) from error
        finally:
            self.release()

    def release(self) -> None:
        """Release what is still held."""
        if self.array.release:
            self.array.release(ctypes.byref(self.array))
        if self.schema.release:
            self.schema.release(ctypes.byref(self.schema))

    def require_empty(self, what: str) -> None:
        """Raise `OutputNotEmptyError` if something lies here that nobody has released."""
        if not self.empty:
            raise OutputNotEmptyError(
                f"the place for the {what} still holds an array; release it first", what=what
            )
