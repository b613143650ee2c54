"""A world: the core with its reading, branching and showing; the face people use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from codeanatomy.ecs.core import Core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pyarrow as pa
    from rich.console import Console

    from codeanatomy.ecs.chart.chart import Chart
    from codeanatomy.ecs.collector import Collector
    from codeanatomy.ecs.diff import Diff
    from codeanatomy.ecs.history import Ancestor, Past
    from codeanatomy.ecs.live import Live
    from codeanatomy.ecs.replay import Replay
    from codeanatomy.ecs.running.episodes import Episode
    from codeanatomy.ecs.running.measures import Measure
    from codeanatomy.ecs.running.rollouts import Rollout
    from codeanatomy.ecs.running.stopping import Until


class World(Core):
    """A population of entities, ticked by processors, every tick readable."""

    def query(
        self,
        *components: object,
        tick: int | None = None,
        ticks: object = None,
        entities: object = None,
        where: object = None,
        changed: object = None,
        without: Iterable[object] = (),
        active: bool | None = True,
    ) -> pa.Table:
        """Give the rows of every table that has all the components, as Arrow. See `query`."""
        from codeanatomy.ecs.query import query  # noqa: PLC0415 - only where asked

        return query(
            self,
            components,
            tick=tick,
            ticks=ticks,
            entities=entities,
            where=where,
            changed=changed,
            without=without,
            active=active,
        )

    def sql(
        self,
        text: str,
        parameters: Mapping[str, object] | None = None,
        *,
        ticks: Iterable[int] | None = None,
    ) -> pa.Table:
        """Answer one SELECT over the history. The tables stand in `sql`."""
        from codeanatomy.ecs.sql import sql  # noqa: PLC0415 - DataFusion is heavy

        return sql(self, text, parameters, ticks=ticks)

    def at(self, tick: int) -> Past:
        """Give the world as it was after a tick."""
        from codeanatomy.ecs.history import Past  # noqa: PLC0415 - only where asked

        return Past(self, tick)

    def fork(
        self, at_tick: int | None = None, seed: int | None = None, name: str | None = None
    ) -> Self:
        """Branch off after a tick, the last one by default; the rows are shared."""
        from codeanatomy.ecs.history import fork  # noqa: PLC0415 - only where asked

        with self._lock:
            return fork(self, at_tick, seed, name)

    @property
    def lineage(self) -> tuple[Ancestor, ...]:
        """The worlds this one comes from, the oldest first, itself last."""
        from codeanatomy.ecs.history import lineage  # noqa: PLC0415 - only where asked

        return lineage(self)

    def diff(self, other: Core, tick: int | None = None) -> Diff:
        """Say what differs in another branch, at a tick or at the last of each."""
        from codeanatomy.ecs.diff import diff  # noqa: PLC0415 - only where asked

        return diff(self, other, tick)

    def replay(self, from_tick: int | None = None, to_tick: int | None = None) -> Replay:
        """Make ticks again from what was recorded and compare them byte for byte."""
        from codeanatomy.ecs.replay import replay  # noqa: PLC0415 - only where asked

        with self._lock:
            return replay(self, from_tick, to_tick)

    def collect(
        self,
        question: str | Mapping[str, str] | Callable[[Any], object],
        *,
        every: int = 1,
        of: Iterable[object] = (),
    ) -> Collector:
        """Ask a question every so many ticks from now on. See `collector`."""
        from codeanatomy.ecs.collector import Collector  # noqa: PLC0415 - only where asked

        return Collector(self, question, every, of)

    def measure(
        self,
        expression: str,
        *,
        tick: int | None = None,
        of: Iterable[object] = (),
        where: object = None,
    ) -> object:
        """Give the value of an aggregate, as `avg(energy__value)`, at a tick. See `series`."""
        from codeanatomy.ecs.series import measure  # noqa: PLC0415 - only where asked

        return measure(self, expression, tick=tick, of=of, where=where)

    def plot(
        self,
        *expressions: str,
        by: str = "tick",
        ticks: Iterable[int] | None = None,
        tick: int | None = None,
        of: Iterable[object] = (),
        where: object = None,
        title: str | None = None,
    ) -> Chart:
        """Chart aggregates over ticks, or at one tick over a column. See `plot`."""
        from codeanatomy.ecs.plot import plot  # noqa: PLC0415 - only where asked

        return plot(
            self, *expressions, by=by, ticks=ticks, tick=tick, of=of, where=where, title=title
        )

    def live(
        self,
        *expressions: str,
        of: Iterable[object] = (),
        per_second: float = 10.0,
        console: Console | None = None,
    ) -> Live:
        """Show the world in the terminal while a `with` block runs it. See `live`."""
        from codeanatomy.ecs.live import Live  # noqa: PLC0415 - only where asked

        return Live(self, *expressions, of=of, per_second=per_second, console=console)

    def send(self, to: object, *parts: object, sender: object = 0) -> None:
        """Send messages to entities, to be read in the next tick. See `message`."""
        from codeanatomy.ecs.message import send  # noqa: PLC0415 - only where they talk

        with self._lock:
            send(self.resources, self.tick, self.components, to, parts, sender)

    def episode(self, until: Until = None, *, max_steps: int = 1000) -> Episode:
        """Step until a rule holds, `max_steps` at most. See `running.stopping`."""
        from codeanatomy.ecs.running.episodes import episode  # noqa: PLC0415 - only where asked

        return episode(self, until, max_steps=max_steps)

    def rollout(
        self,
        forks: int,
        until: Until = None,
        *,
        seeds: Iterable[int] | None = None,
        max_steps: int = 1000,
        measure: Mapping[str, Measure] | None = None,
    ) -> Rollout:
        """Run so many forks to their end, each with its own seed, and measure them there."""
        from codeanatomy.ecs.running.rollouts import rollout  # noqa: PLC0415 - only where asked

        return rollout(self, forks, until, seeds=seeds, max_steps=max_steps, measure=measure)
