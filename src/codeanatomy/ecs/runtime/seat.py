"""A seat: one actor at the runtime, with every operation as a method, each through the gate."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codeanatomy.ecs.running.episodes import Episode
from codeanatomy.ecs.running.stopping import checked_steps, rules_of
from codeanatomy.ecs.runtime import queue, view
from codeanatomy.ecs.runtime.ledger import STATES
from codeanatomy.ecs.runtime.picture import picture
from codeanatomy.ecs.runtime.shelf import WorldRow
from codeanatomy.ecs.runtime.submit import submit
from codeanatomy.kernel.errors import SpecError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    import pyarrow as pa

    from codeanatomy.ecs.processors import Processor
    from codeanatomy.ecs.receipt import Receipt
    from codeanatomy.ecs.running.rollouts import Rollout
    from codeanatomy.ecs.running.stopping import Until
    from codeanatomy.ecs.runtime.audit import AuditRow
    from codeanatomy.ecs.runtime.gate import Call
    from codeanatomy.ecs.runtime.ledger import Entry
    from codeanatomy.ecs.runtime.role import Actor
    from codeanatomy.ecs.runtime.worlds import Held, Worlds

MOST_TICKS = 1_000_000
_GLANCE = 0.02  # seconds between two looks of `watch`


class Seat:
    """What an actor may do; a right that the role lacks raises `RoleError`."""

    def __init__(self, worlds: Worlds, actor: Actor) -> None:
        self.actor = actor
        self._worlds = worlds

    # worlds

    def worlds(self) -> list[dict[str, object]]:
        """List the worlds that live."""
        with self._through("list") as call:
            call.charge(self._worlds.clock())
            return [view.row_data(row) for row in self._worlds.shelf.living()]

    def inspect(self, name: str) -> dict[str, object]:
        """Say what a world is: ticks, tables, components, processors, resources, ledger."""
        with self._inside("inspect", name) as held:
            return view.inspect(held)

    def create(
        self,
        name: str,
        *,
        model: str | None = None,
        components: Iterable[object] = (),
        processors: Iterable[object] = (),
        seed: int = 0,
    ) -> dict[str, object]:
        """Create a world, of a model of this runtime or of components given here."""
        with self._through("create", name) as call:
            known = self._worlds.models
            if model is not None and model not in known:
                raise UnknownNameError(
                    f"no model {model!r} here; there are: {', '.join(known) or 'none'}", name=model
                )
            self._worlds.shelf.check_name(name)
            call.charge(self._worlds.clock())
            held = self._worlds.create(
                name,
                model=None if model is None else known[model],
                components=components,
                processors=processors,
                seed=seed,
            )
            call.about(held.row.world_id, 0)
            return view.inspect(held)

    def destroy(self, name: str) -> None:
        """Take a world out of reach; its rows, its ledger and its audit stay."""
        with self._inside("destroy", name) as held:
            self._worlds.let_go(held.row)

    def restore(self, name: str) -> dict[str, object]:
        """Bring the last destroyed world of this name back."""
        with self._through("restore", name) as call:
            call.charge(self._worlds.clock())
            self._worlds.shelf.restore(name)
            held = self._worlds.held(name)
            call.about(held.row.world_id, held.world.tick)
            return view.inspect(held)

    # commands

    def submit(self, name: str, orders: Sequence[Mapping[str, object]]) -> list[Entry]:
        """Queue a batch of commands (see `order`): all of them or, when one is refused, none."""
        return submit(self._worlds, self.actor, name, orders)

    def spawn(self, name: str, *components: object, **said: object) -> Entry:
        """Queue one entity of component instances; `id`, `tick`, `priority` may be said."""
        return self.submit(name, [{"kind": "spawn", "components": components, **said}])[0]

    def spawn_batch(
        self, name: str, columns: object, components: Sequence[object] = (), **said: object
    ) -> Entry:
        """Queue many entities of one archetype from columns."""
        order = {"kind": "spawn", "columns": columns, "components": components, **said}
        return self.submit(name, [order])[0]

    def despawn(self, name: str, entities: object = None, **said: object) -> Entry:
        """Queue the end of entities, or of those `where` a text holds."""
        return self.submit(name, [_order("despawn", entities, said)])[0]

    def update(
        self, name: str, entities: object = None, changes: object = None, **said: object
    ) -> Entry:
        """Queue new values: a mapping of columns, or a sequence of component instances."""
        return self.submit(name, [{**_order("update", entities, said), "set": changes}])[0]

    def add(self, name: str, entities: object, *components: object, **said: object) -> Entry:
        """Queue more components for entities."""
        order = {**_order("add", entities, said), "components": components}
        return self.submit(name, [order])[0]

    def remove(self, name: str, entities: object, *components: object, **said: object) -> Entry:
        """Queue the loss of components, named or as classes."""
        order = {**_order("remove", entities, said), "components": components}
        return self.submit(name, [order])[0]

    def message(self, name: str, to: object, *parts: object, sender: object = 0) -> None:
        """Send a message to entities: component instances, or mappings of columns.

        It is read at the next tick, and durable with it.
        """
        with self._inside("message", name) as held:
            held.world.send(to, *parts, sender=sender)

    def commands(
        self, name: str, *, states: Iterable[str] = STATES, limit: int = 1000
    ) -> list[Entry]:
        """Read the ledger in the order (tick, priority, sequence)."""
        with self._inside("commands", name) as held:
            wanted = tuple(states)
            if unknown := [state for state in wanted if state not in STATES]:
                raise SpecError(f"no state {unknown[0]!r}; there are {', '.join(STATES)}")
            return queue.entries(held.world, held.ledger, wanted, limit)

    def command(self, name: str, command_id: str) -> Entry:
        """Read one command of the ledger."""
        with self._inside("commands", name) as held:
            return queue.as_committed(held.world, held.ledger.entry(command_id))

    def retry(self, name: str, command_id: str) -> Entry:
        """Queue a dead letter again, at the end of the queue."""
        with self._inside("retry", name) as held:
            entry = held.ledger.entry(command_id)
            if entry.state != "dead-letter":
                raise SpecError(
                    f"{command_id!r} is {entry.state}; only dead letters are queued again",
                    state=entry.state,
                )
            again = queue.put_again(held.world, held.ledger.commands(command_id))
            with self._worlds.book.whole():
                held.ledger.place(entry, again)
                held.ledger.move([entry], "queued", attempts=0)
            return held.ledger.entry(command_id)

    # time

    def step(self, name: str) -> Receipt:
        """Make one tick."""
        with self._inside("step", name) as held:
            return _tick(held, self._worlds)

    def run(self, name: str, ticks: int) -> list[Receipt]:
        """Make so many ticks; other calls may come between two of them."""
        with self._through("run", name) as call:
            if isinstance(ticks, bool) or not isinstance(ticks, int) or not 0 < ticks <= MOST_TICKS:
                raise SpecError(f"ticks is a number from 1 to {MOST_TICKS:,}, not {ticks!r}")
            held = self._held(call, name)
            call.charge(self._worlds.clock())
            receipts = []
            for _ in range(ticks):
                with held.lock:
                    receipts.append(_tick(held, self._worlds))
            return receipts

    def episode(self, name: str, until: Until = None, *, max_steps: int = 1000) -> Episode:
        """Make ticks until a rule holds (see `running.stopping`), `max_steps` at most."""
        with self._through("episode", name) as call:
            steps = checked_steps(max_steps, "max_steps")
            held = self._held(call, name)
            rules = rules_of(held.world, until)
            call.charge(self._worlds.clock())
            for step in range(1, min(steps, MOST_TICKS) + 1):
                with held.lock:
                    _tick(held, self._worlds)
                    over = next((rule for rule in rules if rule.holds(held.world)), None)
                if over is not None:
                    return Episode(step, held.world.tick, over.reason)
            return Episode(steps, held.world.tick, "max_steps")

    def rollout(
        self,
        name: str,
        forks: int,
        until: Until = None,
        *,
        seeds: Iterable[int] | None = None,
        max_steps: int = 1000,
        measure: Mapping[str, str] | None = None,
    ) -> Rollout:
        """Run branches with a seed each to their end and measure them; the world stays as it is."""
        with self._inside("rollout", name) as held:
            held.check_model()
            return held.world.rollout(
                forks, until, seeds=seeds, max_steps=max_steps, measure=measure
            )

    def watch(self, name: str, since: int, wait: float = 0.0) -> int:
        """Return the tick as soon as it is not `since`, at the latest after `wait` seconds."""
        look = self.watching(name)
        until = time.monotonic() + wait
        while look() == since and time.monotonic() < until:
            time.sleep(_GLANCE)
        return look()

    def watching(self, name: str) -> Callable[[], int]:
        """Pass the gate once, and give a function that tells the tick as often as it is asked."""
        with self._inside("watch", name) as held:
            world = held.world
            return lambda: world.tick

    # what worlds are made of

    def declare_component(self, name: str, component: object) -> None:
        """Make a component known to a world; it is stored with the next tick."""
        with self._inside("declare_component", name) as held:
            held.world.components.learn(component)

    def add_processor(self, name: str, processor: object) -> Processor:
        """Take a processor in, from the next tick on."""
        with self._inside("add_processor", name) as held:
            return held.world.add_processor(processor)

    def remove_processor(self, name: str, processor: str) -> None:
        """Take a processor out, from the next tick on."""
        with self._inside("remove_processor", name) as held:
            held.world.remove_processor(processor)

    def add_hook(self, name: str, moment: str, function: Callable[..., object]) -> None:
        """Call a function at a moment of every tick."""
        with self._inside("add_hook", name) as held:
            held.world.on(moment, function)

    def remove_hook(self, name: str, moment: str, function: Callable[..., object]) -> None:
        """Call it no more."""
        with self._inside("remove_hook", name) as held:
            held.world.off(moment, function)

    def set_resource(self, name: str, key: str, value: object) -> None:
        """Set a recorded resource; it is stored with the next tick."""
        with self._inside("set_resource", name) as held:
            held.world.resources[key] = value

    # the past

    def query(self, name: str, *components: object, **asked: Any) -> pa.Table:  # noqa: ANN401 - what `World.query` takes
        """Read rows as Arrow; takes what `World.query` takes."""
        with self._inside("query", name) as held:
            return held.world.query(*components, **asked)

    def sql(self, name: str, text: str) -> pa.Table:
        """Read rows in SQL."""
        with self._inside("sql", name) as held:
            return held.world.sql(text)

    def history(self, name: str, *, points: int = 400) -> dict[str, object]:
        """List at most so many ticks, evenly spread, with the population of every table."""
        with self._inside("history", name) as held:
            return view.history(held.world, points)

    def chart(self, name: str, expression: str, *, points: int = 400) -> dict[str, object]:
        """Give the value of an aggregate, as `avg(energy__value)`, for ticks evenly spread."""
        with self._inside("chart", name) as held:
            return view.chart(held.world, expression, points)

    def space(self, name: str, *, tick: int | None = None, colour: str = "") -> dict[str, object]:
        """Give where the entities stand at a tick."""
        with self._inside("space", name) as held:
            return picture(held.world, tick, colour)

    def fork(
        self, name: str, branch: str, *, at_tick: int | None = None, seed: int | None = None
    ) -> dict[str, object]:
        """Begin a branch at a tick; it is a world of its own under the name `branch`."""
        with self._through("fork", name) as call:
            held = self._held(call, name)
            self._worlds.shelf.check_name(branch)
            with held.lock:
                call.charge(self._worlds.clock())
                made = held.world.fork(at_tick, seed, branch)
                birth = made.birth
                row = WorldRow(
                    birth.world_id, branch, self._worlds.shelf.place_of(made), held.row.model,
                    self._worlds.clock(), None, held.row.world_id, made.tick,
                )  # fmt: skip
                adopted = self._worlds.adopt(row, made, complete=held.complete)
                adopted.ledger.inherit(held.row.world_id, [c.sequence for c in made.pending])
            return view.inspect(adopted)

    # who did what

    def audit(
        self, *, after: int = 0, limit: int = 1000, world: str | None = None
    ) -> list[AuditRow]:
        """Read the audit, oldest first."""
        with self._through("audit") as call:
            call.charge(self._worlds.clock())
            return self._worlds.gate.audit.rows(after=after, limit=limit, world=world)

    # the gate

    @contextmanager
    def _through(self, operation: str, name: str = "") -> Iterator[Call]:
        with self._worlds.gate.call(self.actor, operation, name) as call:
            yield call

    @contextmanager
    def _inside(self, operation: str, name: str) -> Iterator[Held]:
        """Pass the gate, charge, and hold the world."""
        with self._through(operation, name) as call:
            held = self._held(call, name)
            with held.lock:
                call.charge(self._worlds.clock())
                yield held

    def _held(self, call: Call, name: str) -> Held:
        writes = call.operation.writes or call.operation.is_command
        held = self._worlds.writable(name) if writes else self._worlds.held(name)
        call.about(held.row.world_id, held.world.tick)
        return held


def _tick(held: Held, worlds: Worlds) -> Receipt:
    """Make one tick and bring the ledger in line with how it ended."""
    held.check_model()
    world, ledger = held.world, held.ledger
    before = world.tick
    try:
        receipt = world.step()
    except Exception as error:
        with worlds.book.whole():
            if world.tick < before:
                queue.settle(world, ledger)
            queue.failed(world, ledger, error)
        raise
    with worlds.book.whole():
        queue.applied(world, ledger, receipt)
    return receipt


def _order(kind: str, entities: object, said: Mapping[str, object]) -> dict[str, object]:
    named = {} if entities is None else {"entities": entities}
    return {"kind": kind, **named, **said}
