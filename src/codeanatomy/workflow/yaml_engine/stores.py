"""The stores an agent works with: memories, files, vectors, sessions; opened when first used."""

# ruff: noqa: ANN401 - stores are of any type that offers what actions call

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOG = logging.getLogger("the_edge_agent.yaml_engine")


class Cell:
    """A store, or how to open it; several files may hold the same cell."""

    def __init__(self, what: str, make: Callable[[], Any] | None = None, value: Any = None) -> None:
        self._what = what
        self._make = make
        self._value = value
        self._lock = threading.Lock()

    def get(self) -> Any:
        """Return the store, opened at the first call; a failure is a warning, and None."""
        if self._make is not None:
            with self._lock:
                make, self._make = self._make, None
                if make is not None:
                    self._value = attempted(self._what, make)
        return self._value

    @property
    def opened(self) -> Any:
        """The store if it is open."""
        return self._value


class Store:
    """An attribute that stands for the store in the cell of its name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, stores: Stores | None, owner: type) -> Any:
        if stores is None:
            return self
        cell = stores.cells.get(self._name)
        return None if cell is None else cell.get()

    def __set__(self, stores: Stores, value: Any) -> None:
        stores.cells[self._name] = Cell(self._name, value=value)


class Stores:
    """What actions read from and write to; None where there is none."""

    memory_backend = Store()
    ltm_backend = Store()
    graph_backend = Store()
    metadata_store = Store()
    blob_storage = Store()
    query_engine = Store()
    vector_index = Store()
    embedding_fn = Store()
    secrets_backend = Store()
    session_backend = Store()

    def __init__(self, cells: dict[str, Cell] | None = None) -> None:
        self.cells = dict(cells or {})

    def give(
        self,
        name: str,
        value: Any,
        make: Callable[[], Any] | None = None,
        *,
        enabled: bool = True,
    ) -> None:
        """Set a store to what was given, else to what `make` opens, unless it is switched off."""
        if enabled:
            self.cells[name] = Cell(name, make if value is None else None, value)

    def later(self, name: str, make: Callable[[], Any]) -> None:
        """Let a store be opened when it is first used."""
        self.cells[name] = Cell(name, make)

    def opened(self) -> Iterator[Any]:
        """Give every store that is open."""
        for cell in self.cells.values():
            if cell.opened is not None:
                yield cell.opened


def attempted(what: str, make: Callable[[], Any]) -> Any:
    """Open something; a failure is told as a warning, and the file does without it."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - the format promises that only a warning is given
        _LOG.warning("Failed to set up %s: %s", what, error)
        return None
