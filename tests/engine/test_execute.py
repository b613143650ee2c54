"""Queries and steps: answers, refusals, failures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from codeanatomy.engine.errors import MemoryLimitError, QueryError, QueryRunError
from codeanatomy.engine.execute import explain, run_sql, run_step, stream_sql
from codeanatomy.engine.session import Session
from codeanatomy.kernel.errors import CompileError
from codeanatomy.kernel.plan import Step

if TYPE_CHECKING:
    from pathlib import Path

NODES = pa.table(
    {
        "nid": pa.array([1, 2, 3], pa.int64()),
        "kind": pa.array(["class", "function", "class"]).dictionary_encode(),
        "name": ["A", "f", "B"],
    }
)


@pytest.fixture
def session() -> Session:
    """Open a session of two partitions that knows `nodes`."""
    session = Session(partitions=2)
    session.register("nodes", NODES)
    return session


def kinds(nodes: pa.Table) -> pa.Table:
    """Count nodes by kind: a kernel function for the steps below."""
    counts = pc.value_counts(nodes["kind"].combine_chunks().dictionary_decode())
    return pa.table({"kind": counts.field("values"), "n": counts.field("counts")})


def test_an_answer_has_plain_types(session: Session) -> None:
    """Dictionaries of the sources do not reach the answer."""
    answer = run_sql(session, "select kind, name from nodes where kind = 'class' order by nid")
    assert answer.schema.types == [pa.string(), pa.string()]
    assert answer.to_pylist() == [{"kind": "class", "name": "A"}, {"kind": "class", "name": "B"}]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "select kind as x from nodes union select name from nodes",
            ["A", "B", "class", "f", "function"],
        ),
        (
            "select a.name as x from nodes a join nodes b on a.kind = b.kind and b.name = 'B'",
            ["A", "B"],
        ),
        ("select kind as x from nodes group by kind having count(*) = 2", ["class"]),
        (
            "select case when nid = 2 then kind else name end as x from nodes",
            ["A", "B", "function"],
        ),
        ("select x from (values ('class')) v(x) where x in (select kind from nodes)", ["class"]),
    ],
)
def test_dictionary_columns_meet_plain_ones(
    session: Session, sql: str, expected: list[str]
) -> None:
    """Coded and plain strings can be joined, united, grouped and compared."""
    answer = run_sql(session, sql)
    assert answer.schema.types == [pa.string()]
    assert sorted(answer["x"].to_pylist()) == expected


def test_parameters_are_values_not_text(session: Session) -> None:
    """A parameter with quotes in it is compared, not spliced into the query."""
    sql = "select name from nodes where name = $name"
    assert run_sql(session, sql, {"name": "A"}).to_pylist() == [{"name": "A"}]
    assert run_sql(session, sql, {"name": "' or 1=1 --"}).num_rows == 0


def test_a_stream_holds_the_same_rows(session: Session) -> None:
    """Batch by batch or at once."""
    sql = "select kind, nid from nodes order by nid"
    assert pa.Table.from_batches(stream_sql(session, sql)).equals(run_sql(session, sql))


@pytest.mark.parametrize(
    "sql",
    [
        "create table z as select 1",
        "create view z as select 1",
        "create external table z stored as csv location '{file}'",
        "create function f() returns int return 1",
        "create schema z",
        "create database z",
        "drop table nodes",
        "drop view nodes",
        "alter table nodes rename to n",
        "insert into nodes select * from nodes",
        "update nodes set name = ''",
        "delete from nodes",
        "truncate table nodes",
        "merge into nodes using nodes n on nodes.nid = n.nid when matched then delete",
        "select nid into z from nodes",
        "copy nodes to '{out}' stored as csv",
        "copy (select 1) to '{out}' stored as parquet",
        "explain analyze copy nodes to '{out}' stored as csv",
        "explain analyze insert into nodes select * from nodes",
        "set datafusion.execution.batch_size = 1",
        "reset datafusion.execution.batch_size",
        "prepare p as select 1",
        "begin",
        "use z",
        "load 'z'",
        "call z()",
        "select 1; drop table nodes",
        "with z as (delete from nodes) select * from z",
    ],
)
def test_a_query_changes_nothing(session: Session, sql: str, tmp_path: Path) -> None:
    """Everything that is more than reading is refused, and leaves no file and no change."""
    file = tmp_path / "in.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(QueryError) as caught:
        run_sql(session, sql.format(file=file, out=tmp_path / "out"))
    assert caught.value.exit_status == 2
    assert list(tmp_path.iterdir()) == [file]
    assert session.names() == ["nodes"]
    assert run_sql(session, "select * from nodes order by nid").num_rows == 3
    assert session.settings()["datafusion.execution.batch_size"] == "8192"


@pytest.mark.parametrize(
    "sql",
    [
        "select * from '{file}'",
        'select * from "{file}"',
        "select * from read_csv('{file}')",
        "select * from parquet_metadata('{file}')",
        "select * from 'file://{file}'",
    ],
)
def test_a_query_reads_no_file(session: Session, sql: str, tmp_path: Path) -> None:
    """A path is no table, and no function opens one."""
    file = tmp_path / "in.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(QueryError):
        run_sql(session, sql.format(file=file))


def test_more_than_reading_is_refused_by_name(session: Session) -> None:
    """The message says that queries only read, the facts why."""
    with pytest.raises(QueryError, match="only reads; DropTable") as caught:
        run_sql(session, "drop table nodes")
    assert caught.value.facts["reason"] == "read-only"


def test_an_unknown_table_names_the_nearest(session: Session) -> None:
    """A misspelt table is answered with those that look like it."""
    with pytest.raises(QueryError, match="no table 'node'; the nearest are nodes") as caught:
        run_sql(session, "select * from node")
    assert caught.value.facts["near"] == ("nodes",)


@pytest.mark.parametrize("sql", ["select nmae from nodes", "select n.nmae from nodes n"])
def test_an_unknown_column_names_the_nearest(session: Session, sql: str) -> None:
    """A misspelt column, bare or qualified."""
    with pytest.raises(QueryError, match="no column 'nmae'; the nearest are name") as caught:
        run_sql(session, sql)
    assert caught.value.facts["reason"] == "unknown-column"


@pytest.mark.parametrize(
    "sql", ["", "selec 1", "select nofun(1)", "select name + nid from nodes", "select 1 where name"]
)
def test_invalid_sql_is_the_users_error(session: Session, sql: str) -> None:
    """Grammar, unknown functions and wrong types are refused before anything runs."""
    with pytest.raises(QueryError) as caught:
        run_sql(session, sql)
    assert caught.value.code == "query"
    assert caught.value.facts["sql"] == sql


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("selec 1", "Expected: an SQL statement, found: selec at Line: 1, Column: 1"),
        ("select 'a", "Unterminated string literal at Line: 1, Column: 8"),
        ('select 1 from a b "c"', 'Expected: end of statement, found: "c" at Line: 1, Column: 19'),
    ],
)
def test_bad_grammar_is_told_in_a_sentence(session: Session, sql: str, said: str) -> None:
    """Where it is, and what was expected there; nothing of how the parser writes it down."""
    with pytest.raises(QueryError) as caught:
        run_sql(session, sql)
    assert str(caught.value) == said


def test_a_failure_on_the_data_is_a_run_error(session: Session) -> None:
    """A division by zero is found while running."""
    with pytest.raises(QueryRunError, match="Divide by zero") as caught:
        run_sql(session, "select 1 / (nid - 1) from nodes")
    assert caught.value.exit_status == 5
    with pytest.raises(QueryRunError):
        list(stream_sql(session, "select 1 / (nid - 1) from nodes"))


WIDE = pa.table({"a": range(400_000), "s": ["x" * 300] * 400_000})  # 125 MB


def test_too_little_memory_is_said_so(tmp_path: Path) -> None:
    """A join that cannot spill fails by name, and the session can go on."""
    session = Session(partitions=2, memory_bytes=96 << 20, spill=tmp_path / "spill")
    session.register("t", WIDE)
    with pytest.raises(MemoryLimitError, match="not enough memory"):
        run_sql(session, "select x.s, y.s as z from t x join t y on x.a = y.a")
    assert run_sql(session, "select count(*) as n from t").to_pylist() == [{"n": 400_000}]


def test_a_sort_larger_than_memory_spills_into_the_given_folder(tmp_path: Path) -> None:
    """Rows beyond the limit go through files, which are gone when the query is."""
    session = Session(partitions=2, memory_bytes=96 << 20, spill=tmp_path / "spill")
    session.register("t", WIDE)
    sql = "select a, s from t order by s, a desc"
    answer = run_sql(session, sql)
    assert answer["a"][:2].to_pylist() == [399_999, 399_998]
    assert answer.num_rows == 400_000
    measured = run_sql(session, f"explain analyze {sql}")["plan"][0].as_py()
    spilled = re.search(r"spill_count=(\d+)", measured)
    assert spilled is not None
    assert int(spilled.group(1)) > 0
    assert [path for path in (tmp_path / "spill").rglob("*") if path.is_file()] == []


def test_explain_shows_three_plans(session: Session) -> None:
    """As written, as optimised, as it will run."""
    texts = explain(session, "select name from nodes where nid = 1 and true")
    assert "Boolean(true)" in texts.logical
    assert "TableScan: nodes projection=[nid, name]" in texts.optimised
    assert "Boolean(true)" not in texts.optimised
    assert "FilterExec: nid@0 = 1" in texts.physical


def test_an_sql_step_registers_what_it_writes(session: Session) -> None:
    """The rows are returned and known under the written name, in the declared types."""
    step = Step(
        "c", "derive", ("nodes",), "classes", "select nid, kind from nodes where kind = 'class'"
    )
    schema = pa.schema([pa.field("kind", pa.string(), nullable=False), pa.field("nid", pa.int64())])
    table = run_step(session, step, schema)
    assert table.schema == schema
    assert session.table("classes").equals(table)
    assert run_sql(session, "select count(*) as n from classes").to_pylist() == [{"n": 2}]


def test_a_kernel_step_gets_the_tables_it_reads(session: Session) -> None:
    """The function is named in the step's text and sees no more than it declares."""
    step = Step("k", "derive", ("nodes",), "kinds", f"{__name__}.kinds", engine="kernel")
    assert run_step(session, step).to_pylist() == [
        {"kind": "class", "n": 2},
        {"kind": "function", "n": 1},
    ]
    assert session.names() == ["kinds", "nodes"]


@pytest.mark.parametrize("text", ["nowhere.at_all", "kinds", "codeanatomy.engine.spans.none"])
def test_a_kernel_step_without_a_function_does_not_compile(session: Session, text: str) -> None:
    """A name that leads nowhere is never replaced by something else."""
    with pytest.raises(CompileError, match="there is no function"):
        run_step(session, Step("k", "derive", (), "kinds", text, engine="kernel"))
