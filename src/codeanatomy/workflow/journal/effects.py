"""Effects: calls that change the world, recorded so that none is repeated when a run goes on.

An effect has a key, `run/line/step/number`, the same in every attempt at the step. A recorded one
is not called again: its result is given. One that happened but could not be recorded is called
again with the same key, and `idempotency_key()` tells it, so that the other side can recognise it.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter, time
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from urllib.parse import quote

from codeanatomy.workflow.errors import EffectMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.workflow.secrecy import Secrets

T = TypeVar("T")


def effect(key: str, fn: Callable[[], T]) -> T:
    """Call `fn` once for this key in the step that is running; after that give its result.

    Outside a journaled run, `fn` is called. Keys tell the effects of one step apart: the same key
    again in the same step is the same effect.
    """
    scope = current_step.get()
    return fn() if scope is None else scope.run(key, key, fn, None)


def perform(name: str, call: Callable[[], T], *, digest: bytes | None = None) -> T:
    """Make a call whose key is its place among the calls of the step; `name` says what it is."""
    scope = current_step.get()
    return call() if scope is None else scope.run(scope.next(), name, call, digest)


def idempotency_key() -> str | None:
    """Return the key of the effect that is being performed; None outside of one."""
    return _performing.get()


def step_key(run_id: str, path: str, ordinal: int, node: str) -> str:
    """Return the key of a step: the same in every attempt, and fit for a header."""
    where = quote(path, safe="/") if path else "main"
    plain = node.isascii() and node.isidentifier()
    return f"{run_id}/{where}/{ordinal}.{node if plain else quote(node, safe='')}"


def effect_key(step: str, item: str) -> str:
    """Return the key of an effect by its place in the step."""
    return f"{step}/{quote(item, safe='/[]')}"


def recorded_effect(row: tuple[Any, ...], secrets: Secrets | None) -> Recorded:
    """Make an effect of its row, with its secrets in their places where they are known."""
    from codeanatomy.workflow.state import decode_value  # noqa: PLC0415 - not for runs without a journal

    _, name, attempt, of, status, result = row
    value = None if result is None else decode_value(bytes(result), secrets)
    return Recorded(name, attempt, of, status, value)


class Record(Protocol):
    """Where effects of a step are kept."""

    def recorded(self) -> dict[str, Recorded]:
        """Return the effects of the step that are there, by their place in it."""

    def keep(self, item: str, made: Recorded, started: float, seconds: float) -> None:
        """Write one; when this returns it survives the process."""

    def missing(self, item: str, name: str, seen: Recorded | None) -> None:
        """Hear that an effect is about to be performed; a replay raises here."""


class Recorded:
    """An effect that was performed: its name, and its result or what went wrong."""

    __slots__ = ("attempt", "digest", "error", "name", "result", "status")

    def __init__(
        self,
        name: str,
        attempt: int,
        digest: bytes | None,
        status: str,
        result: Any = None,  # noqa: ANN401 - any value a state may hold
        error: str | None = None,
    ) -> None:
        self.name, self.attempt, self.digest = name, attempt, digest
        self.status, self.result, self.error = status, result, error


class StepScope:
    """The step that is running in this context, and what was recorded of it."""

    __slots__ = ("_count", "_lock", "_prefix", "_record", "_seen", "attempt", "key")

    def __init__(self, record: Record, key: str, attempt: int, prefix: str = "") -> None:
        self._record = record
        self._seen: dict[str, Recorded] | None = None
        self._lock = threading.Lock()
        self._count = 0
        self._prefix = prefix
        self.key = key
        self.attempt = attempt

    def child(self, name: str) -> StepScope:
        """Return a scope that counts for itself: `[3]` for the fourth item of a fan-out."""
        prefix = f"{self._prefix}/{name}" if self._prefix else name
        return StepScope(self._record, self.key, self.attempt, prefix)

    @contextmanager
    def here(self) -> Iterator[StepScope]:
        """Make this the step that is running, in this context."""
        token = current_step.set(self)
        try:
            yield self
        finally:
            current_step.reset(token)

    def next(self) -> str:
        """Return the place of the next unnamed effect."""
        with self._lock:
            self._count += 1
            return str(self._count)

    def run(self, item: str, name: str, call: Callable[[], T], digest: bytes | None) -> T:
        """Perform an effect, or give what it gave before."""
        place = f"{self._prefix}/{item}" if self._prefix else item
        with self._lock:
            if self._seen is None:
                self._seen = self._record.recorded()
            seen = self._seen.get(place)
        if seen is not None and seen.name != name:
            self._record.missing(place, name, seen)
            raise EffectMismatchError(
                f"step {self.key} performs {name!r} where {seen.name!r} is recorded: the code of "
                "the step is not what it was; fork the run from the step before",
                place=place,
                key=f"{self.key}/{place}",
                recorded=seen.name,
                found=name,
            )
        if seen is not None and seen.status == DONE:
            return seen.result  # type: ignore[no-any-return] # what the same call gave
        if seen is not None and seen.status == AWAITED:
            return _given(seen.result)  # type: ignore[return-value] # the call gave an awaitable
        self._record.missing(place, name, seen)
        return self._call(place, name, call, digest, 1 if seen is None else seen.attempt + 1)

    def _call(
        self, place: str, name: str, call: Callable[[], T], digest: bytes | None, attempt: int
    ) -> T:
        made = Recorded(name, attempt, digest, DONE)
        with self._kept(place, made):
            made.result = call()
            if not hasattr(made.result, "__await__"):
                return made.result  # type: ignore[no-any-return] # what `call` gave
            made.status = STARTED
        return self._finish(place, made)  # type: ignore[return-value] # `call` gave an awaitable

    async def _finish(self, place: str, made: Recorded) -> Any:  # noqa: ANN401 - what is awaited
        awaitable, made.status = made.result, AWAITED
        with self._kept(place, made):
            made.result = await awaitable
        return made.result

    @contextmanager
    def _kept(self, place: str, made: Recorded) -> Iterator[None]:
        """Tell the call its key, and record how it ended."""
        key = _performing.set(effect_key(self.key, place))
        scope = current_step.set(StepScope(self._record, self.key, self.attempt, place))
        started, clock = time(), perf_counter()
        try:
            yield
        except BaseException as error:
            made.status, made.result, made.error = FAILED, None, f"{type(error).__name__}: {error}"
            self._keep(place, made, started, perf_counter() - clock)
            raise
        finally:
            current_step.reset(scope)
            _performing.reset(key)
        if made.status != STARTED:
            self._keep(place, made, started, perf_counter() - clock)

    def _keep(self, place: str, made: Recorded, started: float, seconds: float) -> None:
        self._record.keep(place, made, started, seconds)
        with self._lock:
            if self._seen is not None:
                self._seen[place] = made


async def _given(result: object) -> object:
    return result


STARTED: Final = "started"
DONE: Final = "done"
AWAITED: Final = "awaited"
FAILED: Final = "failed"
current_step: ContextVar[StepScope | None] = ContextVar("current_step", default=None)
_performing: ContextVar[str | None] = ContextVar("performing", default=None)
