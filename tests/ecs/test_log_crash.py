"""After a loss of power at any moment a log shows whole ticks, never fewer than it promised."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, cast

import pytest

from codeanatomy.ecs.backend import writer
from codeanatomy.ecs.backend.durability import durability
from codeanatomy.ecs.backend.log import LogBackend
from codeanatomy.ecs.errors import FlushFailedError
from codeanatomy.store.disk import Disk
from codeanatomy.store.errors import StoreReadError, StoreWriteError
from tests.ecs.history import BIRTH, after, committed, facts, records
from tests.ecs.recording import GrowingDisk, GrowingMemory, growing_crashes
from tests.store.recording import Operation, rebuild

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs.backend.base import Backend, TickRecord
    from codeanatomy.ecs.backend.durability import Undurable

SETTINGS = ("tick", "every 3 ticks", "every 1 ms", "end")
MADE = records(10)


def test_the_model_knows_what_stays_of_a_growing_file() -> None:
    """The judge is judged: what was synced stays, the rest may be lost, torn or have a hole."""
    memory = GrowingMemory()
    for operation in (
        Operation("append", "a", b"123456"),
        Operation("fsync", "a"),
        Operation("append", "a", b"abcdef"),
    ):
        memory.do(operation)
    kinds = ("kept", "dropped", "torn", "reordered")
    left = [memory.survive("all", kind)["a"] for kind in kinds]
    assert left == [b"123456abcdef", b"123456", b"123456abc", b"123456ab\0\0ef"]
    memory.do(Operation("cut", "a", (7).to_bytes(8, "little")))
    assert memory.survive("all", "kept") == {"a": b"123456a"}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_log_survives_every_crash(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole ticks, all that `durable_tick` had promised by then, and the world goes on."""
    monkeypatch.setattr(writer, "SEGMENT_TICKS", 4)
    root = tmp_path / "disk"
    root.mkdir()
    disk = GrowingDisk(root)
    backend = LogBackend(root / "w", durability(setting), disk=disk)
    backend.create(BIRTH, ())
    created = len(disk.operations)
    promised = [(created, 0)]
    for record in MADE:
        backend.commit(record)
        backend.record(record.tick)  # what is read is written by then, durable or not
        durable = backend.durable_tick
        promised.append((len(disk.operations), durable))
    backend.close()
    promised.append((len(disk.operations), MADE[-1].tick))
    for number, (done, survived, state) in enumerate(growing_crashes(disk.operations)):
        if done >= created and number % 3 == 0:  # no divisor of the mixtures: all take their turn
            least = max(tick for seen, tick in promised if seen <= done)
            place = rebuild(state, tmp_path / str(number))
            check(LogBackend(place / "w"), least, f"{done} operations, {survived}")


def check(found: Backend, least: int, told: str) -> None:
    """Compare all ticks that are there with what was committed, and make two more."""
    last = found.last()
    assert found.birth == BIRTH, told
    assert last.tick >= least, told
    for tick in range(1, last.tick + 1):
        assert facts(found.state(tick)) == facts(MADE[tick - 1].state), told
    if last.tick:
        assert committed(found.record(last.tick)) == committed(MADE[last.tick - 1]), told
    for _ in range(2):
        found.commit(after(found.last(), 4))
    found.close()
    again = LogBackend(found.folder)  # type: ignore[attr-defined] # a log has a folder
    assert facts(again.last()) == facts(after(after(last, 4).state, 4).state), told
    again.close()


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_fork_survives_every_crash(setting: str, tmp_path: Path) -> None:
    """A fork that is there has its parent's ticks; one that is not there was never promised."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = GrowingDisk(root)
    backend = LogBackend(root / "w", durability(setting), disk=disk)
    backend.create(BIRTH, ())
    for record in MADE[:4]:
        backend.commit(record)
    started = len(disk.operations)
    branch = backend.fork(4, BIRTH._replace(world_id="f"))
    own = records(3, rows=5, first=branch.last())
    for record in own:
        branch.commit(record)
    branch.flush()
    ended = len(disk.operations)
    branch.close()
    backend.close()
    for number, (done, survived, state) in enumerate(growing_crashes(disk.operations)):
        if done < started:
            continue
        place = rebuild(state, tmp_path / str(number))
        found = LogBackend(place / "w" / "forks" / "f")
        assert found.birth is not None or done < ended, survived
        if found.birth is not None:
            for tick in range(1, found.last().tick + 1):
                true = MADE[tick - 1] if tick <= 4 else own[tick - 5]
                assert facts(found.state(tick)) == facts(true.state), survived
            assert done < ended or found.last().tick == 7
        found.close()


def full_at(number: int, error: int = errno.ENOSPC, only: str = "") -> Disk:
    """Make a disk on which one operation, counted from 0, fails; only those named are counted."""
    steps = iter(range(100_000))

    def fail(heard: str) -> None:
        if heard.startswith(f"before:{only}") and next(steps) == number:
            raise OSError(error, os.strerror(error))

    return Disk(fail)


@pytest.mark.parametrize("number", range(12))
def test_a_tick_that_cannot_be_written_is_not_there(number: int, tmp_path: Path) -> None:
    """A full disk at any operation: the named error, the world as before, stepping again works."""
    backend = LogBackend(tmp_path, durability("tick"))
    backend.create(BIRTH, ())
    backend.commit(MADE[0])
    backend.close()
    backend = LogBackend(tmp_path, durability("tick"), disk=full_at(number))
    failed = 0
    for record in MADE[1:6]:
        told = attempt(backend, record)
        if told:
            failed += 1
            assert "No space left on device; free some space" in told
            assert facts(backend.last()) == facts(MADE[record.tick - 2].state)
            assert backend.durable_tick == record.tick - 1
            seen = LogBackend(tmp_path)
            assert seen.last().tick <= record.tick
            assert facts(seen.state(record.tick - 1)) == facts(MADE[record.tick - 2].state)
            backend.commit(record)
    assert failed == 1
    assert [facts(backend.state(r.tick)) for r in MADE[:6]] == [facts(r.state) for r in MADE[:6]]
    backend.close()
    assert facts(LogBackend(tmp_path).last()) == facts(MADE[5].state)


def attempt(backend: Backend, record: TickRecord) -> str:
    """Commit a tick; give what the error says."""
    try:
        backend.commit(record)
    except StoreWriteError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("only", ["append:", "fsync:"])
@pytest.mark.parametrize("setting", SETTINGS[1:])
def test_a_failed_flush_goes_back_to_the_durable_tick(
    setting: str, only: str, tmp_path: Path
) -> None:
    """It raises at the next call, with the commands since; from there the world goes on."""
    backend = LogBackend(tmp_path, durability(setting), disk=full_at(2, errno.EIO, only))
    backend.create(BIRTH, ())
    with pytest.raises(FlushFailedError) as caught:  # noqa: PT012 - which call tells is a matter of time
        for record in MADE:
            backend.commit(record)
            if record.tick % 3 == 0:
                backend.flush()
    durable = backend.durable_tick
    assert caught.value.facts["durable_tick"] == durable == backend.last().tick
    assert facts(backend.last()) == facts(MADE[durable - 1].state)
    kept = cast("tuple[Undurable, ...]", caught.value.facts["commands"])
    assert [tick for tick, _, _ in kept] == list(range(durable + 1, durable + 1 + len(kept)))
    assert [len(commands) for _, commands, _ in kept] == [
        len(MADE[durable + n].commands) for n in range(len(kept))
    ]
    for record in MADE[durable:]:
        backend.commit(record)
    backend.close()
    found = LogBackend(tmp_path)
    assert [facts(found.state(r.tick)) for r in MADE] == [facts(r.state) for r in MADE]


def test_damage_is_told_from_a_torn_end(tmp_path: Path) -> None:
    """A byte that changes in what had been on the disk is an error, never a shorter history."""
    backend = LogBackend(tmp_path)
    backend.create(BIRTH, ())
    for record in MADE[:3]:
        backend.commit(record)
    (path,) = (tmp_path / "segments").iterdir()
    whole = path.read_bytes()  # before it is closed: as after a crash
    places = [backend._timeline.find(tick).place for tick in range(4)]
    backend.close()
    refused = 0
    for at in range(0, places[3], 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        try:
            found = LogBackend(tmp_path)
        except StoreReadError:
            refused += 1
            continue
        for record in MADE[:3]:  # only the room between columns may change unseen
            assert facts(found.state(record.tick)) == facts(record.state)
    assert refused > 10
    for at in range(places[3], len(whole), 97):
        path.write_bytes(whole[:at])
        assert LogBackend(tmp_path).last().tick == 2


def test_damage_below_an_index_is_told_by_the_tick_it_hits(tmp_path: Path) -> None:
    """A closed file opens at once; the checksum of a column is looked at when it is read."""
    backend = LogBackend(tmp_path)
    backend.create(BIRTH, ())
    for record in MADE[:3]:
        backend.commit(record)
    chunk = backend._timeline.find(2).head.tables[0].columns[1]
    backend.close()
    (path,) = (tmp_path / "segments").iterdir()
    whole = bytearray(path.read_bytes())
    whole[chunk.at] ^= 1
    path.write_bytes(whole)
    found = LogBackend(tmp_path)
    assert facts(found.state(1)) == facts(MADE[0].state)
    with pytest.raises(StoreReadError, match=r"position__\w+ at byte \d+ is damaged"):
        found.state(2)
