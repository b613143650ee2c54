r"""Markdown tests: a page is a test file; a heading with source and expected rows is a case.

A page in `tests/cpg/extract` is about the extractor of its name. A case holds one source and the
rows it must give, table by table; the header names the columns that are compared, in order:

    ## A comprehension is a scope of its own (3.11)

    ```py
    x = [i for i in y]
    ```

    `scope_symbols` where name = i

    | name | is_local |
    |---|---|
    | i | True |

Any other page is about the graph. Blocks with `path="..."` are the files of a repository; a table
is introduced by the name of a graph table, with a `where` if need be, or by a block of SQL:

    ```py path="pkg/a.py"
    import os
    ```

    `edges` where kind = 'IMPORTS'

    | kind | confidence |
    |---|---|
    | IMPORTS | 1.0 |

Rows of the graph are compared in any order unless the question says `order by`. An empty cell is
null, `""` the empty text, `\n` a newline, `\|` a bar. A heading that ends in `(3.12+)`, `(3.11)`
or `(3.11-3.12)` holds for these interpreters only.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

Row = tuple[str, ...]

HEADING = re.compile(r"^#+ +(?P<title>.+?) *#* *$")
FENCE = re.compile(r"^(?P<fence>```+)(?P<language>\w*)(?: +path=\"(?P<path>[^\"]+)\")? *$")
LABEL = re.compile(r"^`(?P<table>\w+)`(?: +(?P<rest>(?:where|order by) .+?))? *$", re.IGNORECASE)
VERSIONS = re.compile(r"\((?P<first>3\.\d+)(?P<more>\+|-3\.\d+)?\)$")
EQUAL = re.compile(r"^(?P<column>\w+) *= *(?P<quote>['\"]?)(?P<value>.*)(?P=quote)$")


class PageError(Exception):
    """A page that is not a test: what is wrong and in which line."""


class RowsDifferError(AssertionError):
    """The rows are not the expected ones; the message shows both, side by side."""


@dataclass(frozen=True)
class Expectation:
    """One expected table: where its rows come from, its columns, its rows."""

    line: int
    table: str  # a table's name, or empty where `rest` is a whole query
    rest: str
    columns: Row
    rows: tuple[Row, ...]


@dataclass
class Section:
    """What stands under one heading."""

    title: str
    line: int
    files: dict[str, str] = field(default_factory=dict)
    expected: list[Expectation] = field(default_factory=list)


class Page(pytest.File):
    """One Markdown file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a case for each heading with source; a page without any is an error."""
        sections = [s for s in read(self.path.read_text("utf-8")) if s.files or s.expected]
        if not sections:
            raise PageError(f"{self.path}: no heading with a source and expected rows")
        seen: Counter[str] = Counter()
        for section in sections:
            if not (section.files and section.expected):
                lacks = "expected rows" if section.files else "a source"
                raise PageError(f"{self.path}:{section.line}: {section.title!r} lacks {lacks}")
            seen[section.title] += 1
            again = f" ({seen[section.title]})" if seen[section.title] > 1 else ""
            yield Case.from_parent(self, name=section.title + again, section=section)


class Case(pytest.Item):
    """One heading: its source is run, its tables are compared."""

    def __init__(self, *, section: Section, **rest: Any) -> None:  # noqa: ANN401 - pytest's own
        super().__init__(**rest)
        self.section = section

    def runtest(self) -> None:
        """Compare each table; raises `RowsDifferError` for the first that differs."""
        wrong = wrong_interpreter(self.section.title, sys.version_info[:2])
        if wrong:
            pytest.skip(wrong)
        if self.path.parent.name == "extract":
            self._evidence()
        else:
            self._graph()

    def _evidence(self) -> None:
        from codeanatomy.cpg.extract import run_one

        (source,) = self.section.files.values()
        tables = run_one(self.path.stem, source.encode())
        for expected in self.section.expected:
            compare(expected, rows_of(tables, expected))

    def _graph(self) -> None:
        import codeanatomy

        with TemporaryDirectory() as folder:
            repo = Path(folder, "repo")
            for name, source in self.section.files.items():
                path = repo / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(source.encode())
            graph = codeanatomy.build(repo, store=Path(folder, "store"))
            for expected in self.section.expected:
                sql = query(expected)
                actual = [project(r, expected.columns) for r in graph.sql(sql).to_pylist()]
                ordered = "order by" in sql.lower()
                compare(expected, actual if ordered else sorted(actual), ordered=ordered)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 - pytest's own
        """Show both tables, or what is wrong with the page; for any other error the traceback."""
        if isinstance(excinfo.value, RowsDifferError | PageError):
            return f"{self.path}: {excinfo.value}"
        return super().repr_failure(excinfo, style or "short")

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where the case stands."""
        return self.path, self.section.line - 1, f"{self.path.stem}: {self.name}"


def read(text: str) -> list[Section]:
    """Split a page into its sections."""
    sections = [Section("(top)", 1)]
    lines = iter(enumerate(text.splitlines(), 1))
    label: tuple[str, str] | None = None
    for number, line in lines:
        if fence := FENCE.match(line):
            body = _block(lines, fence["fence"])
            if fence["language"] == "sql" and not fence["path"]:
                label = ("", body)
            elif fence["language"] == "py" or fence["path"]:
                _add_file(sections[-1], fence["path"] or "snippet.py", body, number)
        elif heading := HEADING.match(line):
            sections.append(Section(heading["title"], number))
            label = None
        elif named := LABEL.match(line):
            label = (named["table"], named["rest"] or "")
        elif line.startswith("|"):
            if label is None:
                raise PageError(f"line {number}: no `name` or sql block says whose rows these are")
            sections[-1].expected.append(_table(lines, number, line, label))
            label = None
    return sections


def _block(lines: Iterator[tuple[int, str]], fence: str) -> str:
    body: list[str] = []
    for _, line in lines:
        if line.rstrip() == fence:
            return "".join(f"{part}\n" for part in body)
        body.append(line)
    raise PageError("a block of code is not closed")


def _add_file(section: Section, name: str, body: str, number: int) -> None:
    if name in section.files:
        raise PageError(f"line {number}: {name} stands twice under {section.title!r}")
    section.files[name] = body


def _table(
    lines: Iterator[tuple[int, str]], number: int, header: str, label: tuple[str, str]
) -> Expectation:
    rows = []
    for _, line in lines:
        if not line.strip():
            break
        if not line.startswith("|"):
            raise PageError(f"line {number}: an empty line ends a table")
        rows.append(cells(line))
    if not rows or not all(re.fullmatch(r":?-+:?", cell) for cell in rows[0]):
        raise PageError(f"line {number}: a table needs a line of dashes under its header")
    columns = cells(header)
    if any(len(row) != len(columns) for row in rows):
        raise PageError(f"line {number}: a row has more or fewer cells than the header")
    return Expectation(number, label[0], label[1].strip(), columns, tuple(rows[1:]))


def cells(line: str) -> Row:
    """Split a row of a table; backticks around a whole cell are for the eye only."""
    parts = re.split(r"(?<!\\)\|", line.strip())[1:-1]
    return tuple(re.sub(r"^`(.*)`$", r"\1", part.strip()).replace("\\|", "|") for part in parts)


def shown(value: object) -> str:
    """Write a value as a cell holds it."""
    if value is None:
        return ""
    return str(value).replace("\n", "\\n") or '""'


def project(row: dict[str, Any], columns: Iterable[str]) -> Row:
    """Return the cells of `columns`; a column that is not there is an error that says so."""
    missing = [c for c in columns if c not in row]
    if missing:
        raise PageError(f"no column {missing}; there are {sorted(row)}")
    return tuple(shown(row[c]) for c in columns)


def rows_of(tables: dict[str, pa.Table], expected: Expectation) -> list[Row]:
    """Return the evidence rows an expectation is about, in table order."""
    if expected.table not in tables:
        raise PageError(f"line {expected.line}: no table {expected.table!r} in {sorted(tables)}")
    wanted = _conditions(expected)
    rows = tables[expected.table].to_pylist()
    kept = [row for row in rows if project(row, wanted) == tuple(wanted.values())]
    project(dict.fromkeys(tables[expected.table].column_names), expected.columns)
    return [project(row, expected.columns) for row in kept]


def _conditions(expected: Expectation) -> dict[str, str]:
    """Read `where a = 1 and b = x`: evidence is not in SQL yet, and equality is enough for it."""
    if not expected.rest:
        return {}
    parts = re.split(r" and ", expected.rest.removeprefix("where "), flags=re.IGNORECASE)
    found = [EQUAL.match(part.strip()) for part in parts]
    if not all(found):
        raise PageError(f"line {expected.line}: {expected.rest!r} is not `where column = value`")
    return {match["column"]: match["value"] for match in found if match}


def query(expected: Expectation) -> str:
    """Write the SQL that gives the rows of an expectation."""
    if not expected.table:
        return expected.rest
    columns = ", ".join(f'"{column}"' for column in expected.columns)
    return f"SELECT {columns} FROM {expected.table} {expected.rest}"


def compare(expected: Expectation, actual: list[Row], *, ordered: bool = True) -> None:
    """Raise `RowsDifferError` unless `actual` are the expected rows."""
    rows = list(expected.rows) if ordered else sorted(expected.rows)
    if rows != actual:
        raise RowsDifferError(
            f"line {expected.line}: {expected.table or 'the query'} differs\n"
            + side_by_side(expected.columns, rows, actual)
        )


def side_by_side(columns: Row, expected: list[Row], actual: list[Row]) -> str:
    """Lay both tables beside each other; `>` marks the rows that differ."""
    left = _lay_out([columns, *expected])
    right = _lay_out([columns, *actual])
    width = max(len("expected"), *map(len, left))
    out = [f"  {'expected':<{width}}   actual"]
    for index, (one, two) in enumerate(zip_longest(left, right, fillvalue="")):
        pair = (expected[index - 1 : index], actual[index - 1 : index])
        mark = ">" if index and pair[0] != pair[1] else " "
        out.append(f"{mark} {one:<{width}}   {two}".rstrip())
    return "\n".join(out)


def _lay_out(rows: list[Row]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        " | ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def wrong_interpreter(title: str, version: tuple[int, ...]) -> str:
    """Say why a case does not hold for `version`; empty if it does."""
    said = VERSIONS.search(title)
    if not said:
        return ""
    first = _version(said["first"])
    more = said["more"] or ""
    last = (99,) if more == "+" else _version(more[1:]) if more else first
    return "" if first <= version <= last else f"holds for Python {said[0].strip('()')}"


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
