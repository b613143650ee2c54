"""A sweep: a model over parameters and seeds on several processes, one table of results."""

from __future__ import annotations

import itertools
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import get_context
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from codeanatomy.ecs.errors import StoppingRuleError, SweepError
from codeanatomy.ecs.running.measures import default_measures, measured
from codeanatomy.ecs.running.stopping import checked_steps, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.running.measures import Measure
    from codeanatomy.ecs.running.stopping import Until


class _Job(NamedTuple):
    """One run: everything a process needs to make it."""

    build: Callable[..., Core]
    parameters: dict[str, object]
    seed: int
    until: Until
    max_steps: int
    measure: Mapping[str, Measure] | None
    every: int | None


def sweep(  # noqa: PLR0913 - the facts of a sweep, most with a default
    build: Callable[..., Core],
    parameters: Mapping[str, Iterable[object]],
    seeds: Iterable[int] = (0,),
    until: Until = None,
    *,
    max_steps: int = 1000,
    measure: Mapping[str, Measure] | None = None,
    every: int | None = None,
    processes: int | None = None,
    progress: bool | None = None,
) -> pa.Table:
    """Run `build(seed=..., **parameters)` for every combination of parameters and every seed.

    Gives one row a run: parameters, seed, steps, reason, tick and the measures at its end; with
    `every=k` also one for each k-th tick on the way, reason empty. Rows stand in the order of
    parameters and seeds and are the same for any number of processes. `processes` is by default
    the number of cores, 1 stays in this process; with more, `build`, `until` and `measure` are
    functions of modules, and a script does its work under `if __name__ == "__main__":`. A bar
    shows progress where there is a terminal. Raises `SweepError`, which names the run that failed.
    """
    checked_steps(max_steps, "max_steps")
    if every is not None:
        checked_steps(every, "every")
    jobs = [
        _Job(
            build,
            dict(zip(parameters, values, strict=True)),
            seed,
            until,
            max_steps,
            measure,
            every,
        )
        for values in itertools.product(*parameters.values())
        for seed in seeds
    ]
    if not jobs:
        raise StoppingRuleError("a sweep without runs: every parameter and the seeds need a value")
    count = min(processes or os.cpu_count() or 1, len(jobs))
    results: list[list[dict[str, object]]] = [[]] * len(jobs)
    with _bar(len(jobs), progress=progress) as advance:
        for place, rows in _alone(jobs) if count == 1 else _together(jobs, count):
            results[place] = rows
            advance()
    return pa.Table.from_pylist([row for rows in results for row in rows])


def _run(job: _Job) -> list[dict[str, object]]:
    measures = default_measures() if job.measure is None else job.measure
    rows: list[dict[str, object]] = []
    with job.build(seed=job.seed, **job.parameters) as world:
        rules = rules_of(world, job.until)
        reason, step = "", 0
        while not reason:
            step += 1
            world.step()
            reason = next((rule.reason for rule in rules if rule.holds(world)), "")
            if not reason and step == job.max_steps:
                reason = "max_steps"
            if reason or (job.every is not None and step % job.every == 0):
                told = {"seed": job.seed, "steps": step, "reason": reason, "tick": world.tick}
                rows.append(job.parameters | told | measured(world, measures))
    return rows


def _alone(jobs: list[_Job]) -> Iterator[tuple[int, list[dict[str, object]]]]:
    for place, job in enumerate(jobs):
        try:
            yield place, _run(job)
        except Exception as error:
            raise _failed(job, error) from error


def _together(jobs: list[_Job], count: int) -> Iterator[tuple[int, list[dict[str, object]]]]:
    """Run the jobs on fresh processes; what is done first comes first."""
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        places = {pool.submit(_run, job): place for place, job in enumerate(jobs)}
        try:
            for future in as_completed(places):
                place = places[future]
                try:
                    yield place, future.result()
                except Exception as error:
                    raise _failed(jobs[place], error) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _failed(job: _Job, error: Exception) -> SweepError:
    if isinstance(error, BrokenProcessPool):
        told = (
            "a process did not live to do its run; a script that sweeps does so under "
            '`if __name__ == "__main__":`'
        )
    elif isinstance(error, PicklingError | AttributeError | TypeError) and "pickle" in str(error):
        told = f"{error}; what a sweep on several processes is given are functions of modules"
    else:
        told = f"{type(error).__name__}: {error}"
    return SweepError(
        f"the run with {job.parameters} and seed {job.seed} failed: {told}",
        parameters=job.parameters,
        seed=job.seed,
    )


@contextmanager
def _quiet() -> Iterator[Callable[[], None]]:
    yield lambda: None


def _bar(runs: int, *, progress: bool | None) -> AbstractContextManager[Callable[[], None]]:
    """Show how many runs are done, where somebody can see it."""
    shown = sys.stderr.isatty() if progress is None else progress
    return _shown(runs) if shown else _quiet()


@contextmanager
def _shown(runs: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console  # noqa: PLC0415 - only where a bar is shown
    from rich.progress import (  # noqa: PLC0415 - only where a bar is shown
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TimeRemainingColumn,
    )

    columns: tuple[Any, ...] = ("runs", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("runs", total=runs)
        yield lambda: bar.advance(task)
