"""One suite for every store: passing it, as far as its capabilities go, is what a backend is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from datafusion import SessionContext

from codeanatomy.kernel.errors import SpecError, UnknownNameError, UnsupportedError
from codeanatomy.kernel.schema import Column, Table
from codeanatomy.store.base import NOTHING
from codeanatomy.store.errors import (
    SchemaMismatchError,
    StoreConflictError,
    UnknownTableError,
    UnknownVersionError,
)
from codeanatomy.store.open import BACKENDS, open_store
from tests.store.samples import EDGES, FLAT, by_key, edges, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.store.base import Store

WRITER = Path(__file__).with_name("writer.py")
PLACES = {"memory": "memory://", "sqlite": "sqlite://{}/store.db"}


def uri_of(backend: str, folder: Path) -> str:
    """Name a store of one backend in a folder."""
    return PLACES.get(backend, backend + "://{}/store").format(folder)


@pytest.fixture(params=sorted(BACKENDS))
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name an empty store of each backend in turn."""
    return uri_of(request.param, tmp_path)


@pytest.fixture
def store(uri: str) -> Store:
    """Open an empty store of each backend in turn."""
    return open_store(uri)


def numbers(store: Store, as_of: int | None = None, **where: str) -> list[int]:
    """Read the keys of `edges`, sorted."""
    reader = store.scan("edges", as_of=as_of, columns=["src"], where=where or None)
    return sorted(reader.read_all()["src"].to_pylist())


# ---- append and scan --------------------------------------------------------------------------


def test_an_empty_store_has_no_tables(store: Store) -> None:
    """Opening writes nothing, and a table that is not there has no version."""
    assert store.tables() == ()
    assert store.version("edges") is None
    with pytest.raises(UnknownTableError):
        store.scan("edges")


def test_what_is_appended_is_read_back(store: Store) -> None:
    """Every declared type comes back as it was, in the declared schema."""
    assert store.append(EDGES, edges(1, 2, 3)) == 0
    found = store.scan("edges").read_all()
    assert found.schema.equals(EDGES.arrow())
    assert by_key(found).to_pylist() == edges(1, 2, 3).to_pylist()


def test_each_append_is_a_version_and_old_ones_stay(store: Store) -> None:
    """Versions count from 0, and each reads as it was."""
    made = [store.append(EDGES, edges(n)) for n in (1, 2, 3)]
    assert made == [0, 1, 2]
    assert [numbers(store, v) for v in made] == [[1], [1, 2], [1, 2, 3]]
    assert store.version("edges") == 2


def test_tables_are_independent(store: Store) -> None:
    """Two tables of one store count their own versions."""
    store.append(EDGES, edges(1))
    store.append(FLAT, flat(1))
    store.append(FLAT, flat(2))
    assert store.tables() == ("edges", "flat")
    assert (store.version("edges"), store.version("flat")) == (0, 1)


def test_scan_reads_the_columns_that_are_asked_for(store: Store) -> None:
    """Columns come in the order in which they are named."""
    store.append(EDGES, edges(1))
    assert store.scan("edges", columns=["repo", "src"]).read_all().to_pylist() == [
        {"repo": "a", "src": 1}
    ]


def test_scan_keeps_the_rows_that_are_asked_for(store: Store) -> None:
    """`where` is equality of any columns, partition columns or not."""
    store.append(EDGES, pa.concat_tables([edges(1, 2, 4), edges(4, 5, repo="b")]))
    assert numbers(store, repo="b") == [4, 5]
    assert numbers(store, src="4") == [4, 4]
    assert numbers(store, src="4", repo="a") == [4]
    assert numbers(store, kind="nothing") == []


@pytest.mark.parametrize("asked", [{"columns": ["nope"]}, {"where": {"nope": "1"}}])
def test_a_column_that_is_not_there_is_an_error(store: Store, asked: dict[str, list[str]]) -> None:
    """The message names the columns that exist."""
    store.append(FLAT, flat(1))
    with pytest.raises(UnknownNameError, match="'n'"):
        store.scan("flat", **asked)  # type: ignore[arg-type]  # two shapes of one test


def test_a_condition_that_is_no_value_of_its_column_is_an_error(store: Store) -> None:
    """A word is never equal to a number: asking is a mistake."""
    store.append(FLAT, flat(1))
    with pytest.raises(SpecError, match="int64"):
        store.scan("flat", where={"n": "one"}).read_all()


@pytest.mark.parametrize("number", [-1, 7])
def test_a_version_that_is_not_there_is_an_error(store: Store, number: int) -> None:
    """The message names the versions that exist."""
    store.append(FLAT, flat(1))
    with pytest.raises(UnknownVersionError, match="0 to 0"):
        store.scan("flat", as_of=number)


@pytest.mark.parametrize("name", ["../edges", "/edges", ".", "", "a/b"])
def test_a_name_never_leads_out_of_the_store(name: str, tmp_path: Path) -> None:
    """A name from a person is refused where names are folders, or is not there."""
    for backend in BACKENDS:
        open_store(uri_of(backend, tmp_path / "x")).append(EDGES, edges(1))
        store = open_store(uri_of(backend, tmp_path / "x"))
        with pytest.raises((SpecError, UnknownTableError)):
            store.scan(name)


def test_no_rows_are_a_version_too(store: Store) -> None:
    """An empty table has its schema, and an empty append changes nothing but the count."""
    assert store.append(EDGES, edges()) == 0
    found = store.scan("edges").read_all()
    assert (found.num_rows, found.schema.equals(EDGES.arrow())) == (0, True)
    store.append(EDGES, edges(1))
    assert store.append(EDGES, edges()) == 2
    assert numbers(store) == [1]


def test_history_lists_every_version_with_its_rows(store: Store) -> None:
    """Rows are those of the whole table at that version; time never runs backwards."""
    store.append(EDGES, edges(1, 2))
    store.append(EDGES, edges(3, repo="b"))
    store.replace(EDGES, edges(4), {"repo": "a"})
    found = store.history("edges")
    assert [(v.number, v.rows) for v in found] == [(0, 2), (1, 3), (2, 2)]
    assert [v.facts["operation"] for v in found] == ["append", "append", "replace"]
    assert [v.timestamp for v in found] == sorted(v.timestamp for v in found)
    assert found[0].timestamp > 1_600_000_000_000_000


def test_history_of_no_table_is_an_error(store: Store) -> None:
    """A name that nothing was written under has no history."""
    with pytest.raises(UnknownTableError):
        store.history("edges")


def test_a_session_can_query_the_source_of_any_version(store: Store) -> None:
    """What `source` returns answers SQL with the rows of that version."""
    store.append(EDGES, edges(1, 2))
    store.append(EDGES, edges(3, repo="b"))
    session = SessionContext()
    for version in (0, 1):
        source = store.source("edges", version)
        if isinstance(source, pa.Table):
            session.register_record_batches(f"v{version}", [source.to_batches()])
        elif hasattr(source, "__datafusion_table_provider__"):
            session.register_table(f"v{version}", source)
        else:
            session.register_dataset(f"v{version}", source)
    found = session.sql("select repo, sum(src) s from v1 group by repo order by repo")
    assert found.to_pylist() == [{"repo": "a", "s": 3}, {"repo": "b", "s": 3}]
    assert session.sql("select count(*) n from v0 where repo = 'b'").to_pylist() == [{"n": 0}]


def test_a_stored_table_outlives_its_store(store: Store, uri: str) -> None:
    """Another store of the same URI reads the same rows, unless the backend is not durable."""
    store.append(EDGES, edges(1))
    again = open_store(uri)
    if store.capabilities.durable:
        assert numbers(again) == [1]
    else:
        assert again.tables() == ()


# ---- what may be written ----------------------------------------------------------------------


class Exporter:
    """An object that speaks only the Arrow C stream."""

    def __init__(self, rows: pa.Table) -> None:
        """Wrap rows."""
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Export them."""
        return self._rows.__arrow_c_stream__(requested_schema)


def test_every_shape_of_stream_is_accepted(store: Store) -> None:
    """A table, a batch, a reader, and anything with `__arrow_c_stream__`."""
    store.append(EDGES, edges(1))
    store.append(EDGES, edges(2).to_batches()[0])
    store.append(EDGES, edges(3).to_reader())
    store.append(EDGES, Exporter(edges(4)))
    assert numbers(store) == [1, 2, 3, 4]


def encoded(kind: pa.DataType) -> pa.Table:
    """Make rows of `EDGES` with text in another layout, from two batches."""
    batches = []
    for number in (1, 2):
        rows = edges(number)
        for name in ("kind", "repo"):
            place = rows.schema.get_field_index(name)
            text = rows[name].combine_chunks()
            dictionary = pa.types.is_dictionary(kind)
            column = text.dictionary_encode() if dictionary else text.cast(kind)
            rows = rows.set_column(place, name, column)
        batches += rows.to_batches()
    return pa.Table.from_batches(batches)


@pytest.mark.parametrize(
    "kind",
    [pa.dictionary(pa.int32(), pa.string()), pa.large_string(), pa.string_view()],
    ids=str,
)
def test_text_is_accepted_in_every_layout(store: Store, kind: pa.DataType) -> None:
    """Dictionary, large and view text are stored where `string` is declared, also mixed."""
    store.append(EDGES, edges(0))
    store.append(EDGES, encoded(kind))
    assert by_key(store.scan("edges").read_all()).to_pylist() == edges(0, 1, 2).to_pylist()


def test_text_inside_a_struct_or_list_is_accepted_in_every_layout(store: Store) -> None:
    """Nested text is cast to what is declared."""
    rows = edges(1)
    props = rows["props"].cast(pa.struct([("k", pa.string_view()), ("v", pa.int64())]))
    names = rows["names"].cast(pa.large_list(pa.large_string()))
    rows = rows.set_column(3, "props", props).set_column(4, "names", names)
    store.append(EDGES, rows)
    assert store.scan("edges").read_all().to_pylist() == edges(1).to_pylist()


def test_the_order_of_columns_does_not_matter(store: Store) -> None:
    """Columns are found by name and stored as declared."""
    store.append(EDGES, edges(1).select(list(reversed(EDGES.arrow().names))))
    assert store.scan("edges").read_all().to_pylist() == edges(1).to_pylist()


WRONG = {
    "missing": (edges(1).drop_columns(["line"]), "line is missing"),
    "extra": (edges(1).append_column("more", [[1]]), "more is not declared"),
    "type": (
        edges(1).set_column(2, "line", pa.array([1], pa.int64())),
        "line is int64, not int32",
    ),
    "null": (edges(1).set_column(1, "kind", pa.array([None], pa.string())), "kind has a null"),
    "hidden null": (
        edges(1).set_column(
            1,
            "kind",
            pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array([None], pa.string())),
        ),
        "kind has a null",
    ),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_rows_that_do_not_fit_are_refused_whole(store: Store, case: str) -> None:
    """The error says what differs, and the table is as it was."""
    rows, reason = WRONG[case]
    store.append(EDGES, edges(9))
    with pytest.raises(SchemaMismatchError) as caught:
        store.append(EDGES, rows)
    assert caught.value.facts["difference"] == [reason]
    assert (store.version("edges"), numbers(store)) == (0, [9])


def test_a_stream_that_breaks_leaves_nothing(store: Store, tmp_path: Path) -> None:
    """An error in the middle of the data is passed on; no row and no part file stays."""

    def broken() -> Iterator[pa.RecordBatch]:
        yield from edges(1).to_batches()
        raise ZeroDivisionError

    store.append(EDGES, edges(9))
    before = sorted(tmp_path.rglob("*.parquet"))
    with pytest.raises(ZeroDivisionError):
        store.append(EDGES, pa.RecordBatchReader.from_batches(EDGES.arrow(), broken()))
    assert (store.version("edges"), numbers(store)) == (0, [9])
    assert sorted(tmp_path.rglob("*.parquet")) == before


def test_a_table_cannot_be_partitioned_by_what_is_neither_text_nor_number(store: Store) -> None:
    """A partition needs values that have one spelling."""
    column = Column("x", "float64", "A measure.")
    table = Table("t", "Rows.", "samples", ("x",), (column,), ("x",))
    with pytest.raises(UnsupportedError, match="partitioned by x"):
        store.append(table, pa.table({"x": [1.5]}, schema=table.arrow()))


# ---- replace ----------------------------------------------------------------------------------


def test_replace_changes_one_partition_and_leaves_the_others(store: Store) -> None:
    """One commit; the version before still reads as it was."""
    store.append(EDGES, pa.concat_tables([edges(1, 2), edges(3, repo="b")]))
    assert store.replace(EDGES, edges(7, 8), {"repo": "a"}) == 1
    assert numbers(store) == [3, 7, 8]
    assert numbers(store, 0) == [1, 2, 3]


def test_replace_without_a_condition_replaces_everything(store: Store) -> None:
    """`where={}` names every row."""
    store.append(EDGES, pa.concat_tables([edges(1, 2), edges(3, repo="b")]))
    store.replace(EDGES, edges(4), {})
    assert numbers(store) == [4]


def test_replace_by_nothing_removes_a_partition(store: Store) -> None:
    """No new rows is a replacement too."""
    store.append(EDGES, pa.concat_tables([edges(1), edges(3, repo="b")]))
    store.replace(EDGES, edges(), {"repo": "b"})
    assert numbers(store) == [1]


def test_replace_of_a_partition_that_is_not_there_adds_it(store: Store) -> None:
    """The first build of a repository is written like any other."""
    assert store.replace(EDGES, edges(1), {"repo": "a"}) == 0
    store.replace(EDGES, edges(2, repo="b"), {"repo": "b"})
    assert numbers(store) == [1, 2]


@pytest.mark.parametrize("name", ["x y", "a/b", "ä=%20", "..", "q'q"])
def test_a_partition_may_have_any_name(store: Store, name: str) -> None:
    """Spaces, slashes, quotes and non-ASCII letters are values like any other."""
    store.append(EDGES, edges(1, repo=name))
    store.append(EDGES, edges(2, repo="plain"))
    store.replace(EDGES, edges(3, repo=name), {"repo": name})
    assert numbers(store, repo=name) == [3]
    assert numbers(store) == [2, 3]


def test_a_partition_without_a_name_is_refused(store: Store) -> None:
    """Delta cannot tell an empty text from a null, so no store takes one."""
    with pytest.raises(SchemaMismatchError, match="repo"):
        store.append(EDGES, edges(1, repo=""))


def test_rows_outside_the_replaced_partition_are_refused(store: Store) -> None:
    """A row that would land elsewhere is a mistake of the caller."""
    store.append(EDGES, edges(1))
    with pytest.raises(SchemaMismatchError, match="'b'"):
        store.replace(EDGES, edges(2, repo="b"), {"repo": "a"})
    assert numbers(store) == [1]


def test_only_partition_columns_can_be_replaced_by(store: Store) -> None:
    """The message names the partition columns."""
    with pytest.raises(SpecError, match="repo"):
        store.replace(EDGES, edges(1), {"kind": "K1"})


# ---- where a write continues ------------------------------------------------------------------


def test_a_write_continues_from_its_base(store: Store) -> None:
    """What a crashed run left beyond the base has no part in the new version."""
    base = store.append(EDGES, edges(1))
    store.append(EDGES, edges(66))
    made = store.append(EDGES, edges(2), base=base)
    assert numbers(store, made) == [1, 2]
    assert numbers(store, 1) == [1, 66]


def test_a_replacement_continues_from_its_base(store: Store) -> None:
    """Partitions that the crashed run replaced come back; the new rows join them."""
    base = store.append(EDGES, pa.concat_tables([edges(1), edges(2, repo="b")]))
    store.replace(EDGES, edges(66, repo="b"), {"repo": "b"})
    store.append(EDGES, edges(67, repo="c"))
    made = store.replace(EDGES, edges(3), {"repo": "a"}, base=base)
    assert numbers(store, made) == [2, 3]
    assert numbers(store) == [2, 3]


def test_a_write_can_continue_from_nothing(store: Store) -> None:
    """A table that was never published starts empty, whatever lies there."""
    store.append(EDGES, edges(66))
    made = store.append(EDGES, edges(1), base=NOTHING)
    assert numbers(store, made) == [1]
    made = store.replace(EDGES, edges(2, repo="b"), {"repo": "b"}, base=NOTHING)
    assert numbers(store, made) == [2]


def test_nothing_is_also_the_base_of_a_new_table(store: Store) -> None:
    """A table that is not there has no rows to continue from."""
    assert store.append(EDGES, edges(1), base=NOTHING) == 0


def test_the_newest_version_is_a_base_like_any_other(store: Store) -> None:
    """Naming it makes no version of its own."""
    base = store.append(EDGES, edges(1))
    assert store.append(EDGES, edges(2), base=base) == base + 1
    assert numbers(store) == [1, 2]


@pytest.mark.parametrize("filled", [False, True])
def test_a_base_that_is_not_there_is_an_error(store: Store, filled: bool) -> None:  # noqa: FBT001 - a case
    """A write never guesses where to continue."""
    if filled:
        store.append(EDGES, edges(1))
    with pytest.raises((UnknownTableError, UnknownVersionError)):
        store.append(EDGES, edges(2), base=5)
    assert store.version("edges") == (0 if filled else None)


# ---- a table whose declaration changes --------------------------------------------------------

WIDER = Table(
    name="flat",
    meaning="A number and its name.",
    producer="samples",
    key=("n",),
    columns=(Column("n", "int64", "A number."), Column("name", "string", "Its name.")),
    partition=("name",),
)


def test_new_columns_need_all_rows_replaced(store: Store) -> None:
    """Rows of two schemas never stand side by side; the old version keeps its own."""
    store.append(FLAT, flat(1))
    wide = pa.table({"n": [2], "name": ["two"]}, schema=WIDER.arrow())
    with pytest.raises(SchemaMismatchError, match="name is missing"):
        store.append(WIDER, wide)
    with pytest.raises(SchemaMismatchError, match="name is missing"):
        store.replace(WIDER, wide, {"name": "two"})
    made = store.replace(WIDER, wide, {})
    assert store.scan("flat", as_of=made).read_all().to_pylist() == [{"n": 2, "name": "two"}]
    assert store.scan("flat", as_of=0).read_all().to_pylist() == [{"n": 1}]
    made = store.append(FLAT, flat(3), base=NOTHING)
    assert store.scan("flat", as_of=made).read_all().to_pylist() == [{"n": 3}]


# ---- upkeep -----------------------------------------------------------------------------------

UPKEEP = {
    "vacuum": lambda store: store.vacuum("edges", keep=[0, 1]),
    "optimise": lambda store: store.optimise("edges"),
    "checkpoint": lambda store: store.checkpoint("edges"),
    "restore": lambda store: store.restore("edges", 0),
}


@pytest.mark.parametrize("operation", sorted(UPKEEP))
def test_an_operation_works_or_is_listed_and_refused(store: Store, operation: str) -> None:
    """What a backend cannot do is in its row, and raises; the rows are safe either way."""
    store.append(EDGES, edges(1))
    store.append(EDGES, edges(2))
    if operation in store.capabilities.unsupported:
        with pytest.raises(UnsupportedError, match=operation):
            UPKEEP[operation](store)
    else:
        UPKEEP[operation](store)
    assert numbers(store, 1) == [1, 2]


# ---- a writer overtaken by another ------------------------------------------------------------

OPEN = sorted(set(BACKENDS) - {"sqlite"})  # there a second writer waits for the first


def overtaken(by: Callable[[], object], *numbers: int) -> pa.RecordBatchReader:
    """Make a stream of rows in whose midst another writer commits."""

    def batches() -> Iterator[pa.RecordBatch]:
        yield from edges(numbers[0]).to_batches()
        by()
        yield from edges(*numbers[1:]).to_batches()

    return pa.RecordBatchReader.from_batches(EDGES.arrow(), batches())


@pytest.mark.parametrize("backend", OPEN)
@pytest.mark.parametrize("filled", [False, True])
def test_an_append_joins_what_overtook_it(backend: str, filled: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    """Rows of both are there, also where both make the table."""
    store = open_store(uri_of(backend, tmp_path))
    if filled:
        store.append(EDGES, edges(0))
    made = store.append(EDGES, overtaken(lambda: store.append(EDGES, edges(9)), 1, 2))
    assert numbers(store, made) == [*([0] if filled else []), 1, 2, 9]
    assert store.history("edges")[-1].rows == len(numbers(store))


@pytest.mark.parametrize("backend", OPEN)
@pytest.mark.parametrize("filled", [False, True])
def test_a_replacement_replaces_what_overtook_it(
    backend: str,
    filled: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
) -> None:
    """The later one wins whole, whether or not the partition was there before."""
    store = open_store(uri_of(backend, tmp_path))
    store.append(EDGES, edges(5, repo="b"))
    if filled:
        store.append(EDGES, edges(0))

    def other() -> None:
        store.replace(EDGES, edges(8, 9), {"repo": "a"})

    made = store.replace(EDGES, overtaken(other, 1, 2), {"repo": "a"})
    assert numbers(store, made) == [1, 2, 5]
    assert store.history("edges")[-1].rows == 3


@pytest.mark.parametrize("backend", OPEN)
def test_a_write_with_a_base_is_refused_when_overtaken(backend: str, tmp_path: Path) -> None:
    """The table changed since it began: a conflict, and neither row nor file stays."""
    store = open_store(uri_of(backend, tmp_path))
    base = store.append(EDGES, edges(0))
    stream = overtaken(lambda: store.append(EDGES, edges(9)), 1, 2)
    with pytest.raises(StoreConflictError):
        store.append(EDGES, stream, base=base)
    assert numbers(store) == [0, 9]
    assert len(list(tmp_path.rglob("part-*.parquet"))) == (0 if backend == "memory" else 2)


# ---- several processes ------------------------------------------------------------------------

MOST_FAILPOINTS = 30
SHARED = sorted(set(BACKENDS) - {"memory"})


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start the writing process; it waits for a line before it writes."""
    command = [sys.executable, str(WRITER), *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def together(*writers: subprocess.Popen[str]) -> list[str]:
    """Let all writers go at once; return what each says."""
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=120)[0].strip() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * len(writers)
    return said


@pytest.mark.parametrize("backend", SHARED)
def test_two_processes_append_to_one_table(backend: str, tmp_path: Path) -> None:
    """Both writers' rows are there, each once, and every version between is whole."""
    uri = uri_of(backend, tmp_path)
    store = open_store(uri)
    store.append(EDGES, edges(1))
    together(start("append", uri, 100, 6), start("append", uri, 200, 6))
    assert numbers(store) == [1, *range(100, 106), *range(200, 206)]
    assert [v.rows for v in store.history("edges")] == list(range(1, 14))


@pytest.mark.parametrize("backend", SHARED)
def test_two_processes_make_one_table(backend: str, tmp_path: Path) -> None:
    """The first commit of a table may be anybody's."""
    uri = uri_of(backend, tmp_path)
    together(start("append", uri, 100, 2), start("append", uri, 200, 2))
    assert numbers(open_store(uri)) == [100, 101, 200, 201]


@pytest.mark.parametrize("backend", SHARED)
def test_two_processes_replace_one_partition(backend: str, tmp_path: Path) -> None:
    """One replaces the other or is refused by name; rows of both are never mixed."""
    uri = uri_of(backend, tmp_path)
    store = open_store(uri)
    store.append(EDGES, edges(1))
    said = together(start("replace", uri, 100), start("replace", uri, 200))
    assert set(said) <= {"done", "store-conflict", "store-busy"}
    assert "done" in said
    assert numbers(store) in ([100, 101, 102, 103], [200, 201, 202, 203])


@pytest.mark.parametrize("backend", SHARED)
def test_a_writer_killed_at_any_point_leaves_a_whole_version(backend: str, tmp_path: Path) -> None:
    """Whatever is there afterwards is the old version or the new one, and can be written to."""
    pattern = uri_of(backend, tmp_path / "{}")
    open_store(pattern.format("start")).append(EDGES, edges(0, 1))
    for name in ("count", *range(MOST_FAILPOINTS)):
        shutil.copytree(tmp_path / "start", tmp_path / str(name))
    command = [sys.executable, str(WRITER), "die", str(tmp_path), pattern]
    subprocess.run(command, check=True, timeout=120)
    points = len((tmp_path / "failpoints").read_text().split())
    assert 4 < points <= MOST_FAILPOINTS
    for number in range(points):
        store = open_store(pattern.format(number))
        found = numbers(store)
        assert found in ([0, 1], [10, 11, 12, 13])
        store.append(EDGES, edges(99))
        assert numbers(store) == [*found, 99]
