"""The audit: one row a gated call, never changed, nothing of what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.ecs.runtime.errors import LedgerError, UnknownWorldError
from tests.ecs.runtime.people import Alive, Clock, Position, Velocity, farm, runtime

if TYPE_CHECKING:
    from pathlib import Path


def test_a_row_for_every_call_that_survives_its_world(tmp_path: Path) -> None:
    """Done, denied or failed; also after the world is destroyed and the runtime reopened."""
    clock = Clock()
    with runtime(tmp_path, clock=clock) as worlds:
        ann = farm(worlds)
        clock.now += 5
        ann.spawn("farm", Position(1), Velocity(1))
        ann.run("farm", 2)
        with pytest.raises(UnknownWorldError):
            ann.step("nowhere")
        ann.destroy("farm")
        world_id = worlds.shelf.destroyed()[0].world_id
    with runtime(tmp_path) as worlds:
        rows = [row[2:] for row in worlds.gate.audit.rows()]
        moments = [row.moment - clock.now for row in worlds.gate.audit.rows()]
    assert rows == [
        ("ann", "admin", "create", "farm", world_id, 0, 0, 50, "done", ""),
        ("ann", "admin", "spawn", "farm", world_id, 0, 1, 10, "done", ""),
        ("ann", "admin", "run", "farm", world_id, 0, 0, 10, "done", ""),
        ("ann", "admin", "step", "nowhere", "", None, 0, 0, "failed", "unknown-world"),
        ("ann", "admin", "destroy", "farm", world_id, 2, 0, 10, "done", ""),
    ]
    assert moments == [-5, 0, 0, 0, 0]


def test_no_value_that_was_sent_is_in_it(tmp_path: Path) -> None:
    """Neither fields nor conditions nor resources, whether the call was good or not."""
    with runtime(tmp_path) as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(424242.0))
        ann.update("farm", where="position__x = 424242", changes={"position__y": 424242.0})
        ann.set_resource("farm", "code", "swordfish-424242")
        with pytest.raises(ValueError, match="424242"):
            ann.spawn("farm", Alive, entities=[424242])
        told = repr(worlds.gate.audit.rows())
    assert "424242" not in told
    assert "position" not in told


@pytest.mark.parametrize("sql", ["update audit set actor = 'x'", "delete from audit"])
def test_rows_cannot_be_changed_or_deleted(sql: str) -> None:
    """The book itself refuses."""
    with runtime() as worlds:
        farm(worlds)
        with pytest.raises(LedgerError, match="audit rows are never"):
            worlds.book.write(sql)
        assert [row.actor for row in worlds.gate.audit.rows()] == ["ann"]


def test_reading_it_page_by_page() -> None:
    """After a number, at most so many, of one world."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.create("second")
        ann.step("farm")
        ann.step("farm")
        assert [row.number for row in ann.audit(after=1, limit=2)] == [2, 3]
        assert [row.operation for row in ann.audit(world="farm")] == ["create", "step", "step"]
