"""The reference of worlds in Python: every public name with its signature."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

from docs._pages.writing import WRITTEN, code, public, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = {
    "codeanatomy.ecs": "Worlds, components, processors, and what they give.",
    "codeanatomy.ecs.space": "Where entities are and who is near whom. The functions over an "
    "`Occupancy` or `Surroundings` run inside compiled turns.",
    "codeanatomy.ecs.foreign": "Processors of compiled libraries, and of functions of Arrow rows.",
}
"""The packages whose `__all__` is promised, each with what it holds."""

MORE = (
    "codeanatomy.ecs.drift.Migration",
    "codeanatomy.ecs.history.Past",
    "codeanatomy.ecs.diff.Diff",
    "codeanatomy.ecs.replay.Replay",
    "codeanatomy.ecs.collector.Collector",
    "codeanatomy.ecs.chart.chart.Chart",
    "codeanatomy.ecs.live.Live",
    "codeanatomy.ecs.message.Messages",
    "codeanatomy.ecs.message.Inbox",
    "codeanatomy.ecs.buffer.CommandBuffer",
    "codeanatomy.ecs.receipt.ErrorRow",
    "codeanatomy.ecs.running.episodes.Episode",
    "codeanatomy.ecs.running.rollouts.Rollout",
    "codeanatomy.ecs.backend.base.Compacted",
    "codeanatomy.ecs.backend.base.Retained",
    "codeanatomy.ecs.runtime.runtime.ArchetypeRuntime",
    "codeanatomy.ecs.runtime.seat.Seat",
    "codeanatomy.ecs.runtime.model.Model",
    "codeanatomy.ecs.runtime.model.load",
)
"""What the public names give, are given, or are served by."""


def world_api_page() -> str:
    """Return the page: a heading for every name."""
    parts = ["# Worlds in Python", WRITTEN, "Every public name; one is told where it is met first."]
    told: set[str] = set()
    for room, sentence in ROOMS.items():
        parts += [f"# {room}", sentence]
        new = [name for name in names_of(room) if name not in told]
        parts += [_section(name, getattr(import_module(room), name)) for name in new]
        told.update(new)
    parts += ["# What these give", "Made by a world or a runtime, or loaded from its module."]
    parts += [_section(*_found(path)) for path in MORE if path.rpartition(".")[2] not in told]
    return "\n\n".join(parts) + "\n"


def world_names() -> list[str]:
    """Name everything public."""
    return [name for room in ROOMS for name in names_of(room)]


def names_of(room: str) -> list[str]:
    """Name what one package promises."""
    return sorted(import_module(room).__all__)


def _found(path: str) -> tuple[str, Any]:
    module, _, name = path.rpartition(".")
    return name, getattr(import_module(module), name)


def _section(name: str, thing: Any) -> str:  # noqa: ANN401 - a class or a function
    parts = [public(name, thing)]
    if inspect.isclass(thing):
        module = f"From `{thing.__module__}`." if _elsewhere(thing, name) else ""
        parts += [module, *(_member(name, key, value) for key, value in _inherited(thing))]
    return "\n\n".join(part for part in parts if part)


def _elsewhere(thing: type, name: str) -> bool:
    return not any(name in import_module(room).__all__ for room in ROOMS) and bool(thing.__module__)


def _inherited(thing: type) -> Iterator[tuple[str, Any]]:
    """Yield what a class has from our own classes below it, the nearest first."""
    seen = set(vars(thing))
    for base in thing.__mro__[1:]:
        if not base.__module__.startswith("codeanatomy.ecs"):
            continue
        for key, value in vars(base).items():
            if key not in seen and not key.startswith("_") and _is_told(value):
                seen.add(key)
                yield key, value


def _is_told(value: object) -> bool:
    return callable(value) or isinstance(value, property | classmethod | staticmethod)


def _member(owner: str, name: str, value: Any) -> str:  # noqa: ANN401 - what a class holds
    call = "" if isinstance(value, property) else signature(getattr(value, "__func__", value))
    told = f"### {owner}.{name}\n\n{code(f'{name}{call}')}"
    return f"{told}\n\n{inspect.getdoc(value) or ''}".rstrip()
