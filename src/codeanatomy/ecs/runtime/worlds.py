"""The worlds of one storage address: created, opened when asked for, destroyed, closed."""

from __future__ import annotations

import time
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Self

from codeanatomy.ecs.errors import WorldMovedError
from codeanatomy.ecs.runtime.audit import Audit
from codeanatomy.ecs.runtime.book import Book
from codeanatomy.ecs.runtime.errors import ModelNeededError
from codeanatomy.ecs.runtime.gate import Gate
from codeanatomy.ecs.runtime.ledger import Ledger
from codeanatomy.ecs.runtime.queue import claim, moved, note_applied, settle
from codeanatomy.ecs.runtime.quota import Charges, Quotas
from codeanatomy.ecs.runtime.shelf import Shelf, WorldRow
from codeanatomy.ecs.world import World
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from codeanatomy.ecs.runtime.model import Model

_STORED = ("log", "parquet", "delta")


class Held:
    """A world that is open: its row, its ledger, and the lock that makes each call whole."""

    def __init__(
        self, row: WorldRow, world: World, ledger: Ledger, *, complete: bool, claimed: bool
    ) -> None:
        self.row = row
        self.world = world
        self.ledger = ledger
        self.lock = RLock()
        self._claimed = claimed
        self.complete = complete

    def claim(self) -> None:
        """Become the one who writes this world, before the first change; then settle its ledger.

        Raises `StoreBusyError` while another process writes it, `WorldMovedError` if one has.
        """
        with self.lock:
            if not self._claimed:
                claim(self.world)
                settle(self.world, self.ledger)
                self._claimed = True

    @property
    def is_behind(self) -> bool:
        """Whether another process has written the world since this one opened it."""
        return not self._claimed and moved(self.world)

    def check_model(self) -> None:
        """Refuse to make ticks without the processors the world was made with."""
        if not self.complete:
            raise ModelNeededError(
                f"the world {self.row.name} was made with the model {self.row.model!r}, which is "
                "not here: name its file (--model), or its ticks would lack its processors",
                model=self.row.model,
            )


class Worlds:
    """Named worlds at `uri` (a folder, `log:FOLDER`, `memory:` ...), with ledger and audit.

    `models` are what worlds can be made of by name; `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        uri: str | Path | None = None,
        *,
        models: Iterable[Model] = (),
        quotas: Quotas | None = None,
        durability: str = "tick",
        clock: Callable[[], float] = time.time,
    ) -> None:
        scheme, root = _parts(uri)
        self.models = {model.name: model for model in models}
        self.book = Book(root)
        self.shelf = Shelf(uri, self.book, scheme, root)
        self.gate = Gate(Charges(self.book, quotas or Quotas()), Audit(self.book), clock)
        self.clock = clock
        self._durability = durability
        self._held: dict[str, Held] = {}
        self._lock = RLock()

    def held(self, name: str) -> Held:
        """Give an open world, opening it when it is asked for first."""
        with self._lock:
            row = self.shelf.row(name)
            found = self._held.get(row.world_id)
            if found is not None and found.is_behind:
                self._forget(found)
                found = None
            return found if found is not None else self._open(row)

    def writable(self, name: str) -> Held:
        """Give an open world that this process may change; one that moved on is opened anew."""
        with self._lock:
            held = self.held(name)
            try:
                held.claim()
            except WorldMovedError:
                self._forget(held)
                held = self.held(name)
                held.claim()
            return held

    def create(
        self,
        name: str,
        *,
        model: Model | None = None,
        components: Iterable[object] = (),
        processors: Iterable[object] = (),
        seed: int = 0,
        durability: str | None = None,
    ) -> Held:
        """Begin a world; it is on disk when this returns."""
        with self._lock:
            self.shelf.check_name(name)
            parts = ((), ()) if model is None else (model.components, model.processors)
            place = f"worlds/{name}-{len(self.shelf.living()) + len(self.shelf.destroyed()) + 1}"
            world = World(
                self.shelf.address(place),
                components=(*parts[0], *components),
                processors=(*parts[1], *processors),
                seed=seed,
                name=name,
                durability=durability or self._durability,
            )
            for key, value in () if model is None else model.resources:
                world.resources[key] = value
            row = WorldRow(
                world.birth.world_id, name, place, "" if model is None else model.name,
                self.clock(), None, None, None,
            )  # fmt: skip
            return self.adopt(row, world)

    def adopt(self, row: WorldRow, world: World, *, complete: bool = True) -> Held:
        """Put a world on the shelf and keep it open."""
        with self._lock:
            world.flush()
            self.shelf.add(row)
            held = Held(
                row, world, Ledger(self.book, row.world_id), complete=complete, claimed=True
            )
            self._held[row.world_id] = held
            return held

    def let_go(self, row: WorldRow) -> None:
        """Destroy a world: out of reach, its rows kept."""
        with self._lock:
            self.shelf.destroy(row, self.clock())
            held = self._held.get(row.world_id)
            if held is not None and self.book.path is not None:
                del self._held[row.world_id]
                held.world.close()

    def close(self) -> None:
        """Close every world and the book; twice is once."""
        with self._lock:
            for held in self._held.values():
                held.world.close()
            self._held.clear()
            self.book.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _forget(self, held: Held) -> None:
        with held.lock:
            del self._held[held.row.world_id]
            held.world.close()

    def _open(self, row: WorldRow) -> Held:
        model = self.models.get(row.model)
        world = World.open(
            self.shelf.address(row.place),
            components=() if model is None else model.components,
            processors=() if model is None else model.processors,
            durability=self._durability,
        )
        ledger = Ledger(self.book, row.world_id)
        note_applied(world, ledger)
        complete = not row.model or model is not None
        held = Held(row, world, ledger, complete=complete, claimed=False)
        self._held[row.world_id] = held
        return held


def _parts(uri: str | Path | None) -> tuple[str, Path | None]:
    """Give the scheme and the folder of a storage address; no folder for memory."""
    text = "memory:" if uri is None else str(uri)
    scheme, colon, rest = text.partition(":")
    if colon and scheme == "memory":
        return scheme, None
    if not colon or scheme not in _STORED:
        scheme, rest = ("log", text) if not colon or len(scheme) == 1 else (scheme, rest)
    if scheme not in _STORED or not rest or "://" in text or "?" in rest:
        raise SpecError(
            f"{text!r} is no storage address of a runtime; write a folder, log:FOLDER, "
            "parquet:FOLDER, delta:FOLDER or memory:",
            uri=text,
        )
    return scheme, Path(rest).expanduser().absolute()
