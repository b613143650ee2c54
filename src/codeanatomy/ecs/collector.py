"""A data collector: any question to a world, asked again every k ticks while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from codeanatomy.ecs.errors import InvalidQueryError
from codeanatomy.ecs.series import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.receipt import Receipt


class Collector:
    """Keeps the answers to a question, those of tick `every`, 2 x `every`, ...

    A text is an aggregate, a mapping names several of them, and a function of the world gives a
    value, a mapping of values, or Arrow rows. `table` holds what was collected so far.
    """

    def __init__(
        self,
        world: Core,
        question: str | Mapping[str, str] | Callable[[Any], object],
        every: int = 1,
        of: Iterable[object] = (),
    ) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise InvalidQueryError(
                f"every {every!r} ticks: give a whole number from 1", every=every
            )
        self.every = every
        self._world = world
        self._question = {"value": question} if isinstance(question, str) else question
        self._of = tuple(of)
        self._found: list[tuple[int, object]] = []
        if not callable(self._question):
            self._ask()
        world.on("post_tick", self._collect)

    @property
    def table(self) -> pa.Table:
        """What was collected: `tick` and a column for each answer; rows keep all they have."""
        if any(isinstance(found, pa.Table) for _, found in self._found):
            return pa.concat_tables(
                [_with_tick(tick, found) for tick, found in self._found], promote_options="default"
            )
        names = list(dict.fromkeys(name for _, found in self._found for name in _named(found)))
        if not names and not callable(self._question):
            names = list(self._question)
        ticks = pa.array([tick for tick, _ in self._found], pa.int64())
        answers = [_named(found) for _, found in self._found]
        columns = [pa.array([answer.get(name) for answer in answers]) for name in names]
        return pa.table([ticks, *columns], names=["tick", *names])

    def stop(self) -> None:
        """Ask no more; what was collected stays."""
        self._world.off("post_tick", self._collect)

    def __len__(self) -> int:
        return len(self._found)

    def _collect(self, _world: object, receipt: Receipt) -> None:
        if receipt.tick % self.every == 0:
            self._found.append((receipt.tick, self._ask()))

    def _ask(self) -> object:
        if callable(self._question):
            found = self._question(self._world)
            return pa.table(found) if hasattr(found, "__arrow_c_stream__") else found
        return {
            name: measure(self._world, text, of=self._of) for name, text in self._question.items()
        }


def _named(found: object) -> dict[str, object]:
    return dict(found) if isinstance(found, dict) else {"value": found}


def _with_tick(tick: int, found: object) -> pa.Table:
    """Give rows with their tick in front, unless they say it themselves."""
    rows = found if isinstance(found, pa.Table) else pa.table([])
    if "tick" in rows.column_names:
        return rows
    return rows.add_column(0, "tick", pa.repeat(pa.scalar(tick, pa.int64()), len(rows)))
