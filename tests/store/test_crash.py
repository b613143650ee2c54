"""After a loss of power at any moment, the newest manifest is the one before or the new one."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from codeanatomy.store.disk import Disk
from codeanatomy.store.errors import StoreWriteError
from codeanatomy.store.manifest import Manifest, latest, publish
from codeanatomy.store.parquet import ParquetStore
from tests.store.recording import Memory, Operation, RecordingDisk, crashes, rebuild
from tests.store.samples import EDGES, FLAT, by_key, edges, flat

if TYPE_CHECKING:
    from pathlib import Path

FIRST = Manifest(number=0, run_id="r0", created=1, tables={"edges": 0, "flat": 0})
SECOND = Manifest(number=1, run_id="r1", created=2, tables={"edges": 1, "flat": 1}, parent=0)
THIRD = Manifest(number=2, run_id="r2", created=3, tables={})


def test_the_model_forgets_what_was_not_synced() -> None:
    """The judge of the other tests is judged: an unsynced file may be empty, torn or not there."""
    memory = Memory()
    memory.do(Operation("write", "a", b"1234"))
    assert memory.survive("none", "kept") == {}
    assert memory.survive("all", "dropped") == {"a": b""}
    assert memory.survive("all", "torn") == {"a": b"12"}
    memory.do(Operation("fsync", "a"))
    memory.do(Operation("fsync_dir", "."))
    memory.do(Operation("rename", "b", old="a"))
    assert memory.survive("none", "dropped") == {"a": b"1234"}
    assert memory.survive("all", "dropped") == {"b": b"1234"}


def test_a_rename_without_a_sync_is_caught() -> None:
    """The usual mistake shows: the new name is there and the content is not."""
    memory = Memory()
    for operation in (Operation("write", "t", b"1234"), Operation("rename", "a", old="t")):
        memory.do(operation)
    assert memory.survive("all", "dropped") == {"a": b""}


def test_publishing_survives_every_crash(tmp_path: Path) -> None:
    """Before it returns: old or new; after: new; and the next can always be published."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = RecordingDisk(root)
    ends = []
    for manifest in (FIRST, SECOND):
        publish(root, manifest, disk)
        ends.append(len(disk.operations))
    for number, (done, survived, state) in enumerate(crashes(disk.operations)):
        place = rebuild(state, tmp_path / str(number))
        found = latest(place)
        if done < ends[0]:
            assert found in (None, FIRST), survived
        elif done < ends[1]:
            assert found in (FIRST, SECOND), survived
        else:
            assert found == SECOND, survived
        after = Manifest(
            number=0 if found is None else found.number + 1, run_id="z", created=9, tables={}
        )
        publish(place, after, Disk())
        assert latest(place) == after


def test_a_build_survives_every_crash(tmp_path: Path) -> None:
    """The tables that the newest manifest pins read whole, whatever else was lost."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = RecordingDisk(root)
    build(root, disk, FIRST, base=None)
    started = len(disk.operations)
    build(root, disk, SECOND, base=0)
    ended = len(disk.operations)
    for number, (done, survived, state) in enumerate(crashes(disk.operations)):
        if done < started or (done < ended and number % 3):
            continue
        place = rebuild(state, tmp_path / str(number))
        found = latest(place)
        assert found in ((SECOND,) if done == ended else (FIRST, SECOND)), survived
        assert found is not None
        check(place, found)
        if done % 4 == 0:
            again(place, found)


def build(root: Path, disk: Disk, manifest: Manifest, base: int | None) -> None:
    """Replace one partition of two tables, and publish."""
    store, first = ParquetStore(root, disk), manifest.number * 10
    made = {
        "edges": store.replace(EDGES, edges(first, first + 1), {"repo": "a"}, base=base),
        "flat": store.append(FLAT, flat(first), base=base),
    }
    assert made == manifest.tables
    publish(root, manifest, disk)


def check(root: Path, manifest: Manifest) -> None:
    """Compare both tables with what that manifest published."""
    store, first = ParquetStore(root), manifest.number * 10
    found = store.scan("edges", as_of=manifest.tables["edges"]).read_all()
    assert by_key(found).to_pylist() == edges(first, first + 1).to_pylist()
    found = store.scan("flat", as_of=manifest.tables["flat"]).read_all()
    assert by_key(found)["n"].to_pylist() == list(range(0, first + 1, 10))


def again(root: Path, manifest: Manifest) -> None:
    """Build on what was left, and read it."""
    store = ParquetStore(root)
    made = store.append(FLAT, flat(77), base=manifest.tables["flat"])
    publish(
        root, Manifest(number=manifest.number + 1, run_id="n", created=5, tables={"flat": made})
    )
    assert latest(root) != manifest
    assert 77 in store.scan("flat", as_of=made).read_all()["n"].to_pylist()


def test_an_operation_that_fails_changes_nothing(tmp_path: Path) -> None:
    """A full disk at any operation gives the named error and leaves the newest as it was."""
    heard: list[str] = []
    publish(tmp_path / "store", SECOND, Disk(heard.append))
    steps = sum(name.startswith("before") for name in heard) - 1  # the last takes away
    assert steps > 5
    for number in range(steps):
        place = tmp_path / str(number)
        publish(place, FIRST)
        with pytest.raises(StoreWriteError, match="No space left on device; free some space"):
            publish(place, SECOND, full_at(number))
        assert latest(place) == FIRST
        assert [p.name for p in (place / "manifests").iterdir()] == ["00000000.json"]


def full_at(number: int) -> Disk:
    """Make a disk on which one operation, counted from 0, finds no space."""
    steps = iter(range(1000))

    def fail(heard: str) -> None:
        if heard.startswith("before") and next(steps) == number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return Disk(fail)
