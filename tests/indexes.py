"""SCIP indexes made for tests, and the reading of SCIP's own schema."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from codeanatomy.cpg import scip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCHEMA = Path(__file__).parent / "cpg" / "scip.proto"
PREFIX = "scip-python python shop 0 "


def schema() -> dict[str, list[tuple[str, int, str, bool]]]:
    """Read the fields of each message of SCIP's schema: name, number, type, whether repeated."""
    text = re.sub(r"//.*", "", SCHEMA.read_text("utf-8"))
    found = {}
    for name, body in re.findall(r"message (\w+) \{(.*?)\n\}", text, re.DOTALL):
        fields = re.findall(r"(repeated )?(\w+) (\w+) = (\d+);", body)
        found[name] = [(n, int(number), kind, bool(many)) for many, kind, n, number in fields]
    return found


def official() -> Any:  # noqa: ANN401 - protobuf makes its classes while it runs
    """Return the class `Index` that protobuf makes of SCIP's schema, enums as numbers."""
    kinds = descriptor_pb2.FieldDescriptorProto
    scalars = {"int32": kinds.TYPE_INT32, "string": kinds.TYPE_STRING, "bool": kinds.TYPE_BOOL}
    file = descriptor_pb2.FileDescriptorProto(name="official", package="official", syntax="proto3")
    messages = schema()
    for message, fields in messages.items():
        made = file.message_type.add(name=message)
        for name, number, kind, many in fields:
            label = kinds.LABEL_REPEATED if many else kinds.LABEL_OPTIONAL
            field = made.field.add(name=name, number=number, label=label)
            if kind in messages:
                field.type, field.type_name = kinds.TYPE_MESSAGE, f".official.{kind}"
            else:
                field.type = scalars.get(kind, kinds.TYPE_INT32)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("official.Index"))


def index(
    documents: Mapping[str, Sequence[tuple[Sequence[int], str, int]]],
    *,
    encoding: int = 0,
    texts: dict[str, str] | None = None,
) -> Any:  # noqa: ANN401 - as above
    """Make an index of occurrences: by path, each a range, a symbol and its roles."""
    made = scip.new_index()
    made.metadata.tool_info.name, made.metadata.tool_info.version = "hand", "1"
    for path, occurrences in documents.items():
        document = made.documents.add(relative_path=path, language="python")
        document.position_encoding, document.text = encoding, (texts or {}).get(path, "")
        for span, symbol, roles in occurrences:
            document.occurrences.add(symbol=symbol, symbol_roles=roles).range.extend(span)
    return made


def save(made: Any, path: Path) -> str:  # noqa: ANN401 - as above
    """Write an index to a file; return its name."""
    path.write_bytes(made.SerializeToString())
    return str(path)
