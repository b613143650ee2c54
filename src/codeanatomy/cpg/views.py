"""What declarations consist of: views of six kinds, said as rows and compiled to a plan.

*normalize* and *derive* make tables, *project* makes nodes of one table's rows, *relate* makes
edges of what meets, *union* puts rows together, *diagnostic* says what is missing. A view says
what; join keys, strategies, ranking and projections are inferred from the columns' semantic types.
"""

from __future__ import annotations

from typing import Literal

import msgspec

SPACES = (
    "node", "scope", "occurrence", "binding", "attribute", "decorator", "annotation", "capture",
    "error", "unresolved", "file", "global",
)  # fmt: skip
"""What a number that a column holds can count within a file: the space it is looked up in."""


class Derive(msgspec.Struct, frozen=True):
    """A table made of others: by one SELECT, or by the kernel function `module.function`."""

    writes: str
    reads: tuple[str, ...]
    text: str
    engine: Literal["sql", "kernel"] = "sql"
    kind: Literal["normalize", "derive", "diagnostic"] = "derive"


class Entity(msgspec.Struct, frozen=True):
    """Rows of one table that are nodes.

    `space` and `local` say which number identifies a row within its file. `kind` is a node kind
    or an SQL expression for one in parentheses; `name`, `qualified`, `index` and `syntax` are SQL
    over the table's columns. `qualified` is dotted, without the module. The span is the table's.
    """

    name: str
    table: str
    space: str
    local: str
    kind: str
    shown: str = "NULL"
    qualified: str = "NULL"
    index: str = "0"
    syntax: str = "NULL"
    sources: str = "ast"
    where: str = ""


class End(msgspec.Struct, frozen=True):
    """One end of an edge: the column that holds its number, and the space that counts in."""

    column: str
    space: str = "node"


class Relation(msgspec.Struct, frozen=True):
    """What meets what.

    With `right` rows of two tables meet; on what follows from their semantic types: the right
    table's key where the left has all of it, the innermost enclosing span where both have spans.
    `where` is a hard condition. Columns are written `l.x` and `r.x` where there are two
    tables. `anchor` names the span that shows the edge (`bstart`, `bend` with this prefix).
    """

    edge: str
    left: str
    src: End
    dst: End
    right: str = ""
    where: str = ""
    method: str = "'syntax'"
    sources: str = "ast"
    anchor: str = ""
    role: str = "NULL"
    field: str = "NULL"
    index: str = "NULL"
    keyword: str = "NULL"
    count: str = "NULL"
    reason: str = "NULL"
    grouped: bool = False


class Program(msgspec.Struct, frozen=True):
    """An edge kind that needs several files: made by the kernel function `text`."""

    edge: str
    text: str
