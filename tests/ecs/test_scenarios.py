"""Every rule of the reference as a scenario: operations, then the ledger row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.ecs.scenario import play, scenarios

if TYPE_CHECKING:
    from pathlib import Path

EVERY = [pytest.param(each, id=f"{each['file']}: {each['name']}") for each in scenarios()]


@pytest.mark.parametrize("scenario", EVERY)
def test_the_ledger_is_what_the_law_says(scenario: dict[str, Any]) -> None:
    """The world holds exactly the rows that the scenario lists."""
    play(scenario)


@pytest.mark.parametrize("scenario", EVERY)
def test_the_ledger_survives_closing(scenario: dict[str, Any], tmp_path: Path) -> None:
    """A world in a log holds the same rows, before it is closed and after it is opened again."""
    play(scenario, f"log:{tmp_path / 'world'}")


def test_there_is_a_scenario_for_every_rule() -> None:
    """The suite covers the sections of the reference with at least 120 scenarios."""
    assert len(EVERY) >= 120
    laws = {str(each.values[0]["law"]).split(" ")[0].rstrip(",") for each in EVERY}  # type: ignore[index] # a scenario is a mapping
    assert {"1", "2", "2.1", "2.2", "2.3", "2.4", "2.5", "3", "5"} <= laws
