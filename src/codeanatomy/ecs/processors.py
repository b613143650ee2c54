"""A processor: a function from whole columns to new columns, with what it reads and writes."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from codeanatomy.ecs.errors import InvalidProcessorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Processor:
    """A call with its declaration; components are named by class or by name.

    Without `reads` and `writes` it visits every table and sees every column. With `archetypes`
    it is called once a tick with all their tables. It runs before those of higher `priority`,
    ties in the order of registration.
    """

    name: str
    call: Callable[..., Any]
    reads: tuple[object, ...] = ()
    writes: tuple[object, ...] = ()
    without: tuple[object, ...] = ()
    archetypes: tuple[tuple[object, ...], ...] | None = None
    priority: int = 0
    asynchronous: bool = False
    arguments: int = 2  # 1: columns, 2: columns and the visit

    def __call__(self, *args: object, **named: object) -> Any:  # noqa: ANN401 - what the function gives
        """Call the function itself, as in a test of it."""
        return self.call(*args, **named)


@overload
def processor(call: Callable[..., Any], /) -> Processor: ...
@overload
def processor(
    *,
    reads: Iterable[object] = (),
    writes: Iterable[object] = (),
    without: Iterable[object] = (),
    archetypes: Iterable[Iterable[object]] | None = None,
    priority: int = 0,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Processor]: ...


def processor(
    call: Callable[..., Any] | None = None,
    /,
    *,
    reads: Iterable[object] = (),
    writes: Iterable[object] = (),
    without: Iterable[object] = (),
    archetypes: Iterable[Iterable[object]] | None = None,
    priority: int = 0,
    name: str | None = None,
) -> Processor | Callable[[Callable[..., Any]], Processor]:
    """Declare a function `(columns, visit) -> mapping of columns` as a processor.

    `reads` and `writes` are components a table must have; what is returned must be columns of
    `writes`. `async def` functions are awaited, one task a table. Raises `InvalidProcessorError`.
    """

    def declare(function: Callable[..., Any]) -> Processor:
        return _declared(
            function, name, _many(reads), _many(writes), _many(without), archetypes, priority
        )

    return declare if call is None else declare(call)


def processor_of(found: object) -> Processor:
    """Give a processor from a declared one, a plain function, or an object with `__call__`.

    An object (or a class made without arguments) says `reads`, `writes`, `without`,
    `archetypes`, `priority` and `name` as attributes.
    """
    if isinstance(found, Processor):
        return found
    if isinstance(found, type):
        found = found()
    if not callable(found):
        raise InvalidProcessorError(
            f"{found!r} is no processor: it cannot be called", found=repr(found)
        )
    plain = getattr(found, "__name__", None)
    return _declared(
        found,
        getattr(found, "name", None) or plain or type(found).__name__,
        _many(getattr(found, "reads", ())),
        _many(getattr(found, "writes", ())),
        _many(getattr(found, "without", ())),
        getattr(found, "archetypes", None),
        getattr(found, "priority", 0),
    )


def _declared(
    call: Callable[..., Any],
    name: str | None,
    reads: tuple[object, ...],
    writes: tuple[object, ...],
    without: tuple[object, ...],
    archetypes: Iterable[Iterable[object]] | None,
    priority: int,
) -> Processor:
    known = name or getattr(call, "__name__", None) or type(call).__name__
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise InvalidProcessorError(
            f"the priority of {known} is a whole number, not {priority!r}", name=known
        )
    groups = None if archetypes is None else tuple(_many(group) for group in archetypes)
    if groups is not None and (reads or without):
        raise InvalidProcessorError(
            f"{known} names archetypes: it sees all their columns, so it names only what it writes",
            name=known,
        )
    own = call if inspect.isroutine(call) else type(call).__call__
    return Processor(
        known,
        call,
        reads,
        writes,
        without,
        groups,
        priority,
        inspect.iscoroutinefunction(own),
        _arguments(call, known),
    )


def _arguments(call: Callable[..., Any], name: str) -> int:
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        return 2
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return 2
    wanted = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    needed = [p for p in wanted if p.default is p.empty]
    if not wanted or len(needed) > 2:  # noqa: PLR2004 - columns and the visit
        raise InvalidProcessorError(
            f"{name} takes {len(wanted)} arguments; a processor takes columns, or columns and "
            "the visit",
            name=name,
        )
    return min(len(wanted), 2)


def _many(found: object) -> tuple[object, ...]:
    if isinstance(found, list | tuple | set | frozenset):
        return tuple(found)
    return (found,)
