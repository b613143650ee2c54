"""The command `world inspect`: what a world is."""

from __future__ import annotations

from typing import Any

from codeanatomy.cli.options import AsJson  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Models, Where, WorldName
from codeanatomy.cli.world.said import table, tell


def inspect(
    name: WorldName, /, *, model: Models = (), where: Where = HERE, json: AsJson = False
) -> int:
    """Show a world: its ticks, tables, components, processors, resources and commands."""
    with asking(where, model) as ask:
        found = ask.data("GET", WORLD, {}, name=name)
    tell(found, _text(found), json=json)
    return 0


def _text(found: dict[str, Any]) -> str:
    ticks = f"{found['tick']:,} ({found['durable_tick']:,} durable, from {found['first_tick']:,})"
    commands = ", ".join(f"{n} {state}" for state, n in found["commands"].items() if n)
    facts: list[tuple[str, ...]] = [
        ("world", found["name"]),
        ("id", found["id"]),
        ("tick", ticks),
        ("seed", str(found["seed"])),
        ("model", found["model"] or "(none)"),
        ("processors", ", ".join(found["processors"]) or "(none here)"),
        ("commands", commands or "(none)"),
        *((f"resource {key}", str(value)) for key, value in found["resources"].items()),
        *((f"component {one['name']}", _fields(one)) for one in found["components"]),
    ]
    rows: list[tuple[str, ...]] = [("table", "entities")]
    rows += [(one["table"], f"{one['rows']:,}") for one in found["tables"]]
    rows.append(("all", f"{found['population']:,}"))
    wide = max(len(fact[0]) for fact in facts)
    told = "\n".join(f"{key:<{wide}}  {value}" for key, value in facts)
    return f"{told}\n\n{table(rows, (False, True))}"


def _fields(component: dict[str, Any]) -> str:
    return ", ".join(f"{one['field']}: {one['type']}" for one in component["fields"]) or "a tag"
