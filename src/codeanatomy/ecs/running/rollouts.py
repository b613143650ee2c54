"""A rollout: forks of one world, each with its own seed, run to their end and measured."""

from __future__ import annotations

from statistics import fmean, median, stdev
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from codeanatomy.ecs.errors import StoppingRuleError
from codeanatomy.ecs.history import fork
from codeanatomy.ecs.running.episodes import episode
from codeanatomy.ecs.running.measures import default_measures, measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.running.measures import Measure
    from codeanatomy.ecs.running.stopping import Until


class Rollout(NamedTuple):
    """One row a fork: seed, steps, reason, and the measures at its end."""

    rows: pa.Table

    def statistics(self) -> pa.Table:
        """Give one row a measure (and the steps): count, mean, stddev, min, median, max.

        Measures that are no numbers, and forks without a value, are left out.
        """
        return statistics(self.rows, ("steps", *self.rows.column_names[3:]))


def rollout(
    world: Core,
    forks: int,
    until: Until = None,
    *,
    seeds: Iterable[int] | None = None,
    max_steps: int = 1000,
    measure: Mapping[str, Measure] | None = None,
) -> Rollout:
    """Fork a world so many times, run each fork as an episode, and measure where it ends.

    Without `seeds` the forks get the seeds that follow the world's own. The world itself stays
    as it is.
    """
    chosen = [world.seed + 1 + number for number in range(forks)] if seeds is None else [*seeds]
    if len(chosen) != forks or forks < 1 or len(set(chosen)) != forks:
        raise StoppingRuleError(
            f"{forks} forks need as many different seeds, not {chosen}", forks=forks
        )
    measures = default_measures() if measure is None else measure
    rows: list[dict[str, object]] = []
    for seed in chosen:
        with fork(world, seed=seed) as branch:
            ended = episode(branch, until, max_steps=max_steps)
            told = {"seed": seed, "steps": ended.steps, "reason": ended.reason}
            rows.append(told | measured(branch, measures))
    return Rollout(pa.Table.from_pylist(rows))


def statistics(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """Give one row for every column of numbers: count, mean, stddev, min, median, max."""
    found = []
    for name in names:
        if not (pa.types.is_integer(rows[name].type) or pa.types.is_floating(rows[name].type)):
            continue
        values = [float(value) for value in rows[name].to_pylist() if value is not None]
        found.append(
            {
                "measure": name,
                "count": len(values),
                "mean": fmean(values) if values else None,
                "stddev": stdev(values) if len(values) > 1 else None,
                "min": min(values, default=None),
                "median": median(values) if values else None,
                "max": max(values, default=None),
            }
        )
    return pa.Table.from_pylist(found)
