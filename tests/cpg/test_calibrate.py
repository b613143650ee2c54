"""Targets are judged where a trace saw their site run, and counted by what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codeanatomy.cpg.graph.calibrate import Judged, table
from codeanatomy.cpg.graph.frequencies import frequencies
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
    ("count", "name"), [(1, "1"), (4, "4"), (5, "5-6"), (6, "5-6"), (24, "15-24"), (99, "25+")]
)
def test_targets_of_a_site_are_counted_in_steps(count: int, name: str) -> None:
    """One, two, three, four, and then in steps that grow."""
    assert bucket(count) == name


def test_few_observations_are_drawn_to_places_with_as_many_targets() -> None:
    """By hand: 90 of 100 and 0 of 4; each place is drawn to 90 of 104, each key to its place."""
    lines = {line.key: line.frequency for line in table(judged(90, 10) + judged(0, 4, OPEN))}
    every = 90 / 104
    assert lines[SELF] == pytest.approx((90 + 8 * (90 + 8 * every) / 108) / 108)
    assert lines[OPEN] == pytest.approx((0 + 8 * (0 + 8 * every) / 12) / 12)


def test_an_unknown_key_has_the_frequency_of_such_places_or_of_all() -> None:
    """No key is left without an answer, but where nothing was judged there is none."""
    known = Estimate(table(judged(9, 1) + judged(1, 9, OPEN)))
    assert known.of(SELF._replace(method="import")) == pytest.approx(known.of(SELF))
    assert known.of(OPEN._replace(method="import")) == pytest.approx(known.of(OPEN))
    lines = (known.of(SELF) or 0) + (known.of(OPEN) or 0)
    assert known.of(SELF._replace(targets="25+")) == pytest.approx(lines / 2)
    assert Estimate([]).of(SELF) is None


def test_a_program_counts_for_so_much_and_no_more() -> None:
    """A million misses in one program weigh as much as a thousand, against a thousand hits."""
    lines = frequencies([{SELF: (0, 1_000_000)}, {SELF: (1000, 1000)}])
    assert lines[0][1:3] == (1000, 1_001_000)
    assert lines[0].frequency == pytest.approx(0.5)


def test_what_is_said_too_boldly_of_other_programs_is_set_right() -> None:
    """Eight programs, sure of themselves, each with a method of its own of which the half hits."""
    programs = [
        {
            SELF._replace(method=f"own {n}", targets="2"): (250, 500),
            SELF: (500, 500),
        }
        for n in range(8)
    ]
    lines = {line.key.method: line.frequency for line in frequencies(programs)}
    assert lines["self"] == pytest.approx(1.0, abs=0.001)
    assert lines["own 3"] == pytest.approx(0.5, abs=0.001)


def test_a_table_is_read_as_it_was_written() -> None:
    """CSV with four digits of frequency, keys in order."""
    lines = table(judged(9, 1, OPEN) + judged(3, 1))
    text = to_csv(lines)
    assert text.splitlines()[0] == "method,targets,agreement,incomplete,hits,total,frequency"
    assert [(x.key, x.hits, x.total) for x in from_csv(text)] == [(SELF, 3, 4), (OPEN, 9, 10)]
    assert to_csv(from_csv(text)) == text
