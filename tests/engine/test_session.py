"""Sessions: sizes, names, and what can be registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable, write_deltalake

from codeanatomy.engine.execute import run_sql
from codeanatomy.engine.session import SIZES, Session, size_for, size_named
from codeanatomy.kernel.errors import SpecError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pa.table({"a": [1, 2, 3, 4, 5], "s": ["x", "y", None, "x", "z"]})


def rows(session: Session, sql: str) -> list[dict[str, object]]:
    """Answer as a list of rows."""
    answer: list[dict[str, object]] = run_sql(session, sql).to_pylist()
    return answer


@pytest.mark.parametrize(
    ("files", "name"),
    [(0, "small"), (50, "small"), (51, "medium"), (500, "medium"), (501, "large")],
)
def test_the_size_follows_the_number_of_files(files: int, name: str) -> None:
    """The least size that holds the repository."""
    assert size_for(files).name == name


def test_an_unknown_size_names_those_that_exist() -> None:
    """The message lists small, medium, large."""
    assert size_named("large") == SIZES[2]
    with pytest.raises(UnknownNameError, match="small, medium, large"):
        size_named("huge")


def test_a_session_without_room_is_refused() -> None:
    """No partition at all, or too little memory for any sort, is an error at once."""
    with pytest.raises(SpecError):
        Session(partitions=0)
    with pytest.raises(SpecError):
        Session(memory_bytes=1)


def test_settings_are_those_asked_for() -> None:
    """What a session was opened with can be read back, for the envelope of a build."""
    settings = Session(SIZES[1], partitions=3).settings()
    assert settings["datafusion.execution.target_partitions"] == "3"
    assert settings["datafusion.execution.batch_size"] == "16384"
    assert settings["codeanatomy.memory_bytes"] == str(512 << 20)


@pytest.mark.parametrize("partitions", [1, 2, 3, 7])
def test_a_table_has_all_its_rows_in_any_number_of_partitions(partitions: int) -> None:
    """Cutting into runs loses and repeats nothing, and keeps the order of a plain scan."""
    many = pa.table({"a": range(50_000), "s": [str(i) for i in range(50_000)]})
    session = Session(partitions=partitions)
    session.register("t", many)
    assert run_sql(session, "select * from t").equals(many)


def test_a_table_without_rows_keeps_its_columns() -> None:
    """An empty table can be asked like any other."""
    session = Session(partitions=2)
    session.register("t", ROWS.schema.empty_table())
    assert run_sql(session, "select s, a from t").schema.names == ["s", "a"]
    assert rows(session, "select count(*) as n from t") == [{"n": 0}]


def test_record_batches_are_a_table() -> None:
    """A list of batches is registered as the table they make."""
    session = Session()
    session.register("t", ROWS.to_batches(max_chunksize=2))
    assert session.table("t").equals(ROWS)


def test_a_dataset_is_scanned() -> None:
    """PyArrow datasets are registered without being read into memory."""
    session = Session()
    session.register("t", ds.dataset(ROWS))
    assert rows(session, "select a from t where s = 'z'") == [{"a": 5}]


def test_a_delta_table_is_scanned_with_plain_types_out(tmp_path: Path) -> None:
    """Delta hands out view types; answers have plain strings and binaries."""
    table = ROWS.append_column("b", pa.array([b"1"] * 5, pa.binary()))
    write_deltalake(tmp_path / "t", table)
    session = Session()
    session.register("t", DeltaTable(tmp_path / "t"))
    answer = run_sql(session, "select * from t order by a")
    assert answer.schema.types == [pa.int64(), pa.string(), pa.binary()]
    assert answer.to_pylist() == table.to_pylist()


def test_a_view_is_its_query() -> None:
    """A view reads what its query reads."""
    session = Session()
    session.register("t", ROWS)
    session.view("v", "select a + 1 as b from t where s = 'x'")
    assert rows(session, "select sum(b) as n from v") == [{"n": 7}]
    assert session.names() == ["t", "v"]


def test_a_table_is_handed_back_as_it_was_given() -> None:
    """Rows of a registered table come back in order and in their own types."""
    coded = pa.table({"k": pa.array(["x", "y"] * 20_000).dictionary_encode(), "n": range(40_000)})
    session = Session(partitions=2)
    session.register("t", coded)
    assert session.table("t").equals(coded)
    assert session.schema("t") == coded.schema


@pytest.mark.parametrize("name", ["", "T", "a.b", "a-b", "1a", "a b", '"a"'])
def test_only_plain_lower_case_names_are_taken(name: str) -> None:
    """A name that SQL would read otherwise is refused."""
    with pytest.raises(SpecError, match="no table name"):
        Session().register(name, ROWS)


def test_a_name_is_registered_once_until_it_is_dropped() -> None:
    """The second registration is refused; after dropping, the name is free."""
    session = Session()
    session.register("t", ROWS)
    with pytest.raises(SpecError, match="already registered"):
        session.view("t", "select 1 as a")
    session.drop("t")
    session.register("t", ROWS.slice(0, 1))
    assert session.table("t").num_rows == 1


def test_an_unknown_table_names_those_that_exist() -> None:
    """Asking for the rows, the schema or the end of a table that is not there."""
    session = Session()
    session.register("t", ROWS)
    for ask in (session.table, session.schema, session.drop):
        with pytest.raises(UnknownNameError, match="there are t"):
            ask("u")


def test_columns_of_the_contract_need_no_quotes() -> None:
    """`column`, `kind`, `path` and `line` are names in people's SQL, not keywords."""
    session = Session()
    session.register(
        "nodes", pa.table({"kind": ["class"], "path": ["a"], "line": [1], "column": [0]})
    )
    assert rows(session, "select kind, path, line, column from nodes where line = 1") == [
        {"kind": "class", "path": "a", "line": 1, "column": 0}
    ]


def test_a_recursive_query_over_files_reaches_every_level(tmp_path: Path) -> None:
    """A chain of four links in a Delta table is walked to its end."""
    links = pa.table({"src": [1, 2, 3, 4], "dst": [2, 3, 4, 5]})
    write_deltalake(tmp_path / "links", links)
    session = Session()
    session.register("links", DeltaTable(tmp_path / "links"))
    sql = (
        "with recursive met as (select 1 as n union all "
        "select dst from links join met on src = n) select n from met order by n"
    )
    assert run_sql(session, sql)["n"].to_pylist() == [1, 2, 3, 4, 5]
