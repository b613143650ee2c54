"""Rows written for people and for machines: the formats, and how each is written."""

from __future__ import annotations

from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import msgspec
import pyarrow as pa

from codeanatomy.kernel.errors import AnatomyError, SpecError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from rich.table import Table as RichTable

WIDTH = 60  # characters of one cell in a table for people
BATCH = 8192  # rows that become Python values at a time


class OutputError(AnatomyError):
    """The file that an answer should be written to cannot be written."""

    code = "output"


class Format(NamedTuple):
    """One way to write rows; a binary one is never shown on a terminal."""

    name: str
    suffixes: tuple[str, ...]
    meaning: str
    binary: bool
    write: Callable[[pa.Table, BinaryIO], None]


def names() -> tuple[str, ...]:
    """Name every format."""
    return tuple(format_.name for format_ in FORMATS)


def named(name: str) -> Format:
    """Return the format called `name`; raises `UnknownNameError`."""
    for format_ in FORMATS:
        if format_.name == name:
            return format_
    raise UnknownNameError(f"no format {name!r}; the formats are {', '.join(names())}", name=name)


def of_path(path: Path) -> str:
    """Name the format that a file's ending stands for; raises `SpecError`."""
    for format_ in FORMATS:
        if path.suffix.lower() in format_.suffixes:
            return format_.name
    known = ", ".join(suffix for format_ in FORMATS for suffix in format_.suffixes)
    raise SpecError(f"{path.name}: no format ends so; name one, or end in {known}", path=str(path))


def write_file(table: pa.Table, path: Path, name: str) -> None:
    """Write rows to a new file in one format; raises `OutputError`."""
    format_ = named(name)
    written = BytesIO()
    format_.write(table, written)
    write_bytes(path, written.getvalue())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file for a person; raises `OutputError`."""
    try:
        path.write_bytes(data)
    except OSError as error:
        why = error.strerror or str(error)
        raise OutputError(
            f"cannot write {path}: {why}; name another file", path=str(path)
        ) from error


def grid(table: pa.Table, limit: int | None = None, width: int = WIDTH) -> str:
    """Write rows as aligned text, numbers to the right; with `limit`, the first so many."""
    shown = table.slice(0, limit)
    right = [_is_number(field.type) for field in table.schema]
    cells = [list(map(str, table.column_names)), *_cells(shown, width)]
    lines = aligned(cells, right)
    lines.insert(1, "  ".join("-" * wide for wide in _widths(cells)))
    if shown.num_rows < table.num_rows:
        lines.append(f"... {table.num_rows:,} rows in all")
    return "\n".join(lines)


def aligned(cells: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> list[str]:
    """Return one line for each row of cells, columns two spaces apart."""
    widths = _widths(cells)
    to_right = [*right, *[False] * (len(widths) - len(right))]
    return [
        "  ".join(
            cell.rjust(wide) if rightwards else cell.ljust(wide)
            for cell, wide, rightwards in zip(row, widths, to_right, strict=True)
        ).rstrip()
        for row in cells
    ]


def html(table: pa.Table, limit: int) -> str:
    """Write the first rows as an HTML table, for notebooks."""
    head = "".join(f"<th>{escape(name)}</th>" for name in table.column_names)
    rows = (
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _cells(table.slice(0, limit), WIDTH)
    )
    more = f"<p>{table.num_rows:,} rows in all</p>" if table.num_rows > limit else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}"


def rich_table(table: pa.Table, limit: int) -> RichTable:
    """Show the first rows as rich does."""
    from rich.table import Table  # noqa: PLC0415 - only where rich shows it
    from rich.text import Text  # noqa: PLC0415 - as above

    more = f"{table.num_rows:,} rows in all" if table.num_rows > limit else None
    shown = Table(box=None, header_style="bold", caption=more, caption_justify="left")
    for field in table.schema:
        shown.add_column(Text(field.name), justify="right" if _is_number(field.type) else "left")
    for row in _cells(table.slice(0, limit), WIDTH):
        shown.add_row(*map(Text, row))
    return shown


def one_line(text: str, width: int | None = None) -> str:
    """Escape what cannot be printed on one line, and cut what is too long with an ellipsis."""
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return text if width is None or len(text) <= width else text[: width - 1] + "…"


def plain_json(value: Any) -> Any:  # noqa: ANN401 - any value of any row
    """Make a value one that JSON has: bytes become hex digits, NaN and infinities null."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): plain_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(part) for part in value]
    return value


def _write_grid(table: pa.Table, out: BinaryIO) -> None:
    out.write(_encoded(grid(table) + "\n"))


def _write_csv(table: pa.Table, out: BinaryIO) -> None:
    """Write RFC 4180 with a header; null is an empty cell, nested values are JSON."""
    import csv  # noqa: PLC0415 - only this format
    from io import StringIO  # noqa: PLC0415 - only this format

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    for batch in table.to_batches(BATCH):
        columns = [column.to_pylist() for column in batch.columns]
        writer.writerows([_csv_cell(value) for value in row] for row in zip(*columns, strict=True))
        out.write(_encoded(text.getvalue()))
        text.seek(0)
        text.truncate()
    out.write(_encoded(text.getvalue()))


def _csv_cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, bytes | dict | list) else value


def _write_json(table: pa.Table, out: BinaryIO) -> None:
    """Write a list of objects, one a line."""
    before = b"["
    for line in _objects(table):
        out.write(before + b"\n  " + line)
        before = b","
    out.write(b"[]\n" if before == b"[" else b"\n]\n")


def _write_jsonl(table: pa.Table, out: BinaryIO) -> None:
    out.writelines(line + b"\n" for line in _objects(table))


def _objects(table: pa.Table) -> Iterable[bytes]:
    for batch in table.to_batches(BATCH):
        for row in batch.to_pylist():
            yield _json(row)


def _json(value: object) -> bytes:
    return msgspec.json.encode(plain_json(value))


def _text(value: bytes | dict[str, Any] | list[Any]) -> str:
    return value.hex() if isinstance(value, bytes) else _json(value).decode()


def _write_parquet(table: pa.Table, out: BinaryIO) -> None:
    from pyarrow import parquet  # noqa: PLC0415 - only this format

    parquet.write_table(_without_views(table), out, compression="zstd")


def _write_arrow(table: pa.Table, out: BinaryIO) -> None:
    """Write Arrow's file format, which is also Feather's second version."""
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)


FORMATS = (
    Format("table", (".txt",), "aligned text", binary=False, write=_write_grid),
    Format("csv", (".csv",), "comma-separated values", binary=False, write=_write_csv),
    Format("json", (".json",), "a list of objects", binary=False, write=_write_json),
    Format("jsonl", (".jsonl", ".ndjson"), "an object a line", binary=False, write=_write_jsonl),
    Format("parquet", (".parquet",), "a Parquet file", binary=True, write=_write_parquet),
    Format("arrow", (".arrow", ".feather"), "an Arrow file", binary=True, write=_write_arrow),
)


def _without_views(table: pa.Table) -> pa.Table:
    return table.cast(pa.schema([f.with_type(_without_view(f.type)) for f in table.schema]))


def _without_view(kind: pa.DataType) -> pa.DataType:
    """Replace view types at any depth by plain ones."""
    if pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_without_view(kind.value_type)))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_without_view(field.type)) for field in kind.fields])
    return kind


def _cells(table: pa.Table, width: int) -> list[list[str]]:
    columns = [[_cell(value, width) for value in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: object, width: int) -> str:
    """Write one value on one line; null is nothing, what is too long ends in an ellipsis."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    text = _text(value) if isinstance(value, bytes | dict | list) else str(value)
    return one_line(text, width)


def _widths(cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*cells, strict=True)]


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
