"""What a table is: a name, one sentence, columns with meanings, a key. Declared once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from codeanatomy.kernel.errors import SpecError, UnknownNameError
from codeanatomy.kernel.fingerprint import fingerprint

if TYPE_CHECKING:
    import pyarrow as pa

    from codeanatomy.kernel.fingerprint import Fingerprint

TYPES = ("bool", "int8", "int16", "int32", "int64", "float64", "string", "binary", "timestamp")


class Column(msgspec.Struct, frozen=True):
    """One column: Arrow type by name, what it means, and its semantic type where joins need it.

    `type` is one of `TYPES`, `list<T>` of one of them, or `struct<name:T,...>`.
    `sem` names the idea the values stand for (`file`, `node`, `scope`, `name` ...): two columns
    with the same `sem` may be joined, any others may not.
    """

    name: str
    type: str
    meaning: str
    nullable: bool = False
    sem: str = ""


class Table(msgspec.Struct, frozen=True, tag=True):
    """A declared table; `producer` is the file that fills it, `key` identifies a row."""

    name: str
    meaning: str
    producer: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse duplicate columns, and keys or partitions that are not columns."""
        names = [c.name for c in self.columns]
        if len(set(names)) != len(names):
            raise SpecError(f"table {self.name}: a column is declared twice", table=self.name)
        for name in (*self.key, *self.partition):
            if name not in names:
                raise SpecError(f"table {self.name}: key {name!r} is no column", table=self.name)

    def column(self, name: str) -> Column:
        """Return the column called `name`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownNameError(
            f"table {self.name} has no column {name!r}; it has {[c.name for c in self.columns]}",
            table=self.name,
            name=name,
        )

    def fingerprint(self) -> Fingerprint:
        """Identify this schema by content."""
        return fingerprint(self)

    def arrow(self) -> pa.Schema:
        """Return the Arrow schema, column order as declared."""
        return _arrow(self)


@cache
def _arrow(table: Table) -> pa.Schema:
    import pyarrow as pa  # noqa: PLC0415 - heavy: a page of declarations is read without it

    return pa.schema([pa.field(c.name, arrow_type(c.type), c.nullable) for c in table.columns])


def arrow_type(name: str) -> pa.DataType:
    """Turn a declared type name into an Arrow type; raises `SpecError` for any other text."""
    import pyarrow as pa  # noqa: PLC0415 - heavy: a page of declarations is read without it

    if name.startswith("list<") and name.endswith(">"):
        return pa.list_(arrow_type(name[5:-1]))
    if name.startswith("struct<") and name.endswith(">"):
        parts = (part.split(":", 1) for part in name[7:-1].split(","))
        return pa.struct([(field.strip(), arrow_type(kind.strip())) for field, kind in parts])
    if name == "timestamp":
        return pa.timestamp("us", tz="UTC")
    if name not in TYPES:
        raise SpecError(f"no type {name!r}; the types are {', '.join(TYPES)}", type=name)
    found: pa.DataType = pa.type_for_alias(name)
    return found
