"""Compaction and retention: what is sealed reads as before, what is given up says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.dataset as ds
import pytest

from codeanatomy.ecs.backend import writer
from codeanatomy.ecs.backend.durability import durability
from codeanatomy.ecs.backend.log import LogBackend
from codeanatomy.ecs.backend.open import open_backend
from codeanatomy.ecs.errors import UnknownTickError
from codeanatomy.kernel.errors import SpecError, UnsupportedError
from codeanatomy.store.errors import StoreWriteError
from tests.ecs.history import BIRTH, after, committed, facts, records
from tests.ecs.recording import GrowingDisk, growing_crashes
from tests.ecs.test_log_crash import full_at
from tests.store.recording import rebuild

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs.backend.base import Backend, TickRecord
    from codeanatomy.store.disk import Disk

MADE = records(12)


@pytest.fixture(autouse=True)
def _short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "SEGMENT_TICKS", 4)


def log(root: Path, made: list[TickRecord], disk: Disk | None = None) -> LogBackend:
    """Begin a log and commit some ticks."""
    backend = LogBackend(root, durability("tick"), disk=disk)
    backend.create(BIRTH, ())
    for record in made:
        backend.commit(record)
    return backend


def same(found: Backend, made: list[TickRecord]) -> None:
    """Compare all of some ticks."""
    for record in made:
        assert committed(found.record(record.tick)) == committed(record)
        assert facts(found.state(record.tick)) == facts(record.state)


def segments(root: Path) -> list[str]:
    """Name the segments of a log."""
    return sorted(path.name for path in (root / "segments").iterdir())


def test_sealed_ticks_read_as_before(tmp_path: Path) -> None:
    """In this process and after opening again; the world goes on, and is sealed again."""
    backend = log(tmp_path, MADE[:7])
    done = backend.compact()
    assert (done.ticks, done.pinned) == (7, 0)
    assert done.freed > 0
    assert segments(tmp_path) == ["00000002-000000000007.log"]
    same(backend, MADE[:7])
    for record in MADE[7:]:
        backend.commit(record)
    assert backend.compact().ticks == 5
    backend.close()
    again = LogBackend(tmp_path)
    same(again, MADE)
    assert again.ticks() == range(13)
    assert again.components() == backend.components()
    again.close()
    rows = ds.dataset(tmp_path / "sealed/default/position").to_table()["tick"].to_pylist()
    assert set(rows) == set(range(1, 12))


def test_ticks_are_sealed_anywhere(tmp_path: Path) -> None:
    """An address of fsspec is remembered, and asked when such a tick is read."""
    pytest.importorskip("fsspec")
    backend = log(tmp_path, MADE[:7])
    done = backend.compact("memory://sealed-anywhere/w")
    assert done.address == "memory://sealed-anywhere/w"
    backend.close()
    again = LogBackend(tmp_path)
    same(again, MADE[:7])
    again.close()


def test_a_fork_keeps_the_segments_it_reads(tmp_path: Path) -> None:
    """Rows that a fork shares stay where they are; its past is that of the sealed parent."""
    backend = log(tmp_path, MADE[:9])
    branch = backend.fork(6, BIRTH._replace(world_id="f"))
    own = records(2, rows=5, first=branch.last())
    branch.commit(own[0])
    done = backend.compact()
    assert done.pinned == 1
    same(branch, [*MADE[:6], own[0]])
    branch.commit(own[1])
    branch.close()
    backend.close()
    again = LogBackend(tmp_path / "forks" / "f")
    same(again, [*MADE[:6], *own])
    late = LogBackend(tmp_path).fork(3, BIRTH._replace(world_id="late"))
    assert facts(late.last()) == facts(MADE[2].state)
    late.commit(after(late.last(), 2))
    late.close()
    assert facts(LogBackend(tmp_path / "forks" / "late").state(2)) == facts(MADE[1].state)


def test_a_fork_is_sealed_by_itself(tmp_path: Path) -> None:
    """Its own ticks go to its own folder, those it shares stay with the parent."""
    backend = log(tmp_path, MADE[:4])
    branch = backend.fork(4, BIRTH._replace(world_id="f"))
    own = records(3, rows=5, first=branch.last())
    for record in own:
        branch.commit(record)
    assert branch.compact().ticks == 2
    branch.close()
    backend.close()
    same(LogBackend(tmp_path / "forks" / "f"), [*MADE[:4], *own])


def test_compaction_survives_every_crash(tmp_path: Path) -> None:
    """No tick is ever missing, and the next compaction finishes the work."""
    root = tmp_path / "disk"
    root.mkdir()
    disk = GrowingDisk(root)
    backend = log(root / "w", MADE[:6], disk)
    started = len(disk.operations)
    backend.compact()
    backend.close()
    for number, (done, survived, state) in enumerate(growing_crashes(disk.operations)):
        if done < started or number % 23:  # no divisor of the mixtures: all of them take their turn
            continue
        place = rebuild(state, tmp_path / str(number))
        found = LogBackend(place / "w")
        assert found.ticks() == range(7), survived
        same(found, MADE[:6])
        found.compact()
        same(found, MADE[:6])
        found.close()
        assert len(segments(place / "w")) == 1


@pytest.mark.parametrize("number", range(0, 24, 3))
def test_a_compaction_that_fails_loses_nothing(number: int, tmp_path: Path) -> None:
    """A full disk at any step: the named error, all ticks as before, and again is fine."""
    log(tmp_path, MADE[:6]).close()
    backend = LogBackend(tmp_path, durability("tick"), disk=full_at(number))
    with pytest.raises(StoreWriteError, match="No space left"):
        backend.compact()
    same(backend, MADE[:6])
    backend.compact()
    backend.commit(MADE[6])
    backend.close()
    same(LogBackend(tmp_path), MADE[:7])


RULES: dict[str, tuple[dict[str, object], set[int]]] = {
    "the last three": ({"last": 3}, {10, 11, 12}),
    "every fifth": ({"every": 5}, {0, 5, 10, 12}),
    "both": ({"every": 5, "last": 2}, {0, 5, 10, 11, 12}),
    "keyframes": ({"keyframes": True, "last": 1}, {0, 4, 8, 12}),
    "all": ({}, set(range(13))),
}


@pytest.mark.parametrize("rule", RULES)
def test_retention_keeps_what_its_rule_says(rule: str, tmp_path: Path) -> None:
    """Kept ticks read as before, here and after opening; the others are named in the error."""
    settings, kept = RULES[rule]
    backend = log(tmp_path, MADE)
    done = backend.retain(**settings)  # type: ignore[arg-type] # rows of the table above
    assert done == (len(kept), 13 - len(kept))
    for found in (backend, LogBackend(tmp_path)):
        assert set(found.held()) == kept
        for tick in range(13):
            if tick in kept:
                assert not tick or committed(found.record(tick)) == committed(MADE[tick - 1])
                continue
            with pytest.raises(UnknownTickError, match=f"tick {tick} is"):
                found.state(tick)
    backend.commit(after(MADE[-1].state, 3))
    backend.close()


def test_retention_can_be_narrowed(tmp_path: Path) -> None:
    """Ticks that were sealed already are given up, too, and their parts are gone."""
    backend = log(tmp_path, MADE)
    backend.compact()
    assert backend.retain(every=4).dropped == 9
    assert backend.retain(every=8) == (3, 1)
    backend.close()
    rows = ds.dataset(tmp_path / "sealed/default/position").to_table()["tick"].to_pylist()
    assert set(rows) == {8}
    found = LogBackend(tmp_path)
    same(found, [MADE[7], MADE[11]])
    found.close()


def test_parquet_gives_up_ticks_in_place(tmp_path: Path) -> None:
    """Groups of several ticks lose some of them; the rows of the others stay."""
    backend = open_backend(f"parquet:{tmp_path}", "every 5 ticks")
    backend.create(BIRTH, ())
    for record in MADE:
        backend.commit(record)
    assert backend.retain(last=2, every=6) == (4, 9)
    assert list(backend.held()) == [0, 6, 11, 12]
    same(backend, [MADE[n] for n in (5, 10, 11)])
    backend.close()
    rows = ds.dataset(tmp_path / "default/position").to_table()["tick"].to_pylist()
    assert set(rows) == {6, 11, 12}
    again = open_backend(f"parquet:{tmp_path}")
    same(again, [MADE[n] for n in (5, 10, 11)])
    assert list(again.held()) == [0, 6, 11, 12]
    with pytest.raises(UnknownTickError):
        again.state(7)


def test_what_a_store_cannot_do_is_refused_by_name(tmp_path: Path) -> None:
    """The row of capabilities and the error say the same."""
    for address in ("memory:", f"parquet:{tmp_path}"):
        backend = open_backend(address)
        assert not backend.capabilities.sealing
        with pytest.raises(UnsupportedError, match="store knows no compaction"):
            backend.compact()
    with pytest.raises(UnsupportedError, match="retention"):
        open_backend("memory:").retain(last=1)
    with pytest.raises(SpecError, match="from 1 on"):
        log(tmp_path / "log", []).retain(last=0)
