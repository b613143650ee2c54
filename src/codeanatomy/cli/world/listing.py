"""The command `world list`: the worlds there are."""

from __future__ import annotations

from codeanatomy.cli.options import AsJson  # noqa: TC001 - cyclopts reads the annotations
from codeanatomy.cli.world.asking import asking
from codeanatomy.cli.world.options import HERE, Where
from codeanatomy.cli.world.said import table, tell


def list_(*, where: Where = HERE, json: AsJson = False) -> int:
    """List the worlds, with their models and where branches come from."""
    with asking(where) as ask:
        found = ask.data("GET", "/api/worlds", {})["worlds"]
    names = {row["id"]: row["name"] for row in found}
    cells = [("world", "model", "branch of", "at tick")]
    for row in found:
        parent = names.get(row["ancestor"], row["ancestor"] or "")
        at = "" if row["ancestor_tick"] is None else f"{row['ancestor_tick']:,}"
        cells.append((row["name"], row["model"], parent, at))
    text = table(cells, (False, False, False, True)) if found else "no worlds here yet"
    tell(found, text, json=json)
    return 0
