"""The SQL functions, and the mixing beneath them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.engine import mix
from codeanatomy.engine.execute import run_sql
from codeanatomy.engine.functions import edge_id, hex_id
from codeanatomy.engine.registry import declared
from codeanatomy.engine.session import Session

longs = st.integers(-(2**63), 2**63 - 1)


def one(sql: str) -> object:
    """Return the only value of an answer."""
    return run_sql(Session(), sql).column(0)[0].as_py()


def ids(rows: list[tuple[str | None, int | None, int | None, int | None, int | None]]) -> list[str]:
    """Hash rows of (kind, src, dst, bstart, bend)."""
    kinds = pa.array([row[0] for row in rows], pa.string())
    numbers = [pa.array([row[i] for row in rows], pa.int64()) for i in range(1, 5)]
    answer: list[str] = edge_id.call(kinds, *numbers).to_pylist()
    return answer


def test_each_file_is_a_function_of_a_session() -> None:
    """Every declared row can be called by its name in SQL."""
    known = Session().context.udfs()
    assert [row.name for row in declared()] == ["edge_id", "hex_id", "nid_file", "nid_ordinal"]
    assert {row.name for row in declared()} <= set(known)
    assert all(row.meaning.endswith(".") for row in declared())


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.binary_view(), pa.binary(16)], ids=["binary", "view", "fixed"]
)
def test_hex_id_writes_sixteen_bytes(kind: pa.DataType) -> None:
    """As Python's own hex does, nulls and slices included."""
    values = [bytes(range(i, i + 16)) for i in range(50)]
    column = pa.array([None, *values, None], kind)
    expected = [None, *(value.hex() for value in values), None]
    assert hex_id.call(column).to_pylist() == expected
    assert hex_id.call(column[3:20]).to_pylist() == expected[3:20]


def test_hex_id_of_another_length_is_null() -> None:
    """What is no id has no name."""
    column = pa.array([b"", b"short", bytes(17), bytes(16)], pa.binary())
    assert hex_id.call(column).to_pylist() == [None, None, None, "0" * 32]


def test_hex_id_takes_binaries_and_views_in_sql() -> None:
    """A table in memory stores binaries, a Delta table hands out views."""
    session = Session()
    value = bytes(range(16))
    session.register("t", pa.table({"b": [value], "v": pa.array([value], pa.binary_view())}))
    answer = run_sql(session, "select hex_id(b) as b, hex_id(v) as v from t")
    assert answer.to_pylist() == [{"b": value.hex(), "v": value.hex()}]


def test_edge_ids_are_the_same_for_ever() -> None:
    """Known edges have known ids, on every machine."""
    assert ids([("CALLS", 1, 2, 10, 20), ("CALLS", 1, 2, None, None)]) == [
        "03215ed3f8fe10f90b120f76cb3a90d9",
        "0961edbfe96a479fd6c960d24f54f8b6",
    ]


def test_an_edge_without_kind_or_end_has_no_id() -> None:
    """Null in, null out; a missing anchor is a value like any other."""
    rows = [(None, 1, 2, 3, 4), ("A", None, 2, 3, 4), ("A", 1, None, 3, 4), ("A", 1, 2, None, None)]
    assert [value is None for value in ids(rows)] == [True, True, True, False]


@given(st.sets(st.tuples(st.text(max_size=3), longs, longs, longs, longs), min_size=2, max_size=50))
def test_different_edges_have_different_ids(
    edges: set[tuple[str, int, int, int, int]],
) -> None:
    """No two of any set of edges collide."""
    assert len(set(ids(sorted(edges)))) == len(edges)


def test_neighbouring_edges_never_collide() -> None:
    """A million edges that differ in single small numbers, as real ones do."""
    side = 10
    grid = np.indices((10, 10, 10, 10, 100)).reshape(5, -1)
    kinds = pa.array([f"K{i}" for i in range(side)]).take(pa.array(grid[0]))
    numbers = [pa.array(column.astype(np.int64)) for column in grid[1:]]
    assert len(edge_id.call(kinds, *numbers).unique()) == 1_000_000


def test_both_lanes_differ_on_their_own() -> None:
    """Neither half of an id repeats in a hundred thousand consecutive numbers."""
    high, low = mix.pair([np.arange(100_000, dtype=np.uint64)], 100_000)
    assert len(np.unique(high)) == len(np.unique(low)) == 100_000
    assert not np.any(high == low)


def test_one_changed_bit_changes_half_of_each_lane() -> None:
    """On average 32 of 64 bits, whichever bit of the input changes."""
    words = np.random.default_rng(3).integers(0, 2**63, 4_000).astype(np.uint64)
    before = mix.pair([words], len(words))
    for bit in range(64):
        after = mix.pair([words ^ np.uint64(1 << bit)], len(words))
        for lane in (0, 1):
            flipped = np.bitwise_count(before[lane] ^ after[lane]).mean()
            assert 31 < flipped < 33


def test_swapped_ends_are_another_edge() -> None:
    """Order matters: an edge is directed."""
    assert len(set(ids([("A", 1, 2, 0, 0), ("A", 2, 1, 0, 0), ("A", 0, 0, 1, 2)]))) == 3


def test_finish_is_splitmix64() -> None:
    """The published outputs of SplitMix64 for seed 1234567."""
    state = np.array([1234567], dtype=np.uint64) + mix.GOLDEN * np.arange(1, 4, dtype=np.uint64)
    assert mix.finish(state).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_hex_digits_are_pythons() -> None:
    """Every byte, both digits."""
    rows = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert bytes(mix.hex_digits(rows).reshape(-1)).decode() == bytes(range(256)).hex()


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**32 - 1))
def test_a_nid_is_a_file_and_an_ordinal(file: int, ordinal: int) -> None:
    """The two functions take apart what `file_no << 32 | ordinal` put together."""
    session = Session()
    session.register("t", pa.table({"nid": [file << 32 | ordinal]}))
    answer = run_sql(session, "select nid_file(nid) as f, nid_ordinal(nid) as o from t")
    assert answer.to_pylist() == [{"f": file, "o": ordinal}]


def test_functions_answer_for_no_rows_at_all() -> None:
    """An empty table has empty columns of the declared types."""
    session = Session()
    columns = {"b": pa.array([], pa.binary()), "n": pa.array([], pa.int64())}
    session.register("t", pa.table(columns))
    sql = "select hex_id(b) as h, edge_id('A', n, n, n, n) as e, nid_file(n) as f from t"
    answer = run_sql(session, sql)
    assert (answer.num_rows, answer.schema.types) == (0, [pa.string(), pa.string(), pa.int64()])


def test_functions_take_constants() -> None:
    """A query of constants is answered while planning."""
    assert one("select nid_file(12884901890)") == 3
    assert one("select edge_id('CALLS', 1, 2, 10, 20)") == ids([("CALLS", 1, 2, 10, 20)])[0]
