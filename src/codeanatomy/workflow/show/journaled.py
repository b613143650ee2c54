"""Reads the story of a run from its journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.show.story import Effect, Story, Told, changes_between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.journal.base import Journal
    from codeanatomy.workflow.journal.rows import EffectRow, RunRow, StepRow

UNNAMED = "workflow"  # what a graph without a name is called
LOST = "The process ended in this step; it was run again."


def is_missing(uri: str) -> bool:
    """Tell whether a URI names a file that is not there; a server is asked only when it is used."""
    scheme, found, place = uri.partition("://")
    if found and scheme != "sqlite":
        return False
    path = place.partition("?")[0].removeprefix("/") if found else uri
    return not Path(path).expanduser().is_file()


def run_row(run: RunRow) -> dict[str, Any]:
    """Return the facts of a run that a list shows."""
    return {
        "run": run.run_id,
        "thread": run.thread_id,
        "graph": run.graph or UNNAMED,
        "status": run.status,
        "began": run.began,
        "seconds": None if run.ended is None else max(0.0, run.ended - run.began),
        "steps": run.steps,
        "node": run.node,
        "error": run.error,
        "parent": run.parent,
    }


def find_run(journal: Journal, text: str) -> str | None:
    """Find a run by its id, the beginning of it when that is clear, or the last one of a thread."""
    runs = journal.runs()
    ids = [run.run_id for run in runs if run.run_id.startswith(text)]
    if text in ids:
        return text
    if len(ids) == 1:
        return ids[0]
    of_thread = [run.run_id for run in runs if run.thread_id == text]
    return of_thread[-1] if of_thread else None


def read_story(journal: Journal, run_id: str) -> Story:
    """Read a run with all its steps, lines and effects; secrets stay hidden."""
    run = journal.run(run_id)
    effects: dict[tuple[str, int, int], list[Effect]] = {}
    for row in journal.effects(run_id):
        effects.setdefault((row.lane, row.step, row.attempt), []).append(_effect(row))
    initial = journal.state_at(run_id, 0)
    states: dict[str, dict[str, Any]] = {"": initial}
    told = list(_told(journal, run_id, states, effects))
    told.sort(key=lambda step: step.began)
    ends = [run.ended or 0.0, *(step.began + step.seconds for step in told)]
    return Story(
        run=run.run_id,
        thread=run.thread_id,
        graph=run.graph or UNNAMED,
        status=run.status,
        steps=tuple(told),
        began=run.began,
        seconds=max(0.0, max(ends) - run.began),
        initial=initial,
        final=states[""],
        error=run.error,
        parent=run.parent,
    )


def _told(
    journal: Journal,
    run_id: str,
    states: dict[str, dict[str, Any]],
    effects: dict[tuple[str, int, int], list[Effect]],
) -> Iterator[Told]:
    for row in journal.steps(run_id):
        if row.lane not in states:
            states[row.lane] = journal.state_at(run_id, 0, row.lane)
        before = states[row.lane]
        after = {key: value for key, value in before.items() if key not in row.gone}
        after.update(row.changed)
        states[row.lane] = after
        yield Told(
            path=row.lane,
            ordinal=row.step,
            node=row.node,
            attempt=row.attempt,
            began=row.started,
            seconds=row.seconds,
            changes=changes_between(before, after),
            following=row.next_node,
            error=_error(row),
            effects=tuple(effects.get((row.lane, row.step, row.attempt), ())),
            kind=row.kind,
        )


def _error(row: StepRow) -> str | None:
    if row.kind == "lost":
        return row.error or LOST
    return row.error


def _effect(row: EffectRow) -> Effect:
    return Effect(row.name, row.key, row.result, row.error)
