"""What queries read, by table, by output column and by function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable, write_deltalake

from codeanatomy.engine.errors import QueryError
from codeanatomy.engine.lineage import check_reads, lineage
from codeanatomy.engine.session import Session
from codeanatomy.kernel.errors import CompileError, UnsupportedError
from codeanatomy.kernel.plan import Step

if TYPE_CHECKING:
    from pathlib import Path

NODES = pa.schema({"nid": pa.int64(), "kind": pa.string(), "name": pa.string(), "line": pa.int64()})
EDGES = pa.schema(
    {"src": pa.int64(), "dst": pa.int64(), "kind": pa.string(), "w": pa.list_(pa.int64())}
)


@pytest.fixture
def session() -> Session:
    """Open a session whose tables have columns and no rows, as a compiler has them."""
    session = Session()
    session.register("nodes", NODES.empty_table())
    session.register("edges", EDGES.empty_table())
    return session


Tables = dict[str, tuple[str, ...]]

CASES: list[tuple[str, Tables, Tables]] = [
    (
        "select name as n, line + 1 as l from nodes where kind = 'class' order by nid",
        {"nodes": ("kind", "line", "name", "nid")},
        {"n": ("nodes.name",), "l": ("nodes.line",)},
    ),
    (  # a join, with aliases: sources are tables, not aliases
        (
            "select a.name as f, b.name || e.kind as t from nodes a "
            "join edges e on e.src = a.nid join nodes b on b.nid = e.dst"
        ),
        {"edges": ("dst", "kind", "src"), "nodes": ("name", "nid")},
        {"f": ("nodes.name",), "t": ("edges.kind", "nodes.name")},
    ),
    (  # a union merges column by column
        "select nid as x, kind from nodes union all select src, 'k' from edges",
        {"edges": ("src",), "nodes": ("kind", "nid")},
        {"x": ("edges.src", "nodes.nid"), "kind": ("nodes.kind",)},
    ),
    (  # a union without duplicates is an aggregate over a union
        "select nid from nodes union select dst from edges",
        {"edges": ("dst",), "nodes": ("nid",)},
        {"nid": ("edges.dst", "nodes.nid")},
    ),
    (
        "select kind, count(*) as n, max(line) as m from nodes group by kind having min(nid) > 0",
        {"nodes": ("kind", "line", "nid")},
        {"kind": ("nodes.kind",), "n": (), "m": ("nodes.line",)},
    ),
    (  # the conditions of an aggregate shape its value
        (
            "select sum(line) filter (where kind = 'x') as s, "
            "array_agg(name order by nid) as a from nodes"
        ),
        {"nodes": ("kind", "line", "name", "nid")},
        {"s": ("nodes.kind", "nodes.line"), "a": ("nodes.name", "nodes.nid")},
    ),
    (
        "select kind, sum(line) as s from nodes group by rollup (kind)",
        {"nodes": ("kind", "line")},
        {"kind": ("nodes.kind",), "s": ("nodes.line",)},
    ),
    (
        (
            "select row_number() over (partition by kind order by line) as r, "
            "lag(name) over (order by nid) as p from nodes"
        ),
        {"nodes": ("kind", "line", "name", "nid")},
        {"r": ("nodes.kind", "nodes.line"), "p": ("nodes.name", "nodes.nid")},
    ),
    (  # subqueries: in WHERE, correlated, and as a value
        "select name from nodes where nid in (select src from edges where kind = 'CALLS')",
        {"edges": ("kind", "src"), "nodes": ("name", "nid")},
        {"name": ("nodes.name",)},
    ),
    (
        "select name from nodes n where not exists (select 1 from edges e where e.dst = n.nid)",
        {"edges": ("dst",), "nodes": ("name", "nid")},
        {"name": ("nodes.name",)},
    ),
    (
        (
            "select nid, (select max(e.kind) from edges e where e.src = n.nid) as k, "
            "(select count(distinct dst) from edges) as c from nodes n"
        ),
        {"edges": ("dst", "kind", "src"), "nodes": ("nid",)},
        {"nid": ("nodes.nid",), "k": ("edges.kind",), "c": ("edges.dst",)},
    ),
    (
        "select case when (select max(line) from nodes) > 1 then src else dst end as x from edges",
        {"edges": ("dst", "src"), "nodes": ("line",)},
        {"x": ("edges.dst", "edges.src", "nodes.line")},
    ),
    (  # a common table expression read twice
        (
            "with c as (select kind as k, count(*) as n, max(line) as m from nodes group by kind) "
            "select a.k as k, b.m - a.n as d from c a join c b on a.k = b.k"
        ),
        {"nodes": ("kind", "line")},
        {"k": ("nodes.kind",), "d": ("nodes.line",)},
    ),
    (  # a recursive one: its own name is no table
        (
            "with recursive r as (select src as a, dst as b from edges "
            "union all select r.a, e.dst from r join edges e on e.src = r.b) "
            "select a, b from r"
        ),
        {"edges": ("dst", "src")},
        {"a": ("edges.src",), "b": ("edges.dst",)},
    ),
    (  # columns that change places from round to round
        (
            "with recursive r as (select src as a, 1 as b from edges "
            "union all select b, a from r where b < 3) select a, b from r"
        ),
        {"edges": ("src",)},
        {"a": ("edges.src",), "b": ("edges.src",)},
    ),
    (
        "select src, unnest(w) as one from edges",
        {"edges": ("src", "w")},
        {"src": ("edges.src",), "one": ("edges.w",)},
    ),
    (
        "select distinct on (kind) kind, name from nodes order by kind, line",
        {"nodes": ("kind", "line", "name")},
        {
            "kind": ("nodes.kind", "nodes.line"),
            "name": ("nodes.kind", "nodes.line", "nodes.name"),
        },
    ),
    ("select count(*) as n from edges", {"edges": ()}, {"n": ()}),
    ("select 1 as one", {}, {"one": ()}),
    ("values (1, 'a')", {}, {"column1": (), "column2": ()}),
    (
        "select line + 1 as a, (line + 1) * 2 as b from nodes where line + 1 > 2",
        {"nodes": ("line",)},
        {"a": ("nodes.line",), "b": ("nodes.line",)},
    ),
    (
        "select n.kind, e.kind from nodes n join edges e on n.nid = e.src",
        {"edges": ("kind", "src"), "nodes": ("kind", "nid")},
        {"kind": ("edges.kind", "nodes.kind")},
    ),
    (
        "select kind from nodes intersect select kind from edges",
        {"edges": ("kind",), "nodes": ("kind",)},
        {"kind": ("nodes.kind",)},
    ),
]


@pytest.mark.parametrize(("sql", "tables", "outputs"), CASES, ids=range(len(CASES)))
def test_tables_columns_and_sources(
    session: Session, sql: str, tables: Tables, outputs: Tables
) -> None:
    """Each query beside what it reads and what its columns come from."""
    found = lineage(session, sql)
    assert found.tables == tables
    assert found.outputs == outputs


@pytest.mark.parametrize(
    ("sql", "functions"),
    [
        (
            "select upper(name) as n from nodes where length(kind) > 1",
            ("character_length", "upper"),
        ),
        ("select max(line) + min(line) as n from nodes", ("max", "min")),
        ("select array_agg(nid order by lower(name)) as n from nodes", ("array_agg", "lower")),
        ("select rank() over (order by abs(line)) as n from nodes", ("abs", "rank")),
        ("select e.src from edges e join nodes n on abs(n.nid) = e.dst", ("abs",)),
        ("select hex_id(arrow_cast(name, 'Binary')) as h from nodes", ("hex_id",)),
        ("select value from generate_series(1, 3)", ("generate_series",)),
        ("select line + 1 as n from nodes", ()),
    ],
)
def test_functions_are_named(session: Session, sql: str, functions: tuple[str, ...]) -> None:
    """Scalar, aggregate, window and table functions, wherever they stand."""
    assert lineage(session, sql).functions == functions


def test_views_are_seen_through(session: Session) -> None:
    """What a view reads counts, not the view."""
    session.view("classes", "select nid, upper(name) as loud from nodes where kind = 'class'")
    found = lineage(session, "select loud from classes where nid > 1")
    assert found.tables == {"nodes": ("kind", "name", "nid")}
    assert found.outputs == {"loud": ("nodes.name",)}
    assert found.functions == ("upper",)


def test_filters_pushed_into_a_scan_are_read(tmp_path: Path) -> None:
    """A column that only filters inside the scan of a file is still read."""
    table = pa.table({"a": [1, 2], "b": [3, 4], "c": [5, 6]})
    write_deltalake(tmp_path / "t", table)
    session = Session()
    session.register("delta", DeltaTable(tmp_path / "t"))
    session.register("arrow", ds.dataset(table))
    for name in ("delta", "arrow"):
        found = lineage(session, f"select a from {name} where b > 3")
        assert found.tables == {name: ("a", "b")}
        assert found.outputs == {"a": (f"{name}.a",)}


def test_information_schema_goes_by_its_full_name(session: Session) -> None:
    """It is no table of ours, and could share a name with one."""
    found = lineage(session, "select table_name from information_schema.tables")
    assert found.tables == {"information_schema.tables": ("table_name",)}


def test_a_step_that_reads_what_it_declares_passes(session: Session) -> None:
    """Checked steps hand out their lineage."""
    step = Step("s", "relate", ("edges", "nodes"), "x", "select n.nid from nodes n, edges e")
    assert set(check_reads(session, step).tables) == {"edges", "nodes"}


def test_a_step_that_reads_otherwise_does_not_compile(session: Session) -> None:
    """Too few and too many declared tables, both named."""
    step = Step("s", "relate", ("nodes", "scopes"), "x", "select n.nid from nodes n, edges e")
    with pytest.raises(CompileError) as caught:
        check_reads(session, step)
    assert caught.value.facts == {"step": "s", "undeclared": ["edges"], "unread": ["scopes"]}


def test_bad_sql_fails_as_running_it_would(session: Session) -> None:
    """The same error, with the same hints."""
    with pytest.raises(QueryError, match="the nearest are nodes"):
        lineage(session, "select * from noodes")


def test_what_cannot_be_followed_is_said_so(session: Session) -> None:
    """A statement that shows a table instead of reading it has no lineage."""
    with pytest.raises(UnsupportedError, match="DescribeTable"):
        lineage(session, "describe nodes")
