"""The command `world history`: the ticks of a world, or its ledger of commands."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from codeanatomy.cli.options import AsJson  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import WORLD, asking
from codeanatomy.cli.world.options import HERE, Where, WorldName
from codeanatomy.cli.world.said import table, tell


def history(
    name: WorldName,
    /,
    *,
    points: Annotated[int, Parameter(help="How many ticks at most, evenly spread.")] = 20,
    commands: Annotated[bool, Parameter(help="The ledger of commands instead.")] = False,
    where: Where = HERE,
    json: AsJson = False,
) -> int:
    """List the ticks of a world with its populations, or the commands it was given."""
    with asking(where) as ask:
        if commands:
            found = ask.data("GET", WORLD + "/commands", {}, name=name)["commands"]
            tell(found, _ledger(found), json=json)
            return 0
        found = ask.data("GET", WORLD + "/history", {"points": points}, name=name)
    tell(found, _ticks(found), json=json)
    return 0


def _ticks(found: dict[str, Any]) -> str:
    series = found["series"]
    cells = [("tick", "entities", *(one["table"] for one in series))]
    for place, tick in enumerate(found["ticks"]):
        counts = (found["population"][place], *(one["rows"][place] for one in series))
        cells.append((f"{tick:,}", *(f"{count:,}" for count in counts)))
    return table(cells, (True,) * len(cells[0]))


def _ledger(found: list[dict[str, Any]]) -> str:
    cells = [("tick", "priority", "kind", "state", "actor", "command", "why")]
    for row in found:
        why = f"{row['code']}: {row['message']}" if row["code"] else ""
        place = (f"{row['tick']:,}", str(row["priority"]), row["kind"], row["state"])
        cells.append((*place, row["actor"], row["command_id"], why))
    return table(cells, (True, True, False, False, False, False, False))
