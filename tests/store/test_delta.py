"""The Delta store is Delta: other readers read it, its statistics are true, upkeep is safe."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codeanatomy.store.base import NOTHING
from codeanatomy.store.delta import DeltaStore
from codeanatomy.store.disk import Disk
from codeanatomy.store.errors import StoreReadError, StoreWriteError, UnknownVersionError
from codeanatomy.store.parts import ROW_GROUP
from tests.store.samples import EDGES, FLAT, by_key, edges, flat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def numbers(store: DeltaStore, as_of: int | None = None) -> list[int]:
    """Read the keys of `flat`, sorted."""
    return sorted(store.scan("flat", as_of=as_of).read_all()["n"].to_pylist())


def test_deltalake_reads_what_we_wrote(tmp_path: Path) -> None:
    """Files that we write and only commit through deltalake are a valid table to it."""
    store = DeltaStore(tmp_path)
    store.append(EDGES, pa.concat_tables([edges(1, 2), edges(3, repo="b")]))
    store.replace(EDGES, edges(4), {"repo": "a"})
    found = deltalake.DeltaTable(tmp_path / "edges")
    assert (
        by_key(found.to_pyarrow_table()).to_pylist()
        == by_key(pa.concat_tables([edges(4), edges(3, repo="b")])).to_pylist()
    )
    assert found.metadata().partition_columns == ["repo"]
    assert found.metadata().description == EDGES.meaning
    assert [f.nullable for f in found.schema().fields] == [c.nullable for c in EDGES.columns]


def test_deltalake_writes_where_we_read(tmp_path: Path) -> None:
    """A commit of another writer is a version like ours, in history too."""
    store = DeltaStore(tmp_path)
    store.append(FLAT, flat(1))
    deltalake.write_deltalake(tmp_path / "flat", flat(2, 3), mode="append")
    assert store.append(FLAT, flat(4)) == 2
    assert [v.rows for v in store.history("flat")] == [1, 3, 4]
    assert numbers(store) == [1, 2, 3, 4]


def test_the_log_tells_the_bounds_of_keys(tmp_path: Path) -> None:
    """An engine skips files by them, so they must be those of the rows."""
    store = DeltaStore(tmp_path)
    store.append(EDGES, edges(*range(5, 90)))
    (row,) = pa.table(store.source("edges").get_add_actions(flatten=True)).to_pylist()
    assert (row["num_records"], row["min.src"], row["max.src"]) == (85, 5, 89)
    assert row["null_count.src"] == 0
    assert row["partition.repo"] == "a"


def test_files_are_packed_as_measured(tmp_path: Path) -> None:
    """Whole numbers as differences, text as a dictionary, zstd, statistics on keys only."""
    DeltaStore(tmp_path).append(EDGES, edges(*range(2000)))
    (path,) = (tmp_path / "edges").glob("*.parquet")
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert "DELTA_BINARY_PACKED" in columns["src"].encodings
    assert "RLE_DICTIONARY" in columns["kind"].encodings
    assert {c.compression for c in columns.values()} == {"ZSTD"}
    assert {name for name, c in columns.items() if c.is_stats_set} == {"src"}
    assert "repo" not in columns


def test_a_long_stream_is_never_whole_in_memory(tmp_path: Path) -> None:
    """At most a few row groups are held, however many rows pass."""
    held: list[int] = []
    before = pa.total_allocated_bytes()

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, 12 * ROW_GROUP, 8192):
            held.append(pa.total_allocated_bytes() - before)
            yield from flat(*range(start, start + 8192)).to_batches()

    store = DeltaStore(tmp_path)
    store.append(FLAT, pa.RecordBatchReader.from_batches(FLAT.arrow(), batches()))
    assert store.history("flat")[0].rows == 12 * ROW_GROUP
    assert max(held) < 4 * ROW_GROUP * 8


def test_vacuum_only_lists_unless_told(tmp_path: Path) -> None:
    """A dry run removes nothing, and no young file is ever removed."""
    store = DeltaStore(tmp_path)
    store.append(FLAT, flat(1))
    store.replace(FLAT, flat(2), {})
    assert store.vacuum("flat", keep=[1]) == []
    assert store.vacuum("flat", keep=[1], delete=True) == []
    assert numbers(store, 0) == [1]


def test_vacuum_keeps_what_a_manifest_pins(tmp_path: Path) -> None:
    """Old files go, those of pinned versions stay readable."""
    store = DeltaStore(tmp_path, clock=lambda: 1_600_000_000 * 10**9)
    for n in (1, 2, 3):
        store.replace(FLAT, flat(n), {})
    for part in (tmp_path / "flat").glob("*.parquet"):
        age(part)
    listed = store.vacuum("flat", keep=[0])
    assert len(listed) == 1
    assert numbers(store, 1) == [2]
    assert store.vacuum("flat", keep=[0], delete=True) == listed
    assert (numbers(store, 0), numbers(store, 2)) == ([1], [3])
    with pytest.raises(StoreReadError):
        numbers(store, 1)


def age(path: Path) -> None:
    """Make a file look years old."""
    os.utime(path, (1_600_000_000, 1_600_000_000))


def test_optimise_joins_files_and_keeps_rows(tmp_path: Path) -> None:
    """Many small files become one for each partition; the versions before stay."""
    store = DeltaStore(tmp_path)
    for n in range(4):
        store.append(EDGES, edges(n, repo="x/y z"))
    before = store.scan("edges").read_all()
    made = store.optimise("edges")
    assert len(store.source("edges", made).file_uris()) == 1
    assert by_key(store.scan("edges").read_all()).equals(by_key(before))
    assert [v.rows for v in store.history("edges")] == [1, 2, 3, 4, 4]
    store.replace(EDGES, edges(9, repo="x/y z"), {"repo": "x/y z"})
    assert store.scan("edges", columns=["src"]).read_all()["src"].to_pylist() == [9]


def test_restore_makes_an_old_version_the_newest(tmp_path: Path) -> None:
    """It is a commit of its own, and what it passed over stays readable."""
    store = DeltaStore(tmp_path)
    store.append(FLAT, flat(1))
    store.append(FLAT, flat(2))
    assert store.restore("flat", 0) == 2
    assert [numbers(store, v) for v in range(3)] == [[1], [1, 2], [1]]
    assert [v.rows for v in store.history("flat")] == [1, 2, 1]
    with pytest.raises(UnknownVersionError):
        store.restore("flat", 9)


def test_a_checkpoint_changes_nothing_but_the_log(tmp_path: Path) -> None:
    """Every version reads as before."""
    store = DeltaStore(tmp_path)
    store.append(FLAT, flat(1))
    store.append(FLAT, flat(2))
    store.checkpoint("flat")
    assert (tmp_path / "flat" / "_delta_log" / "_last_checkpoint").is_file()
    assert [numbers(store, v) for v in range(2)] == [[1], [1, 2]]


def test_the_log_is_never_cleaned_up(tmp_path: Path) -> None:
    """Past the checkpoint interval, the first version of years ago still reads."""
    store = DeltaStore(tmp_path, clock=lambda: 1_600_000_000 * 10**9)
    for n in range(102):
        store.append(FLAT, flat(n))
    log = sorted((tmp_path / "flat" / "_delta_log").glob("*.json"))
    assert len(log) == 102
    entries = [json.loads(line) for line in log[0].read_text().splitlines()]
    (told,) = [e["metaData"]["configuration"] for e in entries if "metaData" in e]
    assert told["delta.enableExpiredLogCleanup"] == "false"
    assert numbers(store, 0) == [0]
    assert store.history("flat")[-1].rows == 102


def test_a_lost_file_is_a_named_error(tmp_path: Path) -> None:
    """Damage is never read as fewer rows."""
    store = DeltaStore(tmp_path)
    store.append(FLAT, flat(1))
    next((tmp_path / "flat").glob("*.parquet")).unlink()
    with pytest.raises(StoreReadError):
        numbers(store)


def test_a_commit_that_landed_keeps_its_files(tmp_path: Path) -> None:
    """A failure after the commit is told, and takes no file away from the version it made."""

    def fail(name: str) -> None:
        if name.startswith("before:fsync:0000"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(StoreWriteError):
        DeltaStore(tmp_path, Disk(fail)).append(FLAT, flat(1))
    store = DeltaStore(tmp_path)
    assert numbers(store) == [1]
    assert store.append(FLAT, flat(2), base=NOTHING) == 1
    assert numbers(store) == [2]
