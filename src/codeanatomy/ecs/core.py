"""The core of a world: its state, its queue of commands and the step; reading stands in `world`."""

from __future__ import annotations

import time
import uuid
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from codeanatomy.ecs.arrays import Pool
from codeanatomy.ecs.backend.base import Birth, restated
from codeanatomy.ecs.backend.migrated import migrated
from codeanatomy.ecs.backend.open import open_backend
from codeanatomy.ecs.buffer import CommandBuffer
from codeanatomy.ecs.command import Command
from codeanatomy.ecs.components import Components
from codeanatomy.ecs.door import Door
from codeanatomy.ecs.entity import IdCounter
from codeanatomy.ecs.errors import (
    CommitFailedError,
    FlushFailedError,
    InsideProcessorError,
    NoWorldError,
    TickFailedError,
    TooManyError,
    WorldClosedError,
    WorldExistsError,
)
from codeanatomy.ecs.hook import Hooks
from codeanatomy.ecs.orders import Orders
from codeanatomy.ecs.receipt import HookFailure, Receipt
from codeanatomy.ecs.resource import Resources
from codeanatomy.ecs.schedule import Schedule
from codeanatomy.ecs.table import NO_IDS
from codeanatomy.ecs.tick import make, record
from codeanatomy.ecs.work import Work
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.backend.base import Backend, TickRecord
    from codeanatomy.ecs.drift import Migration
    from codeanatomy.ecs.processors import Processor
    from codeanatomy.ecs.schedule import Conflict
    from codeanatomy.ecs.state import State
    from codeanatomy.ecs.table import Table
    from codeanatomy.ecs.tick import Made

_NOBODYS = -1  # the number of a record that is no command anybody gave


class Core(Orders):
    """A population that is ticked; one lock makes every public call whole.

    `World(uri)` begins a world at an empty address (nothing: in memory), `World.open(uri)` goes
    on with one. `max_entities` and `max_commands` (per processor and tick) bound endless growth.
    """

    def __init__(  # noqa: PLR0913 - a world names its facts
        self,
        uri: str | Path | None = None,
        *,
        components: Iterable[object] = (),
        processors: Iterable[object] = (),
        seed: int = 0,
        durability: str = "tick",
        name: str | None = None,
        max_entities: int = 10_000_000,
        max_commands: int = 100_000,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        backend = open_backend(uri, durability)
        if backend.birth is not None:
            backend.close()
            raise WorldExistsError(
                f"there is a world at {uri} already; World.open goes on with it", uri=str(uri)
            )
        declared = Components(components)
        world_id = uuid.uuid4().hex
        birth = Birth(world_id, uuid.uuid4().hex, name or f"world-{world_id[:8]}", int(seed))
        backend.create(birth, tuple(declared))
        self._begin(backend, declared, processors, max_entities, max_commands, clock)

    @classmethod
    def open(
        cls,
        uri: str | Path,
        *,
        components: Iterable[object] = (),
        processors: Iterable[object] = (),
        migrations: Iterable[Migration] = (),
        durability: str = "tick",
        max_entities: int = 10_000_000,
        max_commands: int = 100_000,
        clock: Callable[[], float] = time.perf_counter,
    ) -> Self:
        """Go on with the world at `uri` exactly where its last durable tick left it.

        Components that are stored with other fields are refused, or migrated by a rule.
        """
        backend = open_backend(uri, durability)
        if backend.birth is None:
            backend.close()
            raise NoWorldError(f"there is no world at {uri}; World(uri) begins one", uri=str(uri))
        components = tuple(components)
        try:
            backend = migrated(backend, components, migrations)
        except BaseException:
            backend.close()
            raise
        return cls.resume(
            backend,
            components=components,
            processors=processors,
            max_entities=max_entities,
            max_commands=max_commands,
            clock=clock,
        )

    @classmethod
    def resume(
        cls,
        backend: Backend,
        *,
        components: Iterable[object] = (),
        processors: Iterable[object] = (),
        max_entities: int = 10_000_000,
        max_commands: int = 100_000,
        clock: Callable[[], float] = time.perf_counter,
    ) -> Self:
        """Go on with the world that lives in a store; forks begin here too."""
        world = cls.__new__(cls)
        declared = Components(backend.components())
        for found in components:
            declared.learn(found)
        world._begin(  # noqa: SLF001 - its own making
            backend, declared, processors, max_entities, max_commands, clock
        )
        return world

    def _begin(
        self,
        backend: Backend,
        components: Components,
        processors: Iterable[object],
        max_entities: int,
        max_commands: int,
        clock: Callable[[], float],
    ) -> None:
        birth = backend.birth
        if birth is None:
            raise NoWorldError("nobody lives in this store yet")
        self.birth: Birth = birth
        self.backend = backend
        self.components = components
        self.external: dict[str, Any] = {}
        self._lock = Door()
        self._closed = False
        self._hooking = False
        self._hooks = Hooks()
        self._state = backend.last()
        self._kept = [_Kept.of(self._state)]  # from the durable tick on, for a failed flush
        self._since: list[Command] = []  # queued since the durable tick
        self._taking: list[Command] = []  # the commands of the tick that is being made
        self._sequence = self._state.sequence
        self._taken = self._state.tick  # the last tick whose commands were taken
        self._stored = len(backend.components())
        self.resources = Resources(self._state.resources, self._lock.refuse_processors)
        self.schedule = Schedule(components, processors)
        ids = IdCounter(self._state.next_id, self._state.reserved)
        self._work = Work(
            components,
            self.schedule,
            ids,
            self._number,
            lambda: self._sequence,
            self.resources,
            self.external,
            Pool(),
            birth.seed,
            clock,
            max_entities,
            max_commands,
        )
        self._queue = CommandBuffer(components, ids, self._number, now=self._next, view=self._view)
        self._wait_for(self._state.pending)

    # who and when

    @property
    def name(self) -> str:
        """The name people call the world by."""
        return self.birth.name

    @property
    def seed(self) -> int:
        """The seed of all its chance."""
        return self.birth.seed

    @property
    def tick(self) -> int:
        """The last tick that was made; 0 before the first."""
        return self._state.tick

    @property
    def durable_tick(self) -> int:
        """The last tick that a crash would leave."""
        return self.backend.durable_tick

    @property
    def state(self) -> State:
        """The state after the last tick: immutable tables, shared."""
        return self._state

    @property
    def tables(self) -> Mapping[Archetype, Table]:
        """The active rows after the last tick, by archetype."""
        return self._state.tables

    @property
    def pending(self) -> tuple[Command, ...]:
        """The commands that wait, in the order they will be applied."""
        return tuple(sorted(self._queue.commands, key=lambda command: command.order))

    @property
    def population(self) -> int:
        """The number of living entities."""
        return sum(len(table) for table in self._state.tables.values())

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Where only the order of registration decides between processors."""
        return self.schedule.conflicts

    @property
    def replayable(self) -> bool:
        """Whether recorded commands and resources are all its processors depend on."""
        return not self.external

    # processors and hooks

    def add_processor(self, found: object) -> Processor:
        """Take a processor in, from the next tick on."""
        with self._lock:
            self._ready()
            return self.schedule.add(found)

    def remove_processor(self, name: str) -> Processor:
        """Take a processor out, from the next tick on."""
        with self._lock:
            self._ready()
            return self.schedule.remove(name)

    def on(self, moment: str, function: Callable[..., object]) -> Callable[..., object]:
        """Call `function(world, tick)` at `pre_tick`, `function(world, receipt)` at `post_tick`."""
        with self._lock:
            self._ready()
            return self._hooks.add(moment, function)

    def off(self, moment: str, function: Callable[..., object]) -> None:
        """Call it no more."""
        with self._lock:
            self._hooks.drop(moment, function)

    # time

    def step(self) -> Receipt:
        """Make one tick and commit it. Raises `TickFailedError`; then nothing has changed."""
        with self._lock:
            self._ready()
            if self._hooking:
                raise InsideProcessorError("a hook cannot step its world: a tick is being made")
            started = self._work.clock()
            saved = self._saved()
            try:
                done, made = self._ticked(started)
            except BaseException:
                self._restore(saved)
                raise
            return self._told(done, made)

    def run(self, ticks: int) -> list[Receipt]:
        """Make so many ticks; raises `SpecError` for fewer than none."""
        if ticks < 0:
            raise SpecError(f"a world cannot run {ticks} ticks; 0 or more", ticks=ticks)
        return [self.step() for _ in range(ticks)]

    def flush(self) -> None:
        """Make every tick durable."""
        with self._lock:
            self._ready()
            self._guarded(self.backend.flush)
            self._forget_durable()

    def close(self) -> None:
        """Make every tick durable and give back what is held; twice is once."""
        with self._lock:
            if not self._closed:
                self._closed = True
                try:
                    self._keep_rest()
                finally:
                    self.backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"<World {self.name}: tick {self.tick}, {self.population} entities in "
            f"{len(self.tables)} tables>"
        )

    # one step, from inside

    def _ticked(self, started: float) -> tuple[TickRecord, Made]:
        """Make the next tick and commit it, or raise with nothing kept."""
        work = self._work
        tick = self._state.tick + 1
        due = sorted(
            (command for command in self._queue.commands if command.tick <= tick),
            key=lambda command: command.order,
        )
        if due:
            self._queue.commands = [c for c in self._queue.commands if c.tick > tick]
        self._taken, self._taking = tick, due
        self._pre_tick(tick)
        given = (*self._resources_given(tick), *self._ids_given(tick))
        work.timings = {"pre_tick": work.clock() - started}
        try:
            with self._lock.processors_run():
                made = make(self._state, due, work)
        except TooManyError as error:
            raise self._failed("apply", tick, error) from error
        self._queue.commands.extend(made.later)
        began = work.clock()
        new = tuple(self.components)[self._stored :]
        done = record(self._state, made, self._queue, work, new)
        if given:
            done = done._replace(commands=(*given, *done.commands))
        self._commit(done)
        work.timings["commit"] = work.clock() - began
        self._stored += len(new)
        self._state, self._taking = done.state, []
        return done, made

    def _resources_given(self, tick: int) -> tuple[Command, ...]:
        """Give what was set from outside since the last tick, as a command a replay can repeat."""
        now, then = self.resources.snapshot(), self._state.resources
        if now is then:
            return ()
        changed = {n: v for n, v in now.items() if n not in then or v is not then[n]}
        dropped = tuple(sorted(then.keys() - now.keys()))
        if not changed and not dropped:
            return ()
        return (Command("resource", tick, 0, _NOBODYS, NO_IDS, dropped, changed),)

    def _ids_given(self, tick: int) -> tuple[Command, ...]:
        """Give which ids were handed out from outside since the last tick, for a replay."""
        ids, first = self._work.ids, self._state.next_id
        if ids.next_id == first:
            return ()
        told = np.concatenate([[ids.next_id], ids.reserved[ids.reserved >= first]])
        return (Command("ids", tick, 0, _NOBODYS, told),)

    def _keep_rest(self) -> None:
        """Store what was ordered since the last tick with that tick, for who opens the world."""
        ids, state = self._work.ids, self._state
        pending = (*self._queue.commands, *self._resources_given(state.tick + 1))
        same = [c.sequence for c in pending] == [c.sequence for c in state.pending]
        if same and ids.next_id == state.next_id and len(ids.reserved) == len(state.reserved):
            return
        rest = replace(
            state,
            pending=pending,
            sequence=self._sequence,
            next_id=ids.next_id,
            reserved=ids.reserved,
        )
        self.backend.commit(restated(rest, tuple(self.components)[self._stored :]))

    def _told(self, done: TickRecord, made: Made) -> Receipt:
        """Write the receipt, fire the last hooks, and say what they raised."""
        receipt = Receipt(
            done.tick,
            self.backend.durable_tick >= done.tick,
            len(made.commands),
            len(made.applied.spawned),
            len(made.applied.despawned),
            made.applied.errors,
            MappingProxyType(dict(self._work.timings)),
        )
        failures = tuple(self._post_tick(receipt))
        self._remember(done)
        return replace(receipt, hook_failures=failures) if failures else receipt

    def _pre_tick(self, tick: int) -> None:
        with self._as_hook():
            for function in self._hooks.at("pre_tick"):
                try:
                    function(self, tick)
                except Exception as error:
                    raise self._failed("pre-tick", tick, error, hook=_name(function)) from error

    def _post_tick(self, receipt: Receipt) -> Iterator[HookFailure]:
        with self._as_hook():
            for function in self._hooks.at("post_tick"):
                try:
                    function(self, receipt)
                except Exception as error:  # noqa: BLE001 - the tick stays; the receipt tells
                    yield HookFailure(_name(function), f"{type(error).__name__}: {error}")

    @contextmanager
    def _as_hook(self) -> Iterator[None]:
        """Say that what is queued in here comes from a hook, and that nobody may step."""
        self._hooking, self._queue.source = True, "hook"
        try:
            yield
        finally:
            self._hooking, self._queue.source = False, ""

    def _commit(self, done: TickRecord) -> None:
        try:
            self._guarded(lambda: self.backend.commit(done))
        except FlushFailedError:
            raise
        except Exception as error:
            tables = [change.archetype for change in done.tables]
            raise CommitFailedError(
                f"tick {done.tick} could not be stored: {error}",
                phase="commit",
                tick=done.tick,
                tables=tables,
            ) from error

    def _failed(self, phase: str, tick: int, error: Exception, **facts: object) -> TickFailedError:
        return TickFailedError(
            f"tick {tick} failed in {phase}: {type(error).__name__}: {error}",
            phase=phase,
            tick=tick,
            tables=[],
            **facts,
        )

    # safety

    def _ready(self) -> CommandBuffer:
        """Give the queue, unless the world is closed or lost a flush."""
        if self._closed:
            raise WorldClosedError(f"the world {self.name} is closed", name=self.name)
        self._guarded(self.backend.check)
        return self._queue

    def _view(self) -> Iterable[Table]:
        return [table for _, table in sorted(self._state.tables.items())]

    def _number(self) -> int:
        number = self._sequence
        self._sequence += 1
        return number

    def _next(self) -> int:
        """Give the earliest tick a command may be for."""
        return max(self._state.tick, self._taken) + 1

    def _saved(self) -> tuple[object, ...]:
        ids = self._work.ids
        return (
            list(self._queue.commands),
            ids.next_id,
            ids.reserved,
            self._sequence,
            self.resources.snapshot(),
            self._state,
        )

    def _restore(self, saved: tuple[Any, ...]) -> None:
        """Put everything back as it was before a step that failed."""
        self._taking = []
        if saved[-1] is not self._state:
            return  # a flush failed: the world is further back already
        ids = self._work.ids
        self._queue.commands, ids.next_id, ids.reserved, self._sequence = saved[:4]
        ids.give_back(self._state.tick)
        self.resources.restore(saved[4])
        self._taken = self._state.tick

    def _guarded(self, call: Callable[[], object]) -> None:
        """Call the store; when a deferred flush failed, go back to the durable tick first."""
        try:
            call()
        except FlushFailedError:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        """Go back to the durable tick, with every command that was queued since."""
        state = self.backend.last()
        kept = next((k for k in self._kept if k.tick == state.tick), _Kept.of(state))
        waiting = (*self._taking, *self._queue.commands)
        queued = [*self._since, *(c for c in waiting if not c.source)]
        again = {c.sequence: c for c in queued if c.sequence >= kept.sequence}
        self.resources.restore(state.resources)
        self._wait_for((*kept.pending, *again.values()))
        self._state = replace(state, pending=kept.pending)
        self._work.ids.give_back(state.tick)
        self._taken = state.tick
        self._stored = len(self.backend.components())
        self._kept, self._since = [kept], []

    def _wait_for(self, commands: Iterable[Command]) -> None:
        """Queue what waits; what was set from outside before closing is set again at once."""
        self._queue.commands = [c for c in commands if c.kind != "resource"]
        for command in commands:
            if command.kind == "resource":
                self.resources.repeat(command)

    def _remember(self, done: TickRecord) -> None:
        """Keep what a failed flush would need, from the durable tick on."""
        pending = tuple(self._queue.commands)
        told = {"resource", "ids"}
        self._since.extend(c for c in done.commands if not c.source and c.kind not in told)
        self._kept.append(_Kept(done.tick, self._sequence, pending))
        self._forget_durable()

    def _forget_durable(self) -> None:
        durable = self.backend.durable_tick
        self._work.ids.settle(durable)
        if durable >= self._state.tick:
            self._kept, self._since = self._kept[-1:], []
        elif self._kept[0].tick < durable:
            self._kept = [kept for kept in self._kept if kept.tick >= durable]


class _Kept(NamedTuple):
    """What a tick left waiting, its last hooks included."""

    tick: int
    sequence: int
    pending: tuple[Command, ...]

    @classmethod
    def of(cls, state: State) -> _Kept:
        return cls(state.tick, state.sequence, state.pending)


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", None) or type(function).__name__
