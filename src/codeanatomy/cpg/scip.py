"""SCIP's messages, each field with its number, and the grammar of its symbols.

Names and numbers are those of `scip.proto` (SCIP, Apache-2.0). The messages are protobuf's own
classes, made of these rows: fields that are not here are kept out of sight and never lost.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.kernel.errors import AnatomyError, MissingPartError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEFINITION, IMPORT, WRITE, READ = 1, 2, 4, 8
"""The roles that a symbol can have where it occurs, as bits."""

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"
ENCODINGS = {1: UTF8, 2: UTF16, 3: UTF32}
"""What characters of a position count, by SCIP's number for it."""


class Field(NamedTuple):
    """One field of a message; `type` is a type of protobuf's or another message's name."""

    name: str
    number: int
    type: str
    repeated: bool = False


_MANY = True
MESSAGES = {
    "Index": (
        Field("metadata", 1, "Metadata"),
        Field("documents", 2, "Document", _MANY),
        Field("external_symbols", 3, "SymbolInformation", _MANY),
    ),
    "Metadata": (
        Field("version", 1, "int32"),
        Field("tool_info", 2, "ToolInfo"),
        Field("project_root", 3, "string"),
        Field("text_document_encoding", 4, "int32"),
    ),
    "ToolInfo": (
        Field("name", 1, "string"),
        Field("version", 2, "string"),
        Field("arguments", 3, "string", _MANY),
    ),
    "Document": (
        Field("relative_path", 1, "string"),
        Field("occurrences", 2, "Occurrence", _MANY),
        Field("symbols", 3, "SymbolInformation", _MANY),
        Field("language", 4, "string"),
        Field("text", 5, "string"),
        Field("position_encoding", 6, "int32"),
    ),
    "SymbolInformation": (
        Field("symbol", 1, "string"),
        Field("documentation", 3, "string", _MANY),
        Field("relationships", 4, "Relationship", _MANY),
        Field("kind", 5, "int32"),
        Field("display_name", 6, "string"),
        Field("signature_documentation", 7, "Document"),
        Field("enclosing_symbol", 8, "string"),
    ),
    "Relationship": (
        Field("symbol", 1, "string"),
        Field("is_reference", 2, "bool"),
        Field("is_implementation", 3, "bool"),
        Field("is_type_definition", 4, "bool"),
        Field("is_definition", 5, "bool"),
    ),
    "Occurrence": (
        Field("range", 1, "int32", _MANY),
        Field("symbol", 2, "string"),
        Field("symbol_roles", 3, "int32"),
        Field("override_documentation", 4, "string", _MANY),
        Field("syntax_kind", 5, "int32"),
        Field("diagnostics", 6, "Diagnostic", _MANY),
        Field("enclosing_range", 7, "int32", _MANY),
        Field("single_line_range", 8, "SingleLineRange"),
        Field("multi_line_range", 9, "MultiLineRange"),
        Field("single_line_enclosing_range", 10, "SingleLineRange"),
        Field("multi_line_enclosing_range", 11, "MultiLineRange"),
    ),
    "SingleLineRange": (
        Field("line", 1, "int32"),
        Field("start_character", 2, "int32"),
        Field("end_character", 3, "int32"),
    ),
    "MultiLineRange": (
        Field("start_line", 1, "int32"),
        Field("start_character", 2, "int32"),
        Field("end_line", 3, "int32"),
        Field("end_character", 4, "int32"),
    ),
    "Diagnostic": (
        Field("severity", 1, "int32"),
        Field("code", 2, "string"),
        Field("message", 3, "string"),
        Field("source", 4, "string"),
        Field("tags", 5, "int32", _MANY),
    ),
}


class ScipIndexError(AnatomyError):
    """A file is not a SCIP index, or only the beginning of one; nothing of it is used."""

    code = "scip-index"


def new_index() -> Any:  # noqa: ANN401 - protobuf makes its classes while it runs
    """Return an empty `Index`; raises `MissingPartError` where protobuf is not installed."""
    return _index_class()()


def decoded(raw: bytes, name: str) -> Any:  # noqa: ANN401 - as above
    """Return the `Index` that these bytes are; raises `ScipIndexError` naming the file."""
    index = new_index()
    try:
        index.ParseFromString(raw)
    except _decode_error() as error:
        msg = (
            f"{name}: not a SCIP index, or only a part of one ({len(raw):,} bytes); an indexer "
            f"that ends well writes a whole one"
        )
        raise ScipIndexError(msg, file=name, size=len(raw)) from error
    if not index.HasField("metadata"):
        msg = f"{name}: not a SCIP index: it does not say which tool wrote it"
        raise ScipIndexError(msg, file=name, size=len(raw))
    return index


@cache
def _index_class() -> Any:  # noqa: ANN401 - as above
    try:
        from google.protobuf import (  # noqa: PLC0415 - an extra: only where SCIP is read or written
            descriptor_pb2,
            descriptor_pool,
            message_factory,
        )
    except ImportError as error:
        msg = 'protobuf is not installed; `pip install "codeanatomy[scip]"` installs it'
        raise MissingPartError(msg, part="protobuf") from error
    file = descriptor_pb2.FileDescriptorProto(name="scip", package="scip", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto
    scalars = {"int32": kinds.TYPE_INT32, "string": kinds.TYPE_STRING, "bool": kinds.TYPE_BOOL}
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in fields:
            label = kinds.LABEL_REPEATED if field.repeated else kinds.LABEL_OPTIONAL
            made = message.field.add(name=field.name, number=field.number, label=label)
            made.type = scalars.get(field.type, kinds.TYPE_MESSAGE)
            if field.type not in scalars:
                made.type_name = f".scip.{field.type}"
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("scip.Index"))


def _decode_error() -> type[Exception]:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - as above

    found: type[Exception] = DecodeError
    return found


def range_of(occurrence: Any, part: str = "") -> tuple[int, ...]:  # noqa: ANN401 - as above
    """Return an occurrence's range as (line, character, end line, end character), from 0.

    With `part` "enclosing_" it is the enclosing one. Empty where there is none, or one of another
    form than SCIP's four: three or four numbers, and the messages of newer indexes.
    """
    numbers = tuple(getattr(occurrence, f"{part}range"))
    if len(numbers) == 3:  # noqa: PLR2004 - on one line
        return (numbers[0], numbers[1], numbers[0], numbers[2])
    if numbers:
        return numbers if len(numbers) == 4 else ()  # noqa: PLR2004 - on several lines
    if occurrence.HasField(f"single_line_{part}range"):
        one = getattr(occurrence, f"single_line_{part}range")
        return (one.line, one.start_character, one.line, one.end_character)
    if occurrence.HasField(f"multi_line_{part}range"):
        one = getattr(occurrence, f"multi_line_{part}range")
        return (one.start_line, one.start_character, one.end_line, one.end_character)
    return ()


LOCAL = "local "
"""What the symbol of something that only its document knows begins with."""

_NAME = r"(?:`(?P<{0}>(?:[^`]|``)+)`|(?P<{1}>[\w+\-$]+))"
_DESCRIPTOR = re.compile(
    r"\[" + _NAME.format("a", "b") + r"\]"
    r"|\(" + _NAME.format("c", "d") + r"\)"
    r"|" + _NAME.format("e", "f") + r"(?:\((?P<mark>[\w+\-$]*)\)\.|(?P<suffix>[#.:/!]))"
)
_SIMPLE = re.compile(r"[A-Za-z0-9_+\-$]+")


class Descriptor(NamedTuple):
    """One part of a symbol: a name, and what it is: `/`, `#`, `.`, `().`, `:`, `[]`, `()`, `!`.

    `mark` tells methods of one name apart: `f(+1).` is marked `+1`.
    """

    name: str
    suffix: str
    mark: str = ""


class Symbol(NamedTuple):
    """A symbol that other documents may know too."""

    scheme: str
    manager: str
    package: str
    version: str
    descriptors: tuple[Descriptor, ...]


@lru_cache(1 << 16)
def parsed(symbol: str) -> Symbol | None:
    """Read a symbol; None for a local one, and for a text that is none."""
    if symbol.startswith(LOCAL):
        return None
    parts = re.split(r"(?<! ) (?! )", symbol.replace("  ", "\0"), maxsplit=4)
    if len(parts) != 5:  # noqa: PLR2004 - scheme, manager, package, version and the descriptors
        return None
    head = ["" if part == "." else part.replace("\0", " ") for part in parts[:4]]
    descriptors = tuple(_descriptors(parts[4].replace("\0", "  ")))
    return Symbol(head[0], head[1], head[2], head[3], descriptors) if descriptors else None


def _descriptors(text: str) -> Iterator[Descriptor]:
    """Yield the parts of a symbol; nothing where one of them cannot be read."""
    at, found = 0, []
    while at < len(text):
        part = _DESCRIPTOR.match(text, at)
        if part is None:
            return
        escaped = part["a"] or part["c"] or part["e"]
        name = escaped.replace("``", "`") if escaped else part["b"] or part["d"] or part["f"]
        suffix = {"[": "[]", "(": "()"}.get(text[at], part["suffix"] or "().")
        found.append(Descriptor(name, suffix, part["mark"] or ""))
        at = part.end()
    yield from found


def written(package: str, version: str, descriptors: Iterable[Descriptor]) -> str:
    """Write a symbol the way `scip-python` does: its scheme, its manager, and these parts."""
    head = (part.replace(" ", "  ") or "." for part in (package, version))
    return f"scip-python python {' '.join(head)} {''.join(map(_written, descriptors))}"


def _written(part: Descriptor) -> str:
    name = part.name if _SIMPLE.fullmatch(part.name) else "`" + part.name.replace("`", "``") + "`"
    if part.suffix in ("[]", "()"):
        return part.suffix[0] + name + part.suffix[1]
    return f"{name}({part.mark})." if part.suffix == "()." else name + part.suffix


def dotted(symbol: str) -> str | None:
    """Return the qualified name that a symbol stands for; None for a local symbol."""
    known = parsed(symbol)
    if known is None:
        return None
    return ".".join(part.name for part in known.descriptors if part.suffix != ":") or None


@lru_cache(1 << 16)
def own_name(symbol: str) -> str | None:
    """Return the name that the text has where a symbol is defined, if it has one there."""
    known = parsed(symbol)
    if known is None or known.descriptors[-1].suffix in ("/", ":"):
        return None
    return known.descriptors[-1].name
