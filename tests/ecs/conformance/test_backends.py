"""What every store of ticks promises; what one cannot do is in its row of capabilities."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from codeanatomy.ecs.backend.base import restated
from codeanatomy.ecs.backend.open import open_backend
from codeanatomy.ecs.errors import UnknownTickError
from codeanatomy.ecs.state import State
from tests.ecs.history import BIRTH, COMPONENTS, after, committed, facts, records

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs.backend.base import Backend

PLACES = {
    "memory": "memory:",
    "log": "log:{}/world",
    "log packed": "log:{}/world?compression=lz4",
    "parquet": "parquet:{}/worlds",
    "delta": "delta:{}/tables",
}
SETTINGS = ("tick", "every 3 ticks", "every 2 ms", "end")


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty place of each kind."""
    return PLACES[request.param].format(tmp_path)


@pytest.fixture(params=SETTINGS)
def setting(request: pytest.FixtureRequest) -> str:
    """Give each durability setting."""
    found: str = request.param
    return found


def begun(place: str, setting: str = "tick", ticks: int = 0) -> Backend:
    """Begin a world with so many ticks."""
    backend = open_backend(place, setting)
    backend.create(BIRTH, COMPONENTS[:0])
    for record in records(ticks):
        backend.commit(record)
    return backend


def test_a_new_world_is_at_tick_0(place: str) -> None:
    """It knows who it is and what it is made of, and has no rows."""
    backend = open_backend(place)
    assert backend.birth is None
    backend.create(BIRTH, COMPONENTS)
    assert tuple(backend.birth or ()) == BIRTH
    assert backend.components() == COMPONENTS
    assert facts(backend.last()) == facts(State())
    assert (backend.durable_tick, backend.ticks()) == (0, range(1))
    backend.close()


def test_every_tick_reads_back_as_it_was_committed(place: str, setting: str) -> None:
    """Tables, tombstones, ids, resources, commands: all of all ticks, while more come."""
    backend = begun(place, setting)
    made = records(12)
    for record in made:
        backend.commit(record)
        assert facts(backend.last()) == facts(record.state)
    for record in made:
        assert facts(backend.state(record.tick)) == facts(record.state)
        assert committed(backend.record(record.tick)) == committed(record)
        assert len(backend.commands(record.tick)) == len(record.commands)
    assert backend.ticks() == range(13)
    backend.flush()
    assert backend.durable_tick == 12
    backend.close()


def test_what_changed_is_told(place: str) -> None:
    """A record that is read says which columns are new at its tick, at least."""
    backend = begun(place)
    for record in records(8):
        backend.commit(record)
        found = {change.archetype: change for change in backend.record(record.tick).tables}
        for change in record.tables:
            if len(change.table) or change.tombstones is not None:
                assert change.changed <= found[change.archetype].changed
                assert change.entities_changed <= found[change.archetype].entities_changed
    backend.close()


def test_components_come_with_their_tick(place: str) -> None:
    """What is declared on the way is known from then on, and after opening again."""
    backend = begun(place, ticks=3)
    assert backend.components() == COMPONENTS
    backend.close()
    if backend.capabilities.durable:
        again = open_backend(place)
        assert again.components() == COMPONENTS
        assert [c.columns for c in again.components()] == [c.columns for c in COMPONENTS]
        again.close()


def test_an_unknown_tick_is_refused(place: str) -> None:
    """The error names the ticks that are there."""
    backend = begun(place, ticks=3)
    for tick in (-1, 4):
        with pytest.raises(UnknownTickError, match="ticks 0 to 3 are"):
            backend.state(tick)
    backend.close()


def test_the_last_tick_can_be_told_again(place: str) -> None:
    """Commands that were queued since come into it; what happened in the tick stays."""
    backend = begun(place, ticks=5)
    true = committed(backend.record(5))
    assert true["tombstones"]
    last = backend.last()
    other = last.__class__(last.tick, last.tables, 77, 9, last.reserved, (), last.resources)
    backend.commit(restated(other))
    assert facts(backend.last()) == facts(other)
    assert committed(backend.record(5)) == true | {"state": facts(other)}
    backend.close()
    if backend.capabilities.durable:
        again = open_backend(place)
        assert committed(again.record(5)) == true | {"state": facts(other)}
        again.commit(after(again.last(), 3))
        assert again.ticks() == range(7)
        again.close()


def test_a_fork_shares_the_past_and_goes_its_own_way(place: str, setting: str) -> None:
    """From the last tick and from an older one; forks of forks, too."""
    backend = begun(place, setting, ticks=9)
    for tick in (9, 4):
        branch = backend.fork(tick, BIRTH._replace(world_id=f"f{tick}", ancestor="w0"))
        assert branch.birth == BIRTH._replace(
            world_id=f"f{tick}", ancestor="w0", ancestor_tick=tick
        )
        assert facts(branch.last()) == facts(backend.state(tick))
        for record in records(3, rows=5, first=branch.last()):
            branch.commit(record)
        assert branch.ticks() == range(tick + 4)
        assert list(branch.held()) == list(range(tick + 4))
        twig = branch.fork(tick + 1, BIRTH._replace(world_id=f"g{tick}"))
        twig.commit(after(twig.last(), 2))
        for past in range(tick + 1):
            assert facts(branch.state(past)) == facts(backend.state(past))
            assert facts(twig.state(past)) == facts(backend.state(past))
        assert facts(twig.state(tick + 1)) == facts(branch.state(tick + 1))
        assert facts(twig.state(tick + 2)) != facts(branch.state(tick + 2))
        with pytest.raises(UnknownTickError):
            backend.fork(99, BIRTH)
        twig.close()
        branch.close()
    assert backend.ticks() == range(10)
    backend.close()


def test_reopening_goes_on_exactly(place: str, setting: str, tmp_path: Path) -> None:
    """Closed after any tick and opened again, nothing differs from a world left open."""
    backend = begun(place, setting, ticks=2)
    if not backend.capabilities.durable:
        backend.close()
        return
    for record in records(9)[2:]:
        backend.close()
        backend = open_backend(place, setting)
        assert backend.birth == BIRTH
        assert backend.durable_tick == record.tick - 1
        backend.commit(record)
    whole = begun(place.replace(str(tmp_path), str(tmp_path / "other")), ticks=9)
    for tick in range(10):
        assert facts(backend.state(tick)) == facts(whole.state(tick))
        if tick:
            assert committed(backend.record(tick)) == committed(whole.record(tick))
    backend.close()
    whole.close()
    shutil.rmtree(tmp_path / "other")
