"""Running: episodes until a rule holds, rollouts over seeds, sweeps over parameters."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from codeanatomy.ecs.errors import (
    InvalidExpressionError,
    StoppingRuleError,
    SweepError,
    UnknownColumnError,
)
from codeanatomy.ecs.running.sweeps import sweep
from tests.ecs.models import Arrived, furthest, walkers

if TYPE_CHECKING:
    from codeanatomy.ecs import World
    from codeanatomy.ecs.running.measures import Measure
    from codeanatomy.ecs.running.stopping import Until

MEASURE: dict[str, Measure] = {"far": "max(walker__place)", "far_too": furthest}


def first_home(seed: int) -> int:
    """Step a walk by hand until somebody is home."""
    with walkers(seed) as world:
        while furthest(world) < 10 if world.tables else True:
            world.step()
        tick: int = world.tick
        return tick


def past_ten(world: World) -> bool:
    """Say whether somebody is past ten."""
    return furthest(world) >= 10


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (Arrived, "arrived"),
        ("arrived", "arrived"),
        ("walker__home", "walker__home"),
        ("walker__place >= 10", "walker__place >= 10"),
        ("max(walker__place) >= 10", "max(walker__place) >= 10"),
        (past_ten, "past_ten"),
        (["count(*) = 0", "walker__home"], "walker__home"),
    ],
    ids=["class", "name", "field", "where", "most", "function", "several"],
)
def test_an_episode_ends_when_its_rule_holds(until: Until, reason: str) -> None:
    """A component, a field, an expression, an aggregate and a function end at the same step."""
    with walkers(3) as world:
        ended = world.episode(until)
        assert ended == (first_home(3), world.tick, reason)
        assert furthest(world) >= 10


def test_an_episode_ends_after_max_steps() -> None:
    """A rule that never holds ends nothing."""
    with walkers(3) as world:
        assert world.episode("walker__place < 0", max_steps=4) == (4, 4, "max_steps")
        assert world.episode(max_steps=2) == (2, 6, "max_steps")


@pytest.mark.parametrize(
    ("until", "steps", "error"),
    [
        (3, 5, StoppingRuleError),
        ("walker__plac > 1", 5, UnknownColumnError),
        ("walker__place >", 5, InvalidExpressionError),
        (None, 0, StoppingRuleError),
        (None, True, StoppingRuleError),
    ],
)
def test_what_is_no_rule_is_refused_before_the_first_step(
    until: Until, steps: int, error: type[Exception]
) -> None:
    """Unknown names and texts that cannot be read are named errors, the world unchanged."""
    with walkers(1) as world:
        with pytest.raises(error):
            world.episode(until, max_steps=steps)
        assert world.tick == 0


def test_a_rollout_is_one_row_a_fork_and_leaves_the_world() -> None:
    """Forks with the seeds that follow end apart from each other; statistics add them up."""
    with walkers(3) as world:
        world.run(2)
        rolled = world.rollout(4, Arrived, measure=MEASURE)
        again = world.rollout(4, Arrived, seeds=[4, 5, 6, 7], measure=MEASURE)
        assert world.tick == 2
    rows = rolled.rows.to_pylist()
    assert rolled.rows.equals(again.rows)
    assert [row["seed"] for row in rows] == [4, 5, 6, 7]
    assert {row["reason"] for row in rows} == {"arrived"}
    assert len({row["far"] for row in rows}) == 4
    assert [row["far"] for row in rows] == [row["far_too"] for row in rows]
    told = {row["measure"]: row for row in rolled.statistics().to_pylist()}
    assert set(told) == {"steps", "far", "far_too"}
    assert told["far"]["count"] == 4
    assert told["far"]["mean"] == pytest.approx(sum(row["far"] for row in rows) / 4)
    assert told["far"]["min"] == min(row["far"] for row in rows)


def test_a_rollout_needs_different_seeds() -> None:
    """As many as forks."""
    with walkers(3) as world:
        world.step()
        for seeds in ([1, 1], [1]):
            with pytest.raises(StoppingRuleError, match="different seeds"):
                world.rollout(2, seeds=seeds)


def test_a_sweep_is_the_same_bytes_for_any_number_of_processes() -> None:
    """Rows in the order of parameters and seeds, equal as Arrow IPC."""
    written = []
    for processes in (1, 2):
        table = sweep(
            walkers,
            {"walkers": [2, 5], "speed": [0.5, 2.0]},
            seeds=[1, 2],
            until=past_ten,
            max_steps=30,
            measure=MEASURE,
            every=10,
            processes=processes,
        )
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        written.append(sink.getvalue())
    assert written[0] == written[1]
    ends = [row for row in table.to_pylist() if row["reason"]]
    assert [(r["walkers"], r["speed"], r["seed"]) for r in ends] == [
        (w, s, seed) for w in (2, 5) for s in (0.5, 2.0) for seed in (1, 2)
    ]
    assert [r["steps"] for r in ends if r["speed"] == 0.5] == [30] * 4
    assert all(r["steps"] % 10 == 0 for r in table.to_pylist() if not r["reason"])
    assert len(table) == len(ends) + sum((r["steps"] - 1) // 10 for r in ends)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_that_fails_is_named(processes: int) -> None:
    """The error has the parameters and the seed."""
    with pytest.raises(SweepError, match="nobody walks backwards") as caught:
        sweep(walkers, {"speed": [1.0, -1.0]}, seeds=[7], max_steps=2, processes=processes)
    assert caught.value.facts == {"parameters": {"speed": -1.0}, "seed": 7}


def test_a_function_of_nowhere_cannot_go_to_other_processes() -> None:
    """The error says what would have worked."""
    with pytest.raises(SweepError, match="functions of modules"):
        sweep(walkers, {"speed": [1.0, 2.0]}, until=lambda _: True, processes=2)


def test_a_sweep_needs_runs() -> None:
    """A parameter without values is refused."""
    with pytest.raises(StoppingRuleError, match="without runs"):
        sweep(walkers, {"speed": []})


def test_a_sweep_shows_its_progress(capsys: pytest.CaptureFixture[str]) -> None:
    """The bar counts the runs."""
    sweep(walkers, {"speed": [1.0, 2.0]}, seeds=[1, 2], max_steps=1, processes=1, progress=True)
    assert "4/4" in capsys.readouterr().err
