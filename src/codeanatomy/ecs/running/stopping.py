"""A stopping rule: when a run is over before its last step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from codeanatomy.ecs import series
from codeanatomy.ecs.components import Component
from codeanatomy.ecs.errors import StoppingRuleError
from codeanatomy.ecs.expression import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.expression import Expression
    from codeanatomy.ecs.table import Table

Until: TypeAlias = "type | str | Callable[[Any], object] | Iterable[Until] | None"


class Rule(NamedTuple):
    """What ends a run, and its name in the result."""

    reason: str
    holds: Callable[[Core], bool]


def rules_of(world: Core, until: Until) -> tuple[Rule, ...]:
    """Read what may end a run: nothing, one rule or several, of which any ends it.

    A component (class or name): somebody has it. A bool field (`agent__done`): it is true for
    somebody. An expression: its value (`sum(fire__lit) = 0`) is true, or it is true for some row.
    A function of the world: it says true.
    """
    if until is None:
        return ()
    if isinstance(until, list | tuple | set | frozenset):
        return tuple(rule for one in until for rule in rules_of(world, one))
    if isinstance(until, str):
        return (_of_text(world, until),)
    if isinstance(until, Component) or hasattr(until, "__component__"):
        return (_of_component(world.components.learn(until).name),)
    if callable(until):
        function = until
        name = getattr(until, "__name__", type(until).__name__)
        return (Rule(name, lambda world: bool(function(world))),)
    raise StoppingRuleError(
        f"{until!r} is no stopping rule: give a component, a field, an expression or a function",
        until=repr(until),
    )


def checked_steps(steps: int, name: str) -> int:
    """Refuse a number of steps below one."""
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise StoppingRuleError(f"{name} is a number of steps from 1, not {steps!r}", steps=steps)
    return steps


def _of_text(world: Core, text: str) -> Rule:
    if text in world.components:
        return _of_component(text)
    expression = parse(text)
    for name in expression.columns - {"entity_id"}:
        world.components.column(name)
    if expression.aggregate:
        return Rule(text, lambda world: series.measure(world, expression) is True)
    needed = {name.partition("__")[0] for name in expression.columns - {"entity_id"}}

    def somewhere(world: Core) -> bool:
        tables = (table for found, table in world.tables.items() if needed <= set(found))
        return any(_somewhere(table, expression) for table in tables)

    return Rule(text, somewhere)


def _somewhere(table: Table, expression: Expression) -> bool:
    columns = {"entity_id": table.entity_id, **table.columns}
    return bool(expression.mask(columns, len(table)).any())


def _of_component(name: str) -> Rule:
    return Rule(name, lambda world: any(name in found for found in world.tables))
