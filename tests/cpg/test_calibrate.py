"""Targets are judged where a trace saw their site run, and counted by what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codeanatomy.cpg.graph.calibrate import Judged, table
from codeanatomy.cpg.graph.traces import COLUMNS, BadTraceError
from codeanatomy.cpg.resolve.confidence import Estimate, Key, bucket, from_csv, to_csv
from tests.calls import PROGRAM, till

if TYPE_CHECKING:
    from pathlib import Path

SELF = Key("self", "1", agreement=False, incomplete=False)
OPEN = Key("self", "2", agreement=False, incomplete=True)


def place(path: str, text: str) -> tuple[int, int]:
    """Return the span of a text that a file of the program has once or more: the first."""
    begin = PROGRAM[path].index(text)
    return begin, begin + len(text)


def row(path: str, text: str, callee: tuple[str | None, str, str | None]) -> dict[str, object]:
    """Write what ran at a call; a callee is a path, a name and the text of its statement."""
    begin, end = place(path, text)
    where, name, statement = callee
    return {
        "caller_path": path, "caller_start": 0, "site": "call", "site_start": begin,
        "site_end": end, "event": "call" if where else "c_call", "callee_path": where,
        "callee": name,
        "callee_start": place(where, statement)[0] if where and statement else None,
    }  # fmt: skip


def trace(file: Path, *rows: dict[str, object]) -> Path:
    """Write a trace file."""
    fields = [pa.field(c.name, pa.int64() if c.type == "int64" else pa.string()) for c in COLUMNS]
    pq.write_table(pa.Table.from_pylist(list(rows), pa.schema(fields)), file)
    return file


def judged(hits: int, misses: int, key: Key = SELF) -> list[Judged]:
    """Make so many judged targets of one key."""
    return [Judged(key, n < hits, None, 1, 2) for n in range(hits + misses)]


def test_a_target_that_ran_is_a_hit_and_another_a_miss(tmp_path: Path) -> None:
    """`show` ran where the graph says so; where `report` was expected, `total` ran."""
    graph = till(tmp_path / "till", tmp_path / "store")
    seen = trace(
        tmp_path / "till.parquet",
        row("till/app.py", "show(cart)", ("till/app.py", "show", "def show")),
        row("till/app.py", "cart.report()", ("till/cart.py", "Cart.total", "def total")),
    )
    lines = {line.key.method: (line.hits, line.total) for line in graph.calibrate(seen)}
    assert lines == {"direct": (1, 1), "type flow": (0, 1)}


def test_a_place_that_never_ran_is_not_judged(tmp_path: Path) -> None:
    """Of nine targets of the program, one has a trace, of code outside: it hits by its name."""
    graph = till(tmp_path / "till", tmp_path / "store")
    seen = trace(
        tmp_path / "till.parquet", row("till/cart.py", "sum(self.items)", (None, "sum", None))
    )
    assert [(x.key.method, x.hits, x.total) for x in graph.calibrate(tmp_path)] == [
        ("builtin", 1, 1)
    ]
    assert graph.calibrate(seen) == graph.calibrate(tmp_path)


def test_a_file_without_the_columns_of_a_trace_is_refused(tmp_path: Path) -> None:
    """The error names the columns; a folder without traces is refused too."""
    graph = till(tmp_path / "till", tmp_path / "store")
    pq.write_table(pa.table({"callee": ["f"]}), tmp_path / "x.parquet")
    with pytest.raises(BadTraceError) as caught:
        graph.calibrate(tmp_path / "x.parquet")
    missing = caught.value.facts["missing"]
    assert missing == tuple(c.name for c in COLUMNS if c.name != "callee")
    (tmp_path / "none").mkdir()
    with pytest.raises(BadTraceError):
        graph.calibrate(tmp_path / "none")
    (tmp_path / "y.parquet").write_bytes(b"no")
    with pytest.raises(BadTraceError):
        graph.calibrate(tmp_path / "y.parquet")


@pytest.mark.parametrize(
    ("count", "name"), [(1, "1"), (2, "2"), (3, "3-5"), (5, "3-5"), (6, "6+"), (99, "6+")]
)
def test_targets_of_a_site_are_counted_in_four_steps(count: int, name: str) -> None:
    """One, two, three to five, more."""
    assert bucket(count) == name


def test_few_observations_are_drawn_to_their_method() -> None:
    """By hand: 90 of 100 and 0 of 4; method (90+8p)/(104+8) with p = 90/104."""
    lines = {line.key: line.frequency for line in table(judged(90, 10) + judged(0, 4, OPEN))}
    method = (90 + 8 * 90 / 104) / 112
    assert lines[SELF] == pytest.approx((90 + 8 * method) / 108)
    assert lines[OPEN] == pytest.approx(8 * method / 12)


def test_an_unknown_key_has_the_frequency_of_its_method_or_of_all() -> None:
    """No key is left without an answer, but where nothing was judged there is none."""
    known = Estimate(table(judged(9, 1)))
    assert known.of(SELF._replace(targets="6+")) == pytest.approx((9 + 8 * 0.9) / 18)
    assert known.of(SELF._replace(method="import")) == pytest.approx(0.9)
    assert Estimate([]).of(SELF) is None


def test_a_table_is_read_as_it_was_written() -> None:
    """CSV with four digits of frequency, keys in order."""
    lines = table(judged(9, 1, OPEN) + judged(3, 1))
    text = to_csv(lines)
    assert text.splitlines()[0] == "method,targets,agreement,incomplete,hits,total,frequency"
    assert [(x.key, x.hits, x.total) for x in from_csv(text)] == [(SELF, 3, 4), (OPEN, 9, 10)]
    assert to_csv(from_csv(text)) == text
