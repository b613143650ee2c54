"""Numbers handed out once and kept: a name gets the next free one of its series, for ever.

They lie in an append-only table that the manifest pins like any other, so that numbers given by a
build that was never published are forgotten, and given again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.kernel.schema import Column, Table
from codeanatomy.store.base import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from codeanatomy.store.base import Store

NUMBERS = Table(
    name="numbers",
    meaning="Every dense number the store has given to a name, in every series.",
    producer="numbers",
    key=("series", "scope", "name"),
    columns=(
        Column("series", "string", "Which count the number belongs to: file, global."),
        Column("scope", "string", "What the name is unique in: a repository, a kind."),
        Column("name", "string", "A path, or a qualified name."),
        Column("number", "int64", "Given once, counted from 1 in each series."),
    ),
)

Key = tuple[str, str]
"""(scope, name): a repository and a path, or a kind and a qualified name."""


def assign(known: pa.Table | None, series: str, keys: Iterable[Key]) -> pa.Table:
    """Return a row for each of `keys` that `known` lacks: the next numbers, in byte order.

    Pure: equal arguments give equal rows, in whatever order the keys come.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy: the declaration above is read without it

    given = numbers(known, series)
    new = sorted(set(keys) - given.keys(), key=_bytes)
    start = max(given.values(), default=0) + 1
    return pa.table(
        {
            "series": [series] * len(new),
            "scope": [scope for scope, _ in new],
            "name": [name for _, name in new],
            "number": range(start, start + len(new)),
        },
        schema=NUMBERS.arrow(),
    )


def numbers(known: pa.Table | None, series: str) -> dict[Key, int]:
    """Look up every number of one series by its key."""
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy: the declaration above is read without it

    if known is None:
        return {}
    rows = known.filter(pc.field("series") == series)
    keys = zip(rows["scope"].to_pylist(), rows["name"].to_pylist(), strict=True)
    return dict(zip(keys, rows["number"].to_pylist(), strict=True))


def known(store: Store, base: int | None) -> pa.Table | None:
    """Read the numbers pinned at version `base`; None where none were ever published."""
    if base is None or base == NOTHING:
        return None
    return store.scan(NUMBERS.name, as_of=base).read_all()


def hand_out(store: Store, new: pa.Table, base: int | None) -> int:
    """Append new rows to the numbers pinned at `base` (None: to none); return what to pin.

    The caller holds the store's lock from reading `known` to publishing the manifest.
    """
    if base is not None and not new.num_rows:
        return base
    return store.append(NUMBERS, new, base=NOTHING if base is None else base)


def _bytes(key: Key) -> tuple[bytes, bytes]:
    scope, name = key
    return scope.encode("utf-8", "surrogateescape"), name.encode("utf-8", "surrogateescape")
