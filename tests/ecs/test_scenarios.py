"""Every rule of the reference as a scenario: operations, then the ledger row by row."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ecs.scenario import play, scenarios


@pytest.mark.parametrize(
    "scenario", [pytest.param(s, id=f"{s['file']}: {s['name']}") for s in scenarios()]
)
def test_the_ledger_is_what_the_law_says(scenario: dict[str, Any]) -> None:
    """The world holds exactly the rows that the scenario lists."""
    play(scenario)
