"""A measure: one value of a world as it stands, from an expression or a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from codeanatomy.ecs import series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.ecs.core import Core

Measure: TypeAlias = "str | Callable[[Any], object]"


def measured(world: Core, measures: Mapping[str, Measure]) -> dict[str, object]:
    """Give the value of every measure: text like `avg(energy__value)`, or a function of the world.

    An expression looks at the entities that have all the components it names. Raises
    `UnknownColumnError`, `UnknownComponentError` or `InvalidExpressionError`.
    """
    return {
        name: measure(world) if callable(measure) else series.measure(world, measure)
        for name, measure in measures.items()
    }


def default_measures() -> dict[str, Measure]:
    """Give what is measured when nothing is asked for: the number of the living."""
    return {"population": lambda world: world.population}
