"""What can go wrong with a query, and how DataFusion's words become ours."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from codeanatomy.kernel.errors import AnatomyError, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable


class QueryError(AnatomyError, ValueError):
    """The SQL is not valid here: bad grammar, an unknown name, or more than reading."""

    code = "query"
    phase = Phase.COMPILE
    exit_status = 2


class QueryRunError(AnatomyError):
    """The SQL is valid and failed on the data, as in a division by zero."""

    code = "query-run"
    phase = Phase.RUN


class MemoryLimitError(AnatomyError):
    """A query needed more memory than its session may use."""

    code = "memory-limit"
    phase = Phase.RUN


def refused(error: Exception, sql: str, names: Iterable[str], columns: Iterable[str]) -> QueryError:
    """Say in our words why `sql` was not accepted; `names` and `columns` are those that exist."""
    text = str(error)
    kind = re.search(r"(DDL|DML|Statement) not supported: (.+)|Unsupported SQL statement", text)
    if kind or "only supports a single SQL statement" in text:
        what = kind.group(2) if kind and kind.group(2) else "this statement"
        message = f"a query is one SELECT and only reads; {what} is not accepted"
        return QueryError(message, sql=sql, reason="read-only")
    if table := re.search(r"table '(?:\w+\.\w+\.)?(.+?)' not found", text):
        return _unknown("table", table.group(1).strip('"'), names, sql)
    if column := re.search(r"No field named ('[^']*'|\S+?)\.(?:\s|$)", text):
        bare = column.group(1).strip("'").rsplit(".", 1)[-1].strip('"')
        return _unknown("column", bare, columns, sql)
    return QueryError(_first_line(text), sql=sql, reason="invalid")


def failed(error: Exception, sql: str) -> AnatomyError:
    """Say in our words why running `sql` failed."""
    text = str(error)
    if "Resources exhausted" in text or "Not enough memory" in text:
        message = f"not enough memory for this query: {_first_line(text)}; take a larger session"
        return MemoryLimitError(message, sql=sql)
    if "Optimizer rule" in text:
        return QueryError(_last_line(text), sql=sql, reason="invalid")
    return QueryRunError(_last_line(text), sql=sql)


def _unknown(what: str, name: str, known: Iterable[str], sql: str) -> QueryError:
    near = get_close_matches(name.lower(), sorted(set(known)), n=3)
    hint = f"; the nearest are {', '.join(near)}" if near else ""
    return QueryError(
        f"no {what} {name!r}{hint}", sql=sql, reason=f"unknown-{what}", name=name, near=tuple(near)
    )


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else "unknown failure"
    line = re.sub(r"^(DataFusion error: |Error during planning: |SQL error: )+", "", line)
    quoted = re.fullmatch(r'(?:Parser|Tokenizer)Error\("(.*)"\)', line)
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else line


def _last_line(text: str) -> str:
    last = text.strip().rsplit("caused by\n", 1)[-1]
    return re.sub(r"^(DataFusion error: |Arrow error: )+", "", _first_line(last))
