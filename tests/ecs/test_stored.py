"""Worlds on a disk: who may write, what a deferred tick means, what an address may say."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codeanatomy.ecs import World, component, processor
from codeanatomy.ecs.backend import writer
from codeanatomy.ecs.backend.durability import Durability, durability
from codeanatomy.ecs.backend.log import LogBackend
from codeanatomy.ecs.backend.open import open_backend
from codeanatomy.ecs.errors import (
    CommitFailedError,
    FlushFailedError,
    UnknownTickError,
    WorldMovedError,
)
from codeanatomy.kernel.errors import SpecError
from codeanatomy.store.errors import StoreBusyError, StoreReadError, StoreWriteError
from tests.ecs.history import BIRTH, facts, records
from tests.ecs.test_log_crash import full_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codeanatomy.ecs import Columns, Visit

MADE = records(6)


@component
class Dot:
    """Something that moves."""

    x: float


@processor(reads=(Dot,), writes=(Dot,))
def step_right(dots: Columns, _visit: Visit) -> Mapping[str, object]:
    """Move every dot by one."""
    return {"dot__x": dots["dot__x"] + 1}


def begun(folder: Path, setting: str = "tick", ticks: int = 0) -> LogBackend:
    """Begin a log."""
    backend = LogBackend(folder, durability(setting))
    backend.create(BIRTH, ())
    for record in MADE[:ticks]:
        backend.commit(record)
    return backend


@pytest.mark.parametrize("scheme", ["log", "parquet", "delta"])
def test_a_second_writer_is_fenced_off(scheme: str, tmp_path: Path) -> None:
    """It may read; its first write names the one who writes; when that is gone it must reopen."""
    first = open_backend(f"{scheme}:{tmp_path}")
    first.create(BIRTH, ())
    second = open_backend(f"{scheme}:{tmp_path}")
    first.commit(MADE[0])
    with pytest.raises(StoreBusyError, match=f"process {os.getpid()} is writing") as caught:
        second.commit(MADE[0])
    assert caught.value.facts["pid"] == str(os.getpid())
    assert facts(second.last())["tick"] == 0
    first.close()
    with pytest.raises(WorldMovedError, match="is at tick 1, and was at 0") as moved:
        second.commit(MADE[0])
    assert moved.value.facts["tick"] == 1
    third = open_backend(f"{scheme}:{tmp_path}")
    third.commit(MADE[1])
    third.close()
    assert facts(open_backend(f"{scheme}:{tmp_path}").last()) == facts(MADE[1].state)


def test_a_writer_in_another_process_is_fenced_off(tmp_path: Path) -> None:
    """The lock is the system's: it is gone with the process that held it."""
    backend = begun(tmp_path, ticks=1)
    code = (
        "import sys; from codeanatomy.ecs import World; w = World.open(sys.argv[1])\n"
        "try:\n    w.step()\nexcept Exception as e: print(type(e.__cause__ or e).__name__)\n"
        "else: print(w.tick); w.close()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]

    def said() -> str:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    assert said() == "StoreBusyError\n"
    backend.close()
    assert said() == "2\n"


def test_a_copy_of_the_process_cannot_write(tmp_path: Path) -> None:
    """After a fork of the process both hold the lock: only the one that took it may use it."""
    backend = begun(tmp_path)
    backend._pid += 1
    with pytest.raises(StoreBusyError, match="open it in this one"):
        backend.commit(MADE[0])
    backend._pid -= 1
    backend.close()


def test_readers_see_what_is_whole_while_another_writes(tmp_path: Path) -> None:
    """A world that is opened for reading shows the last whole tick of that moment."""
    backend = begun(tmp_path)
    for record in MADE:
        backend.commit(record)
        assert facts(LogBackend(tmp_path).last()) == facts(record.state)
    backend.close()


def test_a_state_that_was_read_stays_when_its_segment_goes(tmp_path: Path) -> None:
    """Large columns lie in the mapped file, which lives as long as they do."""
    backend = LogBackend(tmp_path)
    backend.create(BIRTH, ())
    many = records(3, rows=50_000)
    for record in many:
        backend.commit(record)
    kept = backend.state(1)
    backend.compact()
    backend.close()
    column = kept.tables["position",].columns["position__x"]
    assert np.array_equal(column, many[0].state.tables["position",].columns["position__x"])


SETTINGS = {
    "tick": Durability(1),
    "every 16 ticks": Durability(16),
    "every 1 tick": Durability(1),
    "every 2.5 ms": Durability(0, 2.5),
    "end": Durability(0),
}


def test_durability_is_read_from_its_words() -> None:
    """Anything else is refused with what may be written."""
    for text, wanted in SETTINGS.items():
        assert durability(text) == wanted
    for text in ("", "sometimes", "every 0 ticks", "every 0 ms", "every -1 ticks", "16"):
        with pytest.raises(SpecError, match="write tick, every 16 ticks, every 50 ms, or end"):
            durability(text)


ADDRESSES = {
    "gopher:/x": "no store for 'gopher:/x'",
    "log:": "names no place; write log:FOLDER",
    "log:/x?speed=9": "log has no setting 'speed'; it has compression",
    "log:/x?compression=rar": "no compression 'rar'; write lz4 or zstd",
    "memory:?keep=none": "keep is a number of ticks, not 'none'",
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_mean_nothing_are_refused(address: str) -> None:
    """With what would have worked."""
    with pytest.raises(SpecError) as caught:
        open_backend(address)
    assert ADDRESSES[address] in str(caught.value)


def test_a_deferred_tick_is_durable_later(tmp_path: Path) -> None:
    """`durable_tick` stays behind `tick`, never by two groups, until a flush."""
    world = World(tmp_path, components=[Dot], processors=[step_right], durability="every 4 ticks")
    world.spawn_batch({"dot__x": np.zeros(10)}, [Dot])
    for _ in range(23):
        receipt = world.step()
        assert not receipt.durable or world.durable_tick >= receipt.tick
        assert world.tick - world.durable_tick < 8
    world.flush()
    assert world.durable_tick == world.tick == 23
    world.close()


def test_at_the_end_nothing_is_durable_before(tmp_path: Path) -> None:
    """Nothing but a flush or the end makes it so; reading does not."""
    backend = begun(tmp_path, "end", ticks=6)
    assert facts(backend.state(3)) == facts(MADE[2].state)
    assert backend.durable_tick == 0
    backend.flush()
    assert backend.durable_tick == 6
    backend.close()


def test_no_thread_is_left(tmp_path: Path) -> None:
    """A closed world has ended its group commit; a durable one never began any."""
    before = threading.active_count()
    begun(tmp_path / "a", "tick", ticks=2).close()
    backend = begun(tmp_path / "b", "every 2 ticks", ticks=5)
    assert threading.active_count() == before + 1
    backend.close()
    assert threading.active_count() == before


def world_on(folder: Path, setting: str, number: int, error: int, only: str) -> World:
    """Give a world with ten dots whose disk fails once."""
    with World(folder, components=[Dot]) as world:
        world.spawn_batch({"dot__x": np.arange(10.0)}, [Dot])
        world.step()
    backend = LogBackend(folder, durability(setting), disk=full_at(number, error, only))
    return World.resume(backend, components=[Dot], processors=[step_right])


def xs(world: World) -> list[float]:
    """Give where the dots are."""
    found: list[float] = world.tables["dot",].columns["dot__x"].tolist()
    return found


def stepped(world: World) -> CommitFailedError | None:
    """Step; give the error if there was one."""
    try:
        world.step()
    except CommitFailedError as error:
        return error
    return None


@pytest.mark.parametrize("number", range(5))
def test_a_full_disk_leaves_the_world_as_it_was(number: int, tmp_path: Path) -> None:
    """The error names the phase; the queued command is kept; stepping again is safe."""
    world = world_on(tmp_path, "tick", number, errno.ENOSPC, "")
    failed = 0
    for tick in range(2, 6):
        world.despawn([tick])
        before = xs(world)
        error = stepped(world)
        if error is not None:
            failed += 1
            assert (error.facts["phase"], error.facts["tick"]) == ("commit", tick)
            assert "No space left on device" in str(error)
            assert (world.tick, xs(world)) == (tick - 1, before)
            world.step()
        assert world.tick == tick
    assert failed == 1
    assert xs(world) == [4.0, *(x + 4.0 for x in range(5, 10))]
    world.close()
    with World.open(tmp_path, components=[Dot]) as again:
        assert again.tick == 5
        assert again.tables["dot",].entity_id.tolist() == [1, 6, 7, 8, 9, 10]


def despawning(world: World, ticks: range) -> None:
    """Step, and each time take one dot away."""
    for tick in ticks:
        world.despawn([tick % 5 + 1])
        world.step()


def test_a_failed_flush_keeps_the_commands(tmp_path: Path) -> None:
    """The world is back at the durable tick, and the same steps lead to the same place."""
    world = world_on(tmp_path, "every 3 ticks", 0, errno.EIO, "fsync:")
    with pytest.raises(FlushFailedError, match="back at tick 1"):
        despawning(world, range(2, 30))
    assert (world.tick, world.durable_tick) == (1, 1)
    assert xs(world) == list(range(10))
    world.step()
    world.flush()
    assert (world.tick, world.durable_tick) == (2, 2)
    assert 3 not in world.tables["dot",].entity_id  # tick 2 had despawned it
    world.close()


def counted(patched: pytest.MonkeyPatch) -> list[int]:
    """Note the length of every read of a file."""
    reads: list[int] = []
    plain = os.pread

    def pread(handle: int, length: int, at: int) -> bytes:
        reads.append(length)
        return plain(handle, length, at)

    patched.setattr(os, "pread", pread)
    return reads


def test_a_fork_is_never_more_durable_than_its_parent(tmp_path: Path) -> None:
    """What the parent cannot make durable the fork cannot build on; each hears of it."""
    backend = LogBackend(tmp_path, durability("end"), disk=full_at(1, errno.EIO, "fsync:"))
    backend.create(BIRTH, ())
    for record in MADE[:3]:
        backend.commit(record)
    branch = backend.fork(3, BIRTH._replace(world_id="f"))
    with pytest.raises(StoreWriteError, match="tick 3, which this fork left, is not on the disk"):
        branch.commit(MADE[3])
    with pytest.raises(FlushFailedError, match="back at tick 0"):
        backend.commit(MADE[3])
    for record in MADE:
        backend.commit(record)
    late = backend.fork(2, BIRTH._replace(world_id="g"))
    late.commit(MADE[2])
    assert backend.durable_tick == 6
    late.close()
    backend.close()


def test_history_does_not_slow_reading_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One tick of many is read with as few reads as one of few, in a log just opened."""
    monkeypatch.setattr(writer, "SEGMENT_TICKS", 16)
    counts = []
    for name, ticks in (("few", 20), ("many", 320)):
        backend = LogBackend(tmp_path / name, durability("end"))
        backend.create(BIRTH, ())
        for record in records(ticks):
            backend.commit(record)
        backend.close()
        found = LogBackend(tmp_path / name)
        with monkeypatch.context() as patched:
            reads = counted(patched)
            found.state(10)
        counts.append(len(reads))
    assert counts[0] == counts[1]


def test_a_missing_segment_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick whose file is gone is an error, not an earlier end."""
    monkeypatch.setattr(writer, "SEGMENT_TICKS", 2)
    begun(tmp_path, ticks=6).close()
    second = sorted((tmp_path / "segments").iterdir())[1]
    second.unlink()
    found = LogBackend(tmp_path)
    assert facts(found.last()) == facts(MADE[5].state)
    with pytest.raises((StoreReadError, UnknownTickError), match="tick 3"):
        found.state(3)
