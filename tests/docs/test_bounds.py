"""The bounds that a page tells of are those of the code."""

from __future__ import annotations

import re

from codeanatomy.cpg.resolve import (
    binding,
    calls,
    classes,
    finder,
    holdings,
    modules,
    resolver,
    solver,
    texts,
    types,
    waves,
)
from tests.house.source import ROOT

PAGE = ROOT / "docs" / "explanation" / "what-it-does-not-know.md"


def sized(bounds: dict[bool, int]) -> str:
    """Write a bound that depends on whether the program is small."""
    return f"{bounds[True]} in a small program, {bounds[False]} in others"


def test_every_bound_is_as_the_page_says() -> None:
    """In the order of the table; what is small stands before it."""
    section = PAGE.read_text("utf-8").partition("\n## Bounds\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]+ \|$", section, re.MULTILINE)
    assert f"at most {resolver.SMALL:,} steps" in section
    assert f"after {solver.LONG:,} values carried" in section
    assert rows[1:] == [
        sized(waves.MOST_VALUES),
        sized(waves.MOST_OWN),
        str(solver.MOST_CONSTANTS),
        str(texts.LONGEST),
        str(binding.FAR),
        sized(resolver.CONTEXTS),
        sized(resolver.PLACES),
        str(classes.MOST_BASES),
        str(calls.DEEPEST),
        str(types.DEEP),
        str(holdings.MOST),
        f"{modules.MOST_OUTSIDE:,}",
        f"{finder.MOST_BYTES:,}",
        f"{solver.MOST_WORK:,}",
    ]
