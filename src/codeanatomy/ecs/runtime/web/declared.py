"""Components declared as data: names of fields and of their Arrow types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from codeanatomy.ecs.column import Column
from codeanatomy.ecs.components import Component
from codeanatomy.ecs.errors import InvalidComponentError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES = {
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "uint8": pa.uint8(),
    "uint16": pa.uint16(),
    "uint32": pa.uint32(),
    "uint64": pa.uint64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
    "timestamp[us]": pa.timestamp("us"),
    "date32[day]": pa.date32(),
    "duration[us]": pa.duration("us"),
}
_WORD = "abcdefghijklmnopqrstuvwxyz0123456789_"


def components_of(found: Mapping[str, Mapping[str, str]]) -> list[Component]:
    """Make components of `{"position": {"x": "double", "y": "double"}}`; `{}` is a tag."""
    return [_component(name, fields) for name, fields in found.items()]


def _component(name: str, fields: Mapping[str, str]) -> Component:
    for word in (name, *fields):
        if not word or set(word) - set(_WORD) or "__" in word or not word[0].isalpha():
            raise InvalidComponentError(
                f"{word!r} cannot name a component or a field: lower case words joined by single "
                "underscores",
                name=word,
            )
    columns = [Column(f"{name}__{field}", _type(name, field, t)) for field, t in fields.items()]
    return Component(name, tuple(columns))


def _type(name: str, field: str, told: str) -> pa.DataType:
    if told not in _TYPES:
        raise InvalidComponentError(
            f"{name}.{field}: no type {told!r} here; there are {', '.join(_TYPES)}", name=name
        )
    return _TYPES[told]
