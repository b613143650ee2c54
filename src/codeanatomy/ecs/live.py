"""A live view in the terminal while a world runs: ticks, populations, chosen expressions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from codeanatomy.ecs.chart.terminal import spark
from codeanatomy.ecs.series import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console
    from rich.table import Table as Grid

    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.receipt import Receipt

_KEPT = 400  # values of an expression that are kept for its small chart


class Live:
    """`with world.live("avg(energy__value)"): world.run(1000)` shows the world as it runs.

    It looks at most `per_second` times a second, between two ticks, and once more at the end:
    a tick nobody looks at costs nothing. Expressions are aggregates; `of` names components the
    entities must have.
    """

    def __init__(
        self,
        world: Core,
        *expressions: str,
        of: Iterable[object] = (),
        per_second: float = 10.0,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._world = world
        self._expressions = expressions or ("count(*)",)
        self._of = tuple(of)
        self._pause = 1.0 / per_second
        self._console = console
        self._clock = clock
        self._began = self._looked = clock()
        self._first = world.tick
        self._errors = 0
        self._values: dict[str, list[float | None]] = {text: [] for text in self._expressions}
        self._display: Any = None

    def __enter__(self) -> Self:
        from rich.live import Live as Display  # noqa: PLC0415 - only while somebody looks

        self._measure()
        self._display = Display(
            self.view(), console=self._console, auto_refresh=False, transient=False
        )
        self._display.start()
        self._world.on("post_tick", self._ticked)
        return self

    def __exit__(self, *_: object) -> None:
        self._world.off("post_tick", self._ticked)
        self._look()
        self._display.stop()

    def view(self) -> Grid:
        """Give what is to be seen now, for rich to print."""
        from rich.table import Table as Grid  # noqa: PLC0415 - only while somebody looks

        world = self._world
        made, spent = world.tick - self._first, self._clock() - self._began
        grid = Grid(title=f"{world.name}: tick {world.tick}", box=None, show_header=False)
        grid.add_column(no_wrap=True)
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_row("durable tick", str(world.durable_tick), "")
        grid.add_row("ticks a second", f"{made / spent:,.1f}" if spent > 0 else "-", "")
        grid.add_row("entities", f"{world.population:,}", "")
        for archetype, table in sorted(world.tables.items()):
            grid.add_row(f"  {', '.join(archetype) or '(no components)'}", f"{len(table):,}", "")
        if self._errors:
            grid.add_row("refused commands", f"{self._errors:,}", "")
        for text, values in self._values.items():
            last = values[-1] if values else None
            grid.add_row(text, "-" if last is None else f"{last:,.6g}", spark(values, 40))
        return grid

    def _ticked(self, _world: object, receipt: Receipt) -> None:
        self._errors += len(receipt.errors)
        if self._clock() - self._looked >= self._pause:
            self._look()

    def _look(self) -> None:
        self._looked = self._clock()
        self._measure()
        self._display.update(self.view(), refresh=True)

    def _measure(self) -> None:
        for text, values in self._values.items():
            found = measure(self._world, text, of=self._of)
            values.append(float(found) if isinstance(found, int | float) else None)
            del values[:-_KEPT]
