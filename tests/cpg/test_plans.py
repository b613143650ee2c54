"""Plans are kept beside the versions that they made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.stages.plans import keep_plan, kept_plan
from codeanatomy.kernel.plan import Step, planned
from codeanatomy.store.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path

PLAN = planned([Step("names", "derive", ("trees",), "names", "SELECT 1 FROM trees", "file")])


def test_a_kept_plan_is_read_back_as_it_was(tmp_path: Path) -> None:
    """Kept twice it is still one file, and the same plan."""
    keep_plan(tmp_path, PLAN, Disk())
    keep_plan(tmp_path, PLAN, Disk())
    assert kept_plan(tmp_path, PLAN.fingerprint()) == PLAN


def test_a_damaged_copy_is_none(tmp_path: Path) -> None:
    """A plan whose text was changed is not the plan of its fingerprint; the next build mends it."""
    keep_plan(tmp_path, PLAN, Disk())
    (path,) = (tmp_path / "plans").iterdir()
    path.write_text(path.read_text().replace("SELECT 1", "SELECT 2"))
    assert kept_plan(tmp_path, PLAN.fingerprint()) is None
    keep_plan(tmp_path, PLAN, Disk())
    assert kept_plan(tmp_path, PLAN.fingerprint()) == PLAN


def test_an_unknown_fingerprint_is_none(tmp_path: Path) -> None:
    """Nothing is kept, nothing is found."""
    assert kept_plan(tmp_path, "0" * 32) is None
