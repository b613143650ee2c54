"""Parquet parts: what other programs see, and what is left after a crash or a full disk."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pyarrow.dataset as ds
import pytest

from codeanatomy.ecs.backend.durability import durability
from codeanatomy.ecs.backend.open import open_backend
from codeanatomy.ecs.backend.parquet import ParquetBackend
from codeanatomy.ecs.backend.parts import number_of, table_name
from codeanatomy.ecs.backend.place import LocalPlace, place_of
from codeanatomy.store.disk import Disk
from codeanatomy.store.errors import StoreReadError, StoreWriteError
from tests.ecs.history import BIRTH, NAMED, PLACED, after, committed, facts, records
from tests.ecs.recording import GrowingDisk, growing_crashes
from tests.ecs.test_log_crash import full_at
from tests.store.recording import rebuild

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs.backend.base import TickRecord

MADE = records(7)


def opened(root: Path, setting: str = "tick", disk: Disk | None = None) -> ParquetBackend:
    """Open the world at `root`."""
    disk = disk or Disk()
    return ParquetBackend(LocalPlace(root, disk), durability(setting), disk=disk)


def begun(root: Path, setting: str = "tick", disk: Disk | None = None) -> ParquetBackend:
    """Begin a world at `root`."""
    backend = opened(root, setting, disk)
    backend.create(BIRTH, ())
    return backend


def commit(backend: ParquetBackend, made: list[TickRecord]) -> None:
    """Commit ticks, each by itself."""
    for record in made:
        backend.commit(record)


def rows_of(made: list[TickRecord], table: tuple[str, ...]) -> list[tuple[int, int, bool]]:
    """Give (tick, entity, active) of every row that a table must have."""
    found = []
    for record in made:
        for change in record.tables:
            if change.archetype == table:
                found += [(record.tick, e, True) for e in change.table.entity_id.tolist()]
                if change.tombstones is not None:
                    gone = change.tombstones.entity_id.tolist()
                    found += [(record.tick, e, False) for e in gone]
    return sorted(found)


def seen(root: Path, table: tuple[str, ...]) -> list[tuple[int, int, bool]]:
    """Read a table as another program does: the concatenation of its parts."""
    data = ds.dataset(root / "default" / table_name(table), partitioning="hive").to_table()
    assert set(data["world"].to_pylist()) <= {BIRTH.world_id}
    columns = [data[name].to_pylist() for name in ("tick", "entity_id", "is_active")]
    return sorted(zip(*columns, strict=True))


@pytest.mark.parametrize("setting", ["tick", "every 3 ticks", "end"])
def test_other_programs_see_every_row_of_every_tick(setting: str, tmp_path: Path) -> None:
    """One folder a table, parts below world and run; tombstones are rows that are not active."""
    backend = begun(tmp_path, setting)
    for record in MADE:
        backend.commit(record)
    backend.close()
    for table in (PLACED, NAMED):
        assert seen(tmp_path, table) == rows_of(MADE, table)
    parts = list((tmp_path / "default/position/world=w0/run=r0").iterdir())
    assert all(part.match("part-*.parquet") for part in parts)
    assert len(parts) == 7 if setting == "tick" else len(parts) < 7


def test_rows_of_a_tick_are_in_ascending_entity_id(tmp_path: Path) -> None:
    """Tombstones stand among the living, each in its place."""
    backend = begun(tmp_path)
    for record in MADE:
        backend.commit(record)
    backend.close()
    data = ds.dataset(tmp_path / "default/position").to_table(filter=ds.field("tick") == 5)
    assert data["entity_id"].to_pylist() == [1, 2, 3, 4]
    assert data["is_active"].to_pylist() == [False, True, True, True]


def test_tables_are_named_by_their_components() -> None:
    """The set of components makes the name; very long ones are cut and told apart."""
    assert table_name(()) == "_"
    assert table_name(("a", "b_c")) == "a.b_c"
    names = {table_name((f"x{n}", "long" * 40)) for n in range(3)}
    assert len(names) == 3
    assert all(len(name) <= 120 for name in names)


def test_parts_survive_every_crash(tmp_path: Path) -> None:
    """Whole ticks, all that were promised; lost parts are taken away before the next tick."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = GrowingDisk(root)
    backend = begun(root / "w", disk=disk)
    created = len(disk.operations)
    promised = [(created, 0)]
    for record in MADE[:3]:
        backend.commit(record)
        promised.append((len(disk.operations), record.tick))
    backend.close()
    for number, (done, survived, state) in enumerate(growing_crashes(disk.operations, 2)):
        if done < created:
            continue
        place = rebuild(state, tmp_path / str(number))
        found = opened(place / "w")
        last = found.last()
        least = max(tick for at, tick in promised if at <= done)
        assert last.tick >= least, survived
        for tick in range(1, last.tick + 1):
            assert committed(found.record(tick)) == committed(MADE[tick - 1]), survived
        again = after(last, 3)
        found.commit(again)
        found.close()
        if number % 5 == 0:
            assert seen(place / "w", PLACED) == rows_of([*MADE[: last.tick], again], PLACED)


@pytest.mark.parametrize("number", range(0, 16, 2))
def test_a_full_disk_leaves_no_part_behind(number: int, tmp_path: Path) -> None:
    """The tick is not there, nor are its rows; the same tick can be written afterwards."""
    begun(tmp_path).close()
    backend = opened(tmp_path, disk=full_at(number, errno.ENOSPC))
    with pytest.raises(StoreWriteError, match="No space left"):
        commit(backend, MADE[:3])
    last = backend.last().tick
    for record in MADE[last:]:
        backend.commit(record)
    backend.close()
    assert seen(tmp_path, PLACED) == rows_of(MADE, PLACED)
    assert facts(opened(tmp_path).last()) == facts(MADE[-1].state)


def test_parts_know_the_number_of_their_group(tmp_path: Path) -> None:
    """That is how a part without a commit is found by its name."""
    backend = begun(tmp_path)
    backend.commit(MADE[0])
    backend.close()
    (part,) = (tmp_path / "default/position/world=w0/run=r0").iterdir()
    assert number_of(part.name) == 1
    stray = part.with_name(part.name.replace("part-00000001", "part-00000009"))
    stray.write_bytes(part.read_bytes())
    again = opened(tmp_path)
    again.commit(MADE[1])
    again.close()
    assert not stray.exists()
    assert part.exists()


def test_a_damaged_commit_is_told(tmp_path: Path) -> None:
    """The file of the newest group is checked when the world is opened."""
    backend = begun(tmp_path)
    backend.commit(MADE[0])
    backend.close()
    newest = max((tmp_path / "default/_ticks/world=w0/run=r0").iterdir())
    data = bytearray(newest.read_bytes())
    data[70] ^= 1
    newest.write_bytes(data)
    with pytest.raises(StoreReadError, match="damaged"):
        opened(tmp_path)


def test_any_fsspec_address_is_a_place() -> None:
    """The same ticks come back from an object store, here one in memory."""
    pytest.importorskip("fsspec")
    backend = open_backend("parquet:memory://worlds-of-parts/a", "every 3 ticks")
    backend.create(BIRTH, ())
    for record in MADE:
        backend.commit(record)
    backend.close()
    again = open_backend("parquet:memory://worlds-of-parts/a")
    for record in MADE:
        assert committed(again.record(record.tick)) == committed(record)
    branch = again.fork(3, BIRTH._replace(world_id="f", ancestor="w0"))
    branch.commit(after(branch.last(), 2))
    branch.close()
    again.close()
    found = open_backend("parquet:memory://worlds-of-parts/a?world=f")
    assert (found.last().tick, facts(found.state(2))) == (4, facts(MADE[1].state))
    found.close()
    place = place_of("memory://worlds-of-parts/a", Disk())
    assert place.names("default") == ["_ticks", "name.position", "position"]
