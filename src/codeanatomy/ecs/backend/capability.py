"""What the fields of `Capabilities` mean to somebody who chooses a store."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "durable": "ticks survive the process",
        "deferred": "durability settings other than each tick",
        "constant_read": "reading one tick costs the same however long the history is",
        "shared_forks": "a fork copies no rows",
        "retention": "old ticks can be given up",
        "sealing": "old ticks can be sealed into Parquet",
        "remote": "any fsspec address is a place",
        "migration": "components may change their fields by a rule",
    }
)
"""Field to meaning, in the words of a table of stores."""
